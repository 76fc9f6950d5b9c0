"""CAPM3 and a Node whose kubelet knows its host's uid only, on one API server that is management and workload cluster."""

import asyncio
import copy

import yaml

from harness.emulated.apiserver import ApiServer
from harness.emulated.kube.client import Client
from harness.emulated.kube.resources import HOSTS, METAL3_MACHINES, NODES
from harness.emulated.lab.management_cluster import ManagementCluster
from harness.emulated.plan.plan import Config, make_plan
from harness.emulated.plan.time_scale import Pace
from harness.emulated.seed import steady
from harness.emulated.seed.parts import Image, Scene
from tests.waiting import until

SECONDS = 20.0
NAME, MACHINE = "node-0", "lab-cp-0"
PROVIDER = "metal3://metal3/node-0/lab-cp-0"


async def seeded(server: ApiServer, client: Client, *, uid: str = "") -> None:
    """A steady lab of one host, of which CAPM3 does not know yet that it is provisioned; its Node bears `uid`, or the host's."""
    plan = make_plan(Config(hosts=1, spares=0))
    kubeconfig = yaml.safe_dump(server.kubeconfig())
    scene = Scene(plan, Image("http://image", "0" * 64), {NAME: "redfish://b/1"}, kubeconfig, ("127.0.0.1", 1), {})
    await steady.install(client, ("metal3",))
    await steady.Seed(client, scene).write()
    host = await client.get(HOSTS, NAME, "metal3")
    label = {"metal3.io/uuid": uid or host["metadata"]["uid"]}
    await client.create(NODES, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NAME, "labels": label}, "spec": {}})
    machine = copy.deepcopy(await client.get(METAL3_MACHINES, MACHINE, "metal3"))
    machine["spec"].pop("providerID")
    machine = {**await client.put(METAL3_MACHINES, machine), "status": machine["status"]}
    machine["status"].pop("initialization")
    await client.put_status(METAL3_MACHINES, machine)


async def worked_on(*, uid: str = "") -> tuple[str, str, bool]:
    """Let CAPM3 work until it tells of the machine: the providerIDs of Node and Metal3Machine, and whether that is provisioned."""
    server = ApiServer("test")
    await server.start()
    try:
        async with Client(server.url, server.token) as client:
            await seeded(server, client, uid=uid)
            kubeconfig = yaml.safe_dump(server.kubeconfig())
            side = ManagementCluster(
                kubeconfig, address=None, ironic_url="http://127.0.0.1:1", credentials=("", ""), pace=Pace(100.0)
            )
            before = (await status(client)).get("lastUpdated")
            working = asyncio.create_task(side.controllers()[steady.CAPM3]())  # type: ignore[arg-type]

            async def told() -> bool:
                return (await status(client)).get("lastUpdated") != before

            try:
                await until(told, "a status that CAPM3 wrote", SECONDS)
            finally:
                working.cancel()
                await asyncio.wait({working})
            machine, node = await client.get(METAL3_MACHINES, MACHINE, "metal3"), await client.get(NODES, NAME)
            provisioned = bool(machine["status"].get("initialization", {}).get("provisioned"))
            return node["spec"].get("providerID", ""), machine["spec"].get("providerID", ""), provisioned
    finally:
        await server.stop()


async def status(client: Client) -> dict:
    return (await client.get(METAL3_MACHINES, MACHINE, "metal3"))["status"]


async def test_a_node_with_its_hosts_uid_is_given_its_provider_id_and_its_machine_is_provisioned():
    assert await worked_on() == (PROVIDER, PROVIDER, True)


async def test_a_node_of_another_host_is_left_alone_and_the_machine_waits():
    assert await worked_on(uid="another") == ("", "", False)
