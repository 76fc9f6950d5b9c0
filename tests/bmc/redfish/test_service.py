"""The parts of the emulated service: tasks, hardware log, BIOS, sessions, queries, timing."""

from datetime import timedelta

import aiohttp
import pytest

from bmc.redfish.personality import PERSONALITIES
from tests.bmc.serving import CREDENTIALS, UUID, emulated, machine
from tests.waiting import until

pytestmark = pytest.mark.dated

BASIC = {"Authorization": aiohttp.encode_basic_auth(CREDENTIALS.username, CREDENTIALS.password)}
LOGIN = {"UserName": CREDENTIALS.username, "Password": CREDENTIALS.password}
SESSIONS = "/redfish/v1/SessionService/Sessions"


class Client:
    """One client, and short words for what it asks."""

    def __init__(self, session):
        self.session = session

    async def ask(self, method, path, body=None, **headers):
        async with self.session.request(method, path, json=body, headers=headers) as response:
            content = await response.json() if response.content_type == "application/json" else None
            return response.status, response.headers, content

    async def get(self, path):
        status, _, content = await self.ask("GET", path)
        assert status == 200, path
        return content

    async def status(self, method, path, body=None, **headers):
        return (await self.ask(method, path, body, **headers))[0]


@pytest.fixture
async def dell():
    async with emulated(personality=PERSONALITIES["dell"]) as bmc, aiohttp.ClientSession(bmc.base, headers=BASIC) as session:
        bmc.client = Client(session)
        yield bmc


