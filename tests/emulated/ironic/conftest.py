import asyncio
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from bmc.machine import Machine
from bmc.redfish.emulator import redfish_app
from harness.emulated.apiserver.server import ApiServer
from harness.emulated.ironic import Ironic
from harness.emulated.ironic.bmc_client import Waits
from harness.emulated.kube.client import Client
from harness.emulated.kube.resources import NODES
from harness.emulated.lab.images import ImageServer
from harness.emulated.plan.network import EmulatedNetwork
from harness.emulated.servers import BareMetalServer, Disk
from tests.waiting import until

ADDRESS = "127.77.2.1"
BMC_ADDRESS = "127.77.10.2"
CREDENTIALS = ("ironic", "s3cret")
SERVER_ADDRESS = "127.77.20.2"
IMAGE_ADDRESS = "127.77.4.1"
OLD_DISK = Disk(
    image="http://old/image",
    machine_id="e4c95f42f6c1451a9eba9de92c74e53b",
    node_name="node-1",
    provider_id="metal3://metal3/node-1/m",
)
SYSTEM = "babe0000-0000-0000-0000-000000000001"
MAC = "52:54:00:00:00:01"
SPEED = 50.0
STATE_SECONDS = 60.0
UNHURRIED = Waits(power_sync_seconds=0, least_ipmi_seconds=STATE_SECONDS, least_redfish_seconds=STATE_SECONDS)
"""Of a BMC is asked what a test asks for, once, however slow the machine is."""


class Caller:
    """A client of one Ironic, as BMO calls it."""

    def __init__(self, ironic, session):
        self.ironic, self.session = ironic, session

    async def call(self, method, path, body=None, *, credentials=CREDENTIALS, version="1.89"):
        headers = {"X-OpenStack-Ironic-API-Version": version} if version else {}
        if credentials:
            headers["Authorization"] = aiohttp.encode_basic_auth(*credentials)
        async with self.session.request(method, self.ironic.url + path, json=body, headers=headers) as answer:
            content = await answer.json() if answer.content_type == "application/json" else await answer.text()
            return answer.status, content, answer.headers

    async def node(self, ident):
        return (await self.call("GET", f"/v1/nodes/{ident}"))[1]

    async def provision(self, ident, target, **more):
        return (await self.call("PUT", f"/v1/nodes/{ident}/states/provision", {"target": target, **more}))[0]

    async def settled(self, ident):
        """The node when nothing is being done with it any more."""
        busy = ("reservation", "target_provision_state", "target_power_state")
        return await self.until(ident, lambda node: not any(node[name] for name in busy))

    async def until(self, ident, wanted):
        """The node when `wanted` is true of it."""
        node = {}

        async def reached():
            nonlocal node
            node = await self.node(ident)
            return wanted(node)

        await until(reached, lambda: f"another state than {node}", STATE_SECONDS)
        return node

    async def enrol(self, bmc, name="metal3~node-1"):
        status, node, _ = await self.call("POST", "/v1/nodes", {"name": name, **bmc.enrolled_as, "driver_info": bmc.driver_info})
        assert status == 201
        await self.call("POST", "/v1/ports", {"node_uuid": node["uuid"], "address": MAC, "pxe_enabled": True})
        return node["uuid"]

    async def enrol_and_manage(self, bmc, name="metal3~node-1"):
        ident = await self.enrol(bmc, name)
        assert await self.provision(ident, "manage") == 202
        assert (await self.settled(ident))["provision_state"] == "manageable"
        return ident


class Bmc:
    """A machine behind an emulated BMC on its own address."""

    def __init__(self, machine, url, users):
        self.machine, self.url, self.users = machine, url, users
        self.enrolled_as = {"driver": "redfish", "boot_interface": "redfish-virtual-media"}
        self.driver_info = {
            "redfish_address": url,
            "redfish_system_id": f"/redfish/v1/Systems/{SYSTEM}",
            "redfish_username": "admin",
            "redfish_password": "password",
            "redfish_verify_ca": False,
        }

    def asked(self):
        """(method, last part of the path) of every request so far."""
        return [(entry.method, entry.path.rstrip("/").rsplit("/", 1)[-1]) for entry in self.machine.requests]

    def writes(self):
        """Everything but the GETs."""
        return [
            (entry.method, entry.path.rstrip("/").rsplit("/", 1)[-1], entry.body)
            for entry in self.machine.requests
            if entry.method != "GET"
        ]


@pytest.fixture
async def network():
    network = EmulatedNetwork()
    yield network
    await network.stop()


@pytest.fixture
async def bmc(network):
    machine = Machine(name="node-1", uuid=SYSTEM, clock=lambda: datetime.now(UTC), mac_addresses=(MAC,))
    users = {"admin": "password"}
    app = redfish_app(
        machine, system_id=SYSTEM, credentials=users, power_seconds=0.5 / SPEED, middlewares=[network.middleware(BMC_ADDRESS)]
    )
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, BMC_ADDRESS, 0).start()
    yield Bmc(machine, f"http://{BMC_ADDRESS}:{runner.addresses[0][1]}", users)
    await runner.cleanup()


@pytest.fixture
def boot_servers():
    """What the provisioning network's DHCP offers."""
    return []


@pytest.fixture
async def ironic(network, boot_servers):
    ironic = Ironic("target", address=ADDRESS, credentials=CREDENTIALS, network=network, speed=SPEED, seed=1, waits=UNHURRIED)
    await ironic.start()
    boot_servers.append(ironic.url)
    yield ironic
    await ironic.close()


@pytest.fixture
async def bmo(ironic):
    async with aiohttp.ClientSession() as session:
        yield Caller(ironic, session)


@pytest.fixture
async def images(network):
    images = ImageServer(network, IMAGE_ADDRESS)
    await images.start()
    yield images
    await images.stop()


@pytest.fixture
async def workload():
    api = ApiServer("workload")
    url = await api.start()
    async with Client(url, api.token) as client:
        yield client
    await api.stop()


@pytest.fixture
async def server(bmc, workload, boot_servers):
    """The server behind the BMC, found running an installed system."""
    server = BareMetalServer(
        bmc.machine,
        name="node-1",
        mac=MAC,
        address=SERVER_ADDRESS,
        lan_address="172.22.0.51",
        workload=workload,
        disk=OLD_DISK,
        speed=SPEED,
        seed=1,
        boot_servers=boot_servers,
    )
    life = asyncio.create_task(server.run())
    await asyncio.wait_for(server.ready.wait(), 10)
    yield server
    life.cancel()
    await asyncio.wait({life})
    if not life.cancelled():
        life.result()


@pytest.fixture
def kubelet(workload):
    """The Node of the server, as the workload cluster shows it, when a condition is true of it."""

    async def node_when(wanted):
        nodes = []

        async def reached():
            nodes[:] = (await workload.list_all(NODES))["items"]
            return wanted(nodes)

        await until(reached, lambda: f"other Nodes than {nodes}", STATE_SECONDS)
        return nodes

    return node_when
