import asyncio
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from bmc.machine import Machine
from bmc.model import Credentials, Tls
from bmc.names import PROBE_USER_AGENT
from bmc.redfish.emulator import redfish_app
from harness.journal.entry import Entry
from harness.journal.facts import ProbeSeen, SightBegan, SightEnded, SightLost
from harness.sight.network.probe import ProbeSight
from harness.sight.network.target import BmcTarget, ImageTarget, IronicTarget
from tests.bmc.certificates import self_signed

pytestmark = pytest.mark.dated

VANTAGE = "127.77.2.1"
USER = ("admin", "secret")
LOGIN = Credentials(*USER)
SECONDS = 10.0


class Notebook:
    """A recorder in memory."""

    def __init__(self):
        self.entries = []
        self._began = asyncio.get_running_loop().time()
        self._news = asyncio.Event()

    async def until(self, wanted):
        while not wanted(self):
            self._news.clear()
            await self._news.wait()

    def now(self):
        return asyncio.get_running_loop().time() - self._began

    def record(self, fact, *, since=None, at=None):
        at = self.now() if at is None else at
        self.entries.append(Entry(len(self.entries), at if since is None else since, at, fact))
        self._news.set()
        return self.entries[-1]

    def kinds(self):
        return [type(entry.fact) for entry in self.entries]


def sight(*targets, notebook=None, address=VANTAGE, interval_seconds=0.01):
    recorder = notebook or Notebook()
    return ProbeSight("target", address, targets, recorder, interval_seconds=interval_seconds, answer_seconds=0.3)


async def probed(target):
    return (await sight(target).probe_once())[0]


def basic(request):
    return request.headers.get("Authorization") == aiohttp.encode_basic_auth(*USER)


@pytest.fixture
async def serve():
    """Serve handlers by path on a loopback address; gives the base URL."""
    runners = []

    async def start(application, host="127.0.0.1", tls=None):
        if isinstance(application, dict):
            routes = [web.get(path, handler) for path, handler in application.items()]
            application = web.Application()
            application.add_routes(routes)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, host, 0, ssl_context=tls).start()
        return f"{'https' if tls else 'http'}://{host}:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def bmc(serve):
    machine = Machine(name="node-1", uuid="u-1", clock=lambda: datetime.now(UTC))
    base = await serve(redfish_app(machine, system_id="u-1", credentials=dict([USER]), power_seconds=0), "127.77.10.2")
    return machine, f"redfish-virtualmedia+{base}/redfish/v1/Systems/u-1"


def saying(content, status=200, *, guarded=False):
    async def say(request):
        if guarded and not basic(request):
            return web.json_response({}, status=401)
        return (
            web.json_response(content, status=status) if isinstance(content, dict) else web.Response(text=content, status=status)
        )

    return say


async def empty(_):
    return web.Response(headers={"Content-Length": "0"})


async def silent(_):
    await asyncio.Event().wait()


async def breaking(request):
    request.transport.abort()
    return web.Response()


async def test_a_bmc_that_shows_its_system_is_reached_to_its_content(bmc):
    machine, address = bmc
    seen = await probed(BmcTarget("node-1", address, LOGIN))
    assert seen == ProbeSeen(vantage="target", what="bmc", address=address, ok=True, layer="content", host="node-1")
    assert {(entry.address, entry.user_agent) for entry in machine.requests} == {(VANTAGE, PROBE_USER_AGENT)}
    assert {entry.method for entry in machine.requests} == {"GET"}


async def test_without_credentials_a_bmc_is_reached_to_http(bmc):
    seen = await probed(BmcTarget("node-1", bmc[1]))
    assert (seen.ok, seen.layer) == (True, "http")


async def test_a_bmc_without_a_named_system_shows_its_systems(bmc):
    assert (await probed(BmcTarget("node-1", bmc[1].partition("/redfish")[0], LOGIN))).ok