def paths_in(value):
    if isinstance(value, dict):
        own = [value["@odata.id"]] if isinstance(value.get("@odata.id"), str) else []
        return own + [path for inner in value.values() for path in paths_in(inner)]
    return [path for inner in value for path in paths_in(inner)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", PERSONALITIES)
async def test_every_link_of_every_personality_leads_somewhere(name):
    async with emulated(personality=PERSONALITIES[name]) as bmc, aiohttp.ClientSession(bmc.base, headers=BASIC) as session:
        client, seen, waiting = Client(session), set(), ["/redfish/v1/"]
        while waiting:
            path = waiting.pop()
            if path not in seen:
                seen.add(path)
                waiting += paths_in(await client.get(path))
        assert len(seen) > 30


async def test_a_reset_can_be_a_task():
    async with emulated(power_seconds=0.05) as bmc, aiohttp.ClientSession(bmc.base, headers=BASIC) as session:
        client = Client(session)
        reset = f"{bmc.system}/Actions/ComputerSystem.Reset"
        status, headers, task = await client.ask("POST", reset, {"ResetType": "ForceOff"}, Prefer="respond-async")
        assert (status, task["TaskState"]) == (202, "Running")
        assert await client.status("GET", headers["Location"]) == 202

        await until(lambda: bmc.machine.power == "Off", "the power's end")

        assert await client.status("GET", headers["Location"]) == 204
        assert (await client.get(task["@odata.id"]))["TaskState"] == "Completed"
        assert await client.status("DELETE", task["@odata.id"]) == 204
        assert await client.status("GET", task["@odata.id"]) == 404


async def test_a_restart_can_show_off():
    seen = []
    async with emulated(off_seconds=0.02) as bmc, aiohttp.ClientSession(bmc.base, headers=BASIC) as session:
        bmc.machine.on_power.append(lambda _, change: seen.append((change.before, change.after, change.cause)))
        body = {"ResetType": "ForceRestart"}
        assert await Client(session).status("POST", f"{bmc.system}/Actions/ComputerSystem.Reset", body) == 204
        await until(lambda: len(seen) == 2, "off and on")
    assert seen == [("On", "Off", "ForceRestart"), ("Off", "On", "ForceRestart")]


async def test_a_restart_shows_no_off_by_default():
    seen = []
    async with emulated() as bmc, aiohttp.ClientSession(bmc.base, headers=BASIC) as session:
        bmc.machine.on_power.append(lambda _, change: seen.append((change.before, change.after)))
        await Client(session).status("POST", f"{bmc.system}/Actions/ComputerSystem.Reset", {"ResetType": "ForceRestart"})
    assert seen == [("On", "On")]


async def test_the_hardware_log_notes_power_and_is_cleared():
    async with emulated() as bmc, aiohttp.ClientSession(bmc.base, headers=BASIC) as session:
        client, log = Client(session), f"/redfish/v1/Managers/{UUID}/LogServices/SEL"
        for reset in ("ForceRestart", "ForceOff", "On"):
            bmc.machine.reset(reset)
        entries = (await client.get(f"{log}/Entries"))["Members"]
        ends = ["ResourceChanged", "ResourcePoweredOff", "ResourcePoweredOn"]
        assert [each["MessageId"].rpartition(".")[2] for each in entries] == ends
        assert (await client.get(f"{log}/Entries/2"))["Id"] == "2"

        clear = (await client.get(log))["Actions"]["#LogService.ClearLog"]["target"]
        assert await client.status("POST", clear) == 204

        left = (await client.get(f"{log}/Entries"))["Members"]
        assert [(each["Id"], each["Message"]) for each in left] == [("1", "the log was cleared")]
        assert await client.status("GET", f"{log}/Entries/2") == 404


async def test_bios_settings_wait_for_the_next_boot(dell):
    bios = f"{dell.system}/Bios"
    settings = (await dell.client.get(bios))["@Redfish.Settings"]["SettingsObject"]["@odata.id"]
    assert await dell.client.status("PATCH", settings, {"Attributes": {"BootMode": "Bios"}}) == 204
    assert await dell.client.status("PATCH", settings, {"Attributes": {"Nonsense": 1}}) == 400
    assert (await dell.client.get(bios))["Attributes"]["BootMode"] == "Uefi"

    dell.machine.reset("ForceRestart")

    assert (await dell.client.get(bios))["Attributes"]["BootMode"] == "Bios"
    assert (await dell.client.get(settings))["Attributes"] == {}


async def test_every_write_to_a_resource_obeys_if_match(dell):
    status, _, session = await dell.client.ask("POST", SESSIONS, LOGIN)
    assert status == 201
    for path, method, body in (
        (dell.system, "PATCH", {"Boot": {"BootSourceOverrideTarget": "Pxe"}}),
        (f"{dell.system}/Bios/Settings", "PATCH", {"Attributes": {"BootMode": "Bios"}}),
        (session["@odata.id"], "DELETE", None),
    ):
        _, headers, _ = await dell.client.ask("GET", path)
        assert await dell.client.status(method, path, body, **{"If-Match": '"old"'}) == 412
        assert await dell.client.status(method, path, body, **{"If-Match": headers["ETag"]}) == 204


async def test_time_going_on_makes_no_new_version():
    server = machine()
    async with (
        emulated(server, personality=PERSONALITIES["hpe"]) as bmc,
        aiohttp.ClientSession(bmc.base, headers=BASIC) as session,
    ):
        client = Client(session)
        for path in (bmc.system, "/redfish/v1/Managers/1"):
            tags = []
            for _ in range(2):
                _, headers, _ = await client.ask("GET", path)
                tags.append(headers["ETag"])
                server.clock.now += timedelta(minutes=5)
            assert tags[0] == tags[1], path


async def test_session_slots_run_out_and_idle_sessions_end():
    server = machine()
    personality = PERSONALITIES["dell"]
    async with emulated(server, personality=personality) as bmc, aiohttp.ClientSession(bmc.base) as session:
        client = Client(session)
        opened = [await client.ask("POST", SESSIONS, LOGIN) for _ in range(personality.session_limit + 1)]
        assert [status for status, _, _ in opened] == [201] * personality.session_limit + [503]

        tokens = [headers["X-Auth-Token"] for _, headers, _ in opened[:-1]]
        server.clock.now += timedelta(seconds=personality.session_seconds - 60)
        assert await client.status("GET", bmc.system, **{"X-Auth-Token": tokens[0]}) == 200
        server.clock.now += timedelta(seconds=120)
        assert await client.status("GET", bmc.system, **{"X-Auth-Token": tokens[0]}) == 200
        assert await client.status("GET", bmc.system, **{"X-Auth-Token": tokens[1]}) == 401
        assert await client.status("POST", SESSIONS, LOGIN) == 201


async def test_eight_slots_survive_any_number_of_sessions_that_are_closed(dell):
    for _ in range(100):
        _, headers, session = await dell.client.ask("POST", SESSIONS, LOGIN)
        assert await dell.client.status("DELETE", session["@odata.id"], **{"X-Auth-Token": headers["X-Auth-Token"]}) == 204
    assert (await dell.client.get(SESSIONS))["Members"] == []


async def test_what_a_vendor_does_not_offer_is_refused(dell):
    reset = f"{dell.system}/Actions/ComputerSystem.Reset"
    assert await dell.client.status("POST", reset, {"ResetType": "ForceOn"}) == 400
    assert await dell.client.status("POST", reset, {"ResetType": "ForceRestart"}) == 204


@pytest.mark.parametrize(
    ("method", "path", "headers", "expected"),
    [
        ("GET", "/redfish/v1/?$unknown=1", {}, 501),
        ("GET", "/redfish/v1/?unknown=1", {}, 200),
        ("GET", "/redfish/v1/", {"OData-Version": "4.1"}, 412),
        ("GET", "/redfish/v1/$metadata", {"Authorization": ""}, 200),
        ("DELETE", "/redfish/v1/Systems", {}, 405),
        ("GET", "/redfish/v1/AccountService/Accounts/2", {}, 404),
        ("GET", "/redfish/v1/AccountService/Roles/ReadOnly", {}, 200),
    ],
)
async def test_the_protocol_s_small_print(dell, method, path, headers, expected):
    assert await dell.client.status(method, path, **headers) == expected
