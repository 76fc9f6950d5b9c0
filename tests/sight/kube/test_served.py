"""Two clusters are read in one version of an API: the newest that both serve."""

from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from harness.kube.client import open_cluster
from harness.kube.discovery import newest_first
from harness.sight.kube.kinds import Kind
from harness.sight.kube.served import CommonVersions, ServedKinds
from tests.sight.kube.server import CLUSTERS, SECRETS, KubeServer, always, kubeconfig, well

CLUSTER = Kind("Cluster", "cluster.x-k8s.io")


def serving(*versions):
    """The Cluster in these versions, the preferred one first in the server's own order."""
    return [CLUSTERS._replace(version=version) for version in versions] + [SECRETS]


@asynccontextmanager
async def clusters(tmp_path, **served):
    """Both clusters with what they serve; and what is read of each, by its name."""
    servers = {name: KubeServer(own, lambda: 0.0) for name, own in served.items()}
    async with AsyncExitStack() as stack:
        opened = {}
        for name, server in servers.items():
            (tmp_path / name).mkdir()
            await stack.enter_async_context(server.running())
            opened[name] = await stack.enter_async_context(open_cluster(kubeconfig(tmp_path / name, server.url), name=name))
        versions = CommonVersions({name: ServedKinds(cluster, lambda: 0.0, -1.0) for name, cluster in opened.items()})

        async def read(name, kind=CLUSTER):
            found, _ = await versions.find(name, kind)
            return found.version if found else None

        yield servers, read


@pytest.mark.parametrize(
    ("source", "target", "both"),
    [
        (("v1beta1",), ("v1beta1", "v1beta2"), ("v1beta1", "v1beta1")),
        (("v1beta1", "v1beta2"), ("v1beta1", "v1beta2"), ("v1beta2", "v1beta2")),
        (("v1alpha4", "v1beta1", "v1beta2"), ("v1alpha4", "v1beta1"), ("v1beta1", "v1beta1")),
        (("v1beta2", "v1"), ("v1beta1", "v1beta2"), ("v1beta2", "v1beta2")),
        (("v1beta1",), ("v1beta2",), ("v1beta1", "v1beta2")),
        ((), ("v1beta1", "v1beta2"), (None, "v1beta1")),
    ],
)
async def test_both_are_read_in_the_newest_version_that_both_serve(tmp_path, source, target, both):
    async with clusters(tmp_path, source=serving(*source), target=serving(*target)) as (_, read):
        assert (await read("source"), await read("target")) == both


async def test_who_comes_later_follows_what_the_other_is_read_in(tmp_path):
    async with clusters(tmp_path, source=serving("v1beta1", "v1beta2"), target=serving()) as (servers, read):
        assert (await read("source"), await read("target")) == ("v1beta1", None)
        servers["target"].served = serving("v1beta1", "v1beta2")
        assert await read("target") == "v1beta1"


async def test_a_cluster_that_does_not_tell_blinds_no_other(tmp_path):
    async with clusters(tmp_path, source=serving("v1beta1", "v1beta2"), target=serving("v1beta2")) as (servers, read):
        servers["target"].fault = always("refused")
        assert await read("source") == "v1beta1"
        servers["target"].fault = well
        assert await read("target") == "v1beta2"


async def test_the_core_group_has_one_version(tmp_path):
    async with clusters(tmp_path, source=serving("v1beta1"), target=serving()) as (_, read):
        assert await read("source", Kind("Secret")) == "v1"


def test_the_order_of_versions_is_kubernetes_own():
    mixed = ["v1alpha1", "foo", "v1beta1", "v2", "v1beta2", "v1", "v10", "v2alpha1"]
    assert newest_first(mixed) == ["v10", "v2", "v1", "v1beta2", "v1beta1", "v2alpha1", "v1alpha1", "foo"]
