"""What is refused of an upgrade before anything is done: what is no upgrade, and what could not come to its end."""

from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from harness.errors import UsageError
from harness.journal.facts import ObjectSeen, WriteIntended
from harness.kube.absent import get_if_there
from harness.lab.applied import Upgrade
from harness.steps import upgrade_cluster, upgrade_providers
from tests.steps.killed_move import killed_move

TEMPLATE = {"apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2", "kind": "Metal3MachineTemplate", "metadata": {"name": "new"}}
PLACE = {"namespace": "metal3"}
FILE = "upgrade.yaml"


def plane(version: str, template: str = "new", surge: int = 1) -> dict[str, Any]:
    reference = {"spec": {"infrastructureRef": {"name": template}}}
    rollout = {"strategy": {"rollingUpdate": {"maxSurge": surge}}}
    spec = {"version": version, "machineTemplate": reference, "rollout": rollout, "replicas": 3}
    kind = {"apiVersion": "controlplane.cluster.x-k8s.io/v1beta2", "kind": "KubeadmControlPlane"}
    return {**kind, "metadata": {"name": "cp", **PLACE}, "spec": spec}


def write(directory: Path, *objects: dict[str, Any]) -> None:
    listed = [{**each, "metadata": {**PLACE, **each["metadata"]}} for each in objects]
    (directory / FILE).write_text(yaml.safe_dump_all(listed))


@asynccontextmanager
async def upgraded(directory: Path, *objects: dict[str, Any], key: str = "cluster"):
    """A bench whose lab file is to be upgraded with these objects."""
    write(directory, *objects)
    async with killed_move(directory, told=False) as made:
        made.bench.lab = msgspec.structs.replace(made.bench.lab, upgrade=Upgrade(**{key: directory / FILE}))
        yield made.bench


def seen(bench: Any, body: dict[str, Any]) -> None:
    about = {"kind": body["kind"], "name": body["metadata"]["name"], "namespace": "metal3", "uid": "u", "resource_version": "1"}
    bench.journal.record(ObjectSeen(cluster="target", change="listed", api_version=body["apiVersion"], object=body, **about))


def spare(bench: Any) -> None:
    seen(bench, {"apiVersion": "metal3.io/v1alpha1", "kind": "BareMetalHost", "metadata": {"name": "d"}, "spec": {}})


def writes(bench: Any) -> list[str]:
    return [entry.fact.what for entry in bench.journal.entries if isinstance(entry.fact, WriteIntended)]


NO_UPGRADES = (
    (plane("v1.36.3"), "KubeadmControlPlane cp is at v1.36.3 in the target, and v1.36.3 is the same version"),
    (plane("v1.35.9"), "KubeadmControlPlane cp is at v1.36.3 in the target, and v1.35.9 is a lower version"),
    (plane("newest"), "is to be upgraded from `v1.36.3` to `newest`, and one of them is no version"),
    (plane("v1.37.0", "gone"), "is to make Machines of the template gone, which is neither in .*upgrade.yaml nor in the target"),
)


async def test_what_is_no_upgrade_is_told_and_nothing_is_done(tmp_path):
    async with upgraded(tmp_path, TEMPLATE) as bench:
        seen(bench, plane("v1.36.3", "old"))
        spare(bench)
        for wanted, says in NO_UPGRADES:
            write(tmp_path, TEMPLATE, wanted)
            with pytest.raises(UsageError, match=says):
                await upgrade_cluster.step(bench)
        assert writes(bench) == []


async def test_a_surge_without_a_free_server_is_told_and_nothing_is_done(tmp_path):
    async with upgraded(tmp_path, TEMPLATE, plane("v1.37.0")) as bench:
        seen(bench, plane("v1.36.3", "old"))
        with pytest.raises(
            UsageError, match="too few servers in the target: a rollout of KubeadmControlPlane cp makes a Machine more"
        ):
            await upgrade_cluster.step(bench)
        assert writes(bench) == []


async def test_what_is_not_there_cannot_be_upgraded(tmp_path):
    async with upgraded(tmp_path, TEMPLATE, plane("v1.37.0")) as bench:
        with pytest.raises(UsageError, match="there is no KubeadmControlPlane cp in the target that could be upgraded"):
            await upgrade_cluster.step(bench)
        write(tmp_path, TEMPLATE)
        with pytest.raises(UsageError, match="no KubeadmControlPlane and no MachineDeployment in it"):
            await upgrade_cluster.step(bench)
        bench.lab = msgspec.structs.replace(bench.lab, upgrade=Upgrade())
        with pytest.raises(UsageError, match=r"`upgrade\.cluster` is missing, so nothing can be upgraded by it"):
            await upgrade_cluster.step(bench)
        assert writes(bench) == []


async def test_a_provider_goes_to_a_higher_version_only(tmp_path):
    body = {"apiVersion": "clusterctl.cluster.x-k8s.io/v1alpha3", "kind": "Provider"}
    provider = {**body, "metadata": {"name": "cluster-api", "namespace": "capi-system"}}
    async with upgraded(tmp_path, key="providers") as bench:
        path = "/apis/clusterctl.cluster.x-k8s.io/v1alpha3/namespaces/capi-system/providers/cluster-api"
        if not await get_if_there(bench.clusters["target"], path):
            await bench.clusters["target"].create(path.rpartition("/")[0], provider)
        await bench.clusters["target"].patch_merge(path, {"version": "v1.14.2"})
        for version, says in (("v1.14.2", "the same version"), ("v1.13.0", "a lower version")):
            write(tmp_path, {**provider, "version": version})
            with pytest.raises(UsageError, match=f"is at v1.14.2 in the target, and {version} is {says}"):
                await upgrade_providers.step(bench)
        assert writes(bench) == []