@pytest.mark.parametrize("path", ["/redfish/v1", "/redfish/v1/", "/"])
async def test_a_service_root_as_the_path_means_the_only_system(bmc, path):
    machine, address = bmc
    seen = await probed(BmcTarget("node-1", address.partition("/redfish/v1")[0] + path, LOGIN))
    assert (seen.ok, seen.layer) == (True, "content")
    assert [each.path for each in machine.requests][-1].endswith("/Systems/u-1")


@pytest.mark.parametrize("path", ["Systems", "Managers/u-1", "Chassis/u-1"])
async def test_a_path_to_no_system_is_named_with_its_cure(bmc, path):
    seen = await probed(BmcTarget("node-1", f"{bmc[1].partition('/Systems')[0]}/{path}", LOGIN))
    assert (seen.ok, seen.layer) == (False, "content")
    assert "and no ComputerSystem; write /redfish/v1/Systems/u-1" in seen.says


async def test_a_system_that_is_hidden_from_this_user_is_no_wrong_password(serve):
    root = saying({"RedfishVersion": "1.18.0"})
    base = await serve({"/redfish/v1/": root, "/redfish/v1/Systems/1": saying({}, 403)})
    seen = await probed(BmcTarget("node-1", f"redfish+{base}/redfish/v1/Systems/1", LOGIN))
    assert (seen.ok, seen.layer) == (False, "auth")
    assert "it takes the credentials, and does not show" in seen.says


async def test_a_wrong_password_stops_at_auth(bmc):
    seen = await probed(BmcTarget("node-1", bmc[1], Credentials("admin", "wrong")))
    assert (seen.ok, seen.layer) == (False, "auth")


async def test_a_system_that_is_not_there_stops_at_content(bmc):
    seen = await probed(BmcTarget("node-1", bmc[1] + "x", LOGIN))
    assert (seen.ok, seen.layer, seen.says) == (False, "content", "it answered 404")


async def test_nobody_listening_stops_at_tcp():
    seen = await probed(BmcTarget("node-1", "redfish+http://127.77.10.9:1", LOGIN))
    assert (seen.ok, seen.layer) == (False, "tcp")


async def test_an_address_that_cannot_be_understood_is_no_success():
    seen = await probed(BmcTarget("node-1", "redfish://", LOGIN))
    assert (seen.ok, "no host" in seen.says) == (False, True)


@pytest.mark.parametrize(
    ("root", "says"),
    [
        (silent, "no answer"),
        (breaking, "broke off"),
        (saying("<html>"), "JSON"),
        (saying({"hello": "world"}), "no Redfish"),
        (saying({}, 500), "500"),
    ],
)
async def test_a_service_that_is_no_redfish_stops_at_http(serve, root, says):
    base = await serve({"/redfish/v1/": root})
    seen = await probed(BmcTarget("node-1", f"redfish+{base}", LOGIN))
    assert (seen.ok, seen.layer) == (False, "http")
    assert says in seen.says


async def test_a_certificate_that_is_not_trusted_stops_at_tls(serve, tmp_path):
    context, path, _ = self_signed(tmp_path)
    base = await serve({"/redfish/v1/": saying({"RedfishVersion": "1.18.0"})}, tls=context)
    stranger = await probed(BmcTarget("node-1", f"redfish+{base}"))
    assert (stranger.ok, stranger.layer) == (False, "tls")
    known = await probed(BmcTarget("node-1", f"redfish+{base}", tls=Tls(ca=str(path))))
    assert (known.ok, known.layer) == (True, "http")


def ironic(*, nodes=None, drivers=None):
    return {
        "/v1/nodes": nodes or saying({"nodes": []}, guarded=True),
        "/v1/drivers": drivers or saying({"drivers": [{"name": "redfish"}]}, guarded=True),
    }


async def test_an_ironic_that_guards_its_nodes_and_has_a_conductor_is_reached(serve):
    seen = await probed(IronicTarget("target", await serve(ironic()), LOGIN))
    assert (seen.ok, seen.layer, seen.what, seen.ironic) == (True, "content", "ironic", "target")


