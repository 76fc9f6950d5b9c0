"""The word `provision`: where objects go, and what is still missing."""

from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from harness.emulated.apiserver import ApiServer
from harness.emulated.kube.client import Client
from harness.emulated.seed import steady
from harness.errors import UsageError
from harness.kube.client import open_cluster
from harness.lab.manifests import Manifest
from harness.steps import provision
from tests.checks.history import Story

CAPI = "cluster.x-k8s.io"


def manifest(kind: str, name: str, group: str = CAPI, version: str = "v1beta2", **spec: Any) -> Manifest:
    return Manifest(group, version, kind, "metal3", name, {"spec": spec})


async def test_an_object_goes_where_its_own_version_is_served_and_an_unknown_kind_is_refused(tmp_path):
    server = ApiServer("test")
    await server.start()
    try:
        async with Client(server.url, server.token) as client:
            await steady.install(client, ("metal3",))
        (tmp_path / "kubeconfig").write_text(yaml.safe_dump(server.kubeconfig()))
        async with open_cluster(tmp_path / "kubeconfig") as cluster:
            bench: Any = SimpleNamespace(clusters={"source": cluster})
            paths = [
                await provision.path_of(bench, "source", each)
                for each in (
                    manifest("Machine", "a"),
                    manifest("Machine", "a", version="v1beta1"),
                    manifest("Secret", "s", "", "v1"),
                )
            ]
            with pytest.raises(UsageError, match=r"the source serves no Talos of example\.org"):
                await provision.path_of(bench, "source", manifest("Talos", "t", "example.org"))
    finally:
        await server.stop()

    assert paths == [
        "/apis/cluster.x-k8s.io/v1beta2/namespaces/metal3/machines/a",
        "/apis/cluster.x-k8s.io/v1beta1/namespaces/metal3/machines/a",
        "/api/v1/namespaces/metal3/secrets/s",
    ]


WANTED = (
    manifest("BareMetalHost", "node-1", "metal3.io", "v1alpha1"),
    manifest("Cluster", "lab"),
    manifest("MachineDeployment", "md", replicas=1),
)


def grown(*, host: dict[str, Any] | None = None, initialized: str = "True", phase: str = "Running", machines: int = 1) -> Story:
    story = Story()
    story.host(change="added", **(host or {}))
    said = [{"type": "ControlPlaneInitialized", "status": initialized}]
    story.object("source", "Cluster", "lab", {"status": {"conditions": said}}, "added")
    for number in range(machines):
        story.object("source", "Machine", f"md-{number}", {"status": {"phase": phase}}, "added")
    return story


def lacking(story: Story) -> list[str]:
    return list(provision.lacking(story.world(), "source", WANTED))


def test_nothing_is_missing_where_all_is_there():
    assert lacking(grown()) == []
    assert lacking(grown(host={"claimed": False})) == []


@pytest.mark.parametrize(
    ("story", "says"),
    [
        (grown(host={"provisioning": {"state": "inspecting"}}), "host node-1 is `inspecting`"),
        (grown(host={"provisioning": {"state": "available"}}), "host node-1 is `available`"),
        (grown(host={"poweredOn": False}), "host node-1 is `provisioned`, and its power is not as its spec wants it"),
        (grown(host={"operationalStatus": "error"}), "host node-1 is `provisioned`, in trouble: error"),
        (grown(initialized="False"), "Cluster lab has no control plane yet"),
        (grown(phase="Provisioning"), "Machine md-0 is Provisioning"),
        (grown(phase=""), "Machine md-0 is without a phase"),
        (grown(machines=0), "there are 0 of 1 Machines"),
    ],
)
def test_what_is_missing_is_told(story, says):
    assert lacking(story) == [says]


def test_before_anything_was_seen_everything_is_missing():
    assert lacking(Story()) == [
        "host node-1 is without status",
        "Cluster lab has no control plane yet",
        "there are 0 of 1 Machines",
    ]
