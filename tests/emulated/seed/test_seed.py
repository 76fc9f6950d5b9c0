"""The seeded objects have the shape of the recorded steady state: every field there, and none besides."""

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from harness.emulated.apiserver import ApiServer
from harness.emulated.kube import crds
from harness.emulated.kube.client import Client
from harness.emulated.plan.plan import Config, make_plan
from harness.emulated.programs.manifests import ComponentManifests, UnfitManifestsError
from harness.emulated.programs.program import Program
from harness.emulated.seed import metal3, steady
from harness.emulated.seed.parts import Image, Scene
from tests.emulated.controllers.recorded_fields import KINDS, bonds, fields

pytestmark = pytest.mark.dated

RECORDING = Path(__file__).parents[2] / "recordings" / "b-good-pivot" / "watch.jsonl.xz"
NODE_INFO = dict.fromkeys(
    (
        "architecture",
        "bootID",
        "containerRuntimeVersion",
        "kernelVersion",
        "kubeProxyVersion",
        "kubeletVersion",
        "machineID",
        "operatingSystem",
        "osImage",
        "systemUUID",
    ),
    "",
)


@pytest.fixture(scope="module")
def recorded() -> list[dict[str, Any]]:
    with lzma.open(RECORDING, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    return [row["object"] for row in rows if row.get("type") == "LISTED" and row.get("cluster") == "source"]


async def _seeded() -> dict[str, list[dict[str, Any]]]:
    plan, server = make_plan(Config()), ApiServer("test")
    node = {"status": {"nodeInfo": NODE_INFO}}
    addresses = {
        host.name: f"redfish-virtualmedia+http://{host.bmc_address}:1/redfish/v1/Systems/{host.uuid}" for host in plan.hosts
    }
    scene = Scene(
        plan, Image("http://image", "0" * 64), addresses, "kubeconfig", ("127.0.0.1", 1), {host.name: node for host in plan.hosts}
    )
    await server.start()
    try:
        async with Client(server.url, server.token) as client:
            await steady.install(client, ("metal3",))
            await steady.Seed(client, scene).write()
            return {each.kind: (await client.list_all(each))["items"] for each in KINDS}
    finally:
        await server.stop()


async def test_every_seeded_kind_has_the_recorded_fields_and_number(recorded):
    seeded = await _seeded()
    for kind, ours in seeded.items():
        theirs = [obj for obj in recorded if obj.get("kind") == kind]
        assert fields(kind, ours) == fields(kind, theirs), kind
        assert len(ours) == len(theirs), kind


async def test_finalizers_and_owners_are_the_recorded_ones(recorded):
    seeded = await _seeded()
    for kind, ours in seeded.items():
        theirs = [obj for obj in recorded if obj.get("kind") == kind]
        assert bonds(ours) == bonds(theirs), kind


def test_definitions_bear_the_recorded_names_labels_and_versions(recorded):
    theirs = {obj["metadata"]["name"]: obj for obj in recorded if obj.get("kind") == "CustomResourceDefinition"}
    for ours in crds.definitions():
        real = theirs[ours["metadata"]["name"]]
        assert ours["metadata"]["labels"] == (real["metadata"]["labels"] or {}), ours["metadata"]["name"]
        assert ours["spec"]["names"]["kind"] == real["spec"]["names"]["kind"]
        assert set(ours["spec"]["names"]["shortNames"]) <= set(real["spec"]["names"].get("shortNames") or [])
        assert _versions(ours) == _versions(real)


def _versions(definition: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(version["name"], version["storage"]) for version in definition["spec"]["versions"]]


OWN = {name: {"source": {f"namespace/{name}": Program(name, [], {}, "", "")}} for name in ("bmo", "capm3", "ipam")}


def _host(programs: dict[str, dict[str, Program]]) -> tuple[dict[str, Any], dict[str, Any]]:
    plan = make_plan(Config(programs=programs))
    scene = Scene(plan, Image("http://image", "0" * 64), {"node-0": "redfish://there"}, "kubeconfig", ("127.0.0.1", 1), {})
    return metal3.host(scene, plan.hosts[0]), metal3.host_status(scene, plan.hosts[0], 1, "1")


def test_a_move_is_blocked_only_where_there_is_who_knows_how_to_release_it():
    blocked = {name: bool(_host(programs)[0]["metadata"].get("annotations")) for name, programs in {"ours": {}, **OWN}.items()}

    assert blocked == {"ours": True, "bmo": True, "capm3": False, "ipam": True}


def test_a_status_has_only_what_every_operator_takes_back_where_none_can_tell_what_it_knows():
    known = set(_host({})[1])
    manifested = {"source": {"namespace/bmo": Program("bmo", [], {}, "", "", manifests="config")}}

    assert known - set(_host(OWN["bmo"])[1]) == {"conditions", "lastAttemptedImage", "provisioningFailCount"}
    assert set(_host(manifested)[1]) == set(_host(OWN["capm3"])[1]) == known


NARROW = """
kind: CustomResourceDefinition
apiVersion: apiextensions.k8s.io/v1
metadata: {name: metal3machines.infrastructure.cluster.x-k8s.io}
spec:
  group: infrastructure.cluster.x-k8s.io
  names: {kind: Metal3Machine, plural: metal3machines, singular: metal3machine, listKind: Metal3MachineList}
  scope: Namespaced
  versions:
    - name: v1beta2
      served: true
      storage: true
      subresources: {status: {}}
      schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, required: [failureDomain]}, status: {type: object}}}}
"""


async def test_definitions_that_do_not_let_the_seed_be_are_told_as_that(tmp_path):
    (tmp_path / "crds.yaml").write_text(NARROW)
    plan, server = make_plan(Config()), ApiServer("test")
    addresses = dict.fromkeys((host.name for host in plan.hosts), "redfish://there")
    scene = Scene(plan, Image("http://image", "0" * 64), addresses, "", ("127.0.0.1", 1), {})
    await server.start()
    try:
        async with Client(server.url, server.token) as client:
            await steady.install(client, ("metal3",), [ComponentManifests(tmp_path, name="capm3", server=None)])
            with pytest.raises(
                UnfitManifestsError, match=r"refuses what the lab consists of: 422 .*spec\.failureDomain: Required value"
            ):
                await steady.write(client, scene, own_definitions=True)
    finally:
        await server.stop()