@pytest.mark.parametrize(
    ("paths", "credentials", "layer", "says"),
    [
        (ironic(), Credentials("admin", "wrong"), "auth", "401"),
        (ironic(), None, "auth", "asks for credentials"),
        (ironic(nodes=saying({"nodes": []})), LOGIN, "auth", "everybody"),
        (ironic(drivers=saying({"drivers": []})), LOGIN, "content", "no conductor"),
        (ironic(drivers=saying({}, 503)), LOGIN, "content", "503"),
        (ironic(nodes=saying({}, 503)), LOGIN, "http", "503"),
        (ironic(nodes=silent), LOGIN, "http", "no answer"),
    ],
)
async def test_an_ironic_that_is_not_well_stops_where_it_is_not(serve, paths, credentials, layer, says):
    seen = await probed(IronicTarget("target", await serve(paths), credentials))
    assert (seen.ok, seen.layer) == (False, layer)
    assert says in seen.says


async def test_an_image_and_its_checksum_are_reached(serve):
    base = await serve({"/i.raw": saying("image"), "/i.sum": saying("abc")})
    assert (await probed(ImageTarget(f"{base}/i.raw", f"{base}/i.sum"))).ok


@pytest.mark.parametrize(
    "paths",
    [
        {"/i.sum": saying("abc")},
        {"/i.raw": saying("image")},
        {"/i.raw": empty, "/i.sum": saying("abc")},
        {"/i.raw": saying("image"), "/i.sum": saying(" ")},
    ],
)
async def test_an_image_that_is_missing_or_empty_stops_at_content(serve, paths):
    base = await serve(paths)
    seen = await probed(ImageTarget(f"{base}/i.raw", f"{base}/i.sum"))
    assert (seen.ok, seen.layer) == (False, "content")


class Ipmi(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        assert data[:4] == b"\x06\x00\xff\x06"
        self.transport.sendto(bytes.fromhex("0600ff06000011be40000010") + bytes(16), address)


async def test_an_ipmi_controller_is_present_when_it_answers_a_ping():
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Ipmi, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    seen = await probed(BmcTarget("node-1", f"ipmi://127.0.0.1:{port}", LOGIN))
    assert (seen.ok, seen.layer) == (True, "tcp")
    transport.close()
    seen = await probed(BmcTarget("node-1", f"ipmi://127.0.0.1:{port}", LOGIN))
    assert (seen.ok, "RMCP" in seen.says) == (False, True)


async def run_until(watching, notebook, wanted):
    task = asyncio.create_task(watching.run())
    async with asyncio.timeout(SECONDS):
        await notebook.until(wanted)
    task.cancel()
    await asyncio.wait({task})


async def test_probes_are_told_at_first_when_they_change_and_at_last(serve):
    answers = {"status": 200}

    async def image(_):
        return web.Response(text="image", status=answers["status"])

    base, notebook = await serve({"/i.raw": image}), Notebook()
    watching = sight(ImageTarget(f"{base}/i.raw"), notebook=notebook)
    told = lambda count: lambda book: book.kinds().count(ProbeSeen) == count  # noqa: E731
    await run_until(watching, notebook, told(1))
    answers["status"] = 404
    await run_until(watching, notebook, told(2))
    await watching.final()
    assert notebook.kinds() == [SightBegan, ProbeSeen, ProbeSeen, ProbeSeen, SightEnded]
    assert [entry.fact.ok for entry in notebook.entries if isinstance(entry.fact, ProbeSeen)] == [True, False, False]
    assert notebook.entries[-1].fact.complete is True


async def test_a_vantage_that_is_not_ours_is_blindness_not_a_broken_network():
    notebook = Notebook()
    watching = sight(ImageTarget("http://127.0.0.1:1/i"), notebook=notebook, address="192.0.2.1")
    await run_until(watching, notebook, lambda book: book.entries)
    assert notebook.kinds() == [SightLost]
    await watching.final()
    assert notebook.kinds() == [SightLost]


async def test_no_secret_is_told(bmc):
    seen = await probed(BmcTarget("node-1", bmc[1], Credentials("admin", "very-secret")))
    assert "very-secret" not in str(seen)
    assert "very-secret" not in repr(BmcTarget("node-1", bmc[1], Credentials("admin", "very-secret")))
