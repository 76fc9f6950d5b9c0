"""The emulated BMC on the wire: who may, what is answered, what is logged."""

from contextlib import asynccontextmanager

import aiohttp
import pytest

from tests.bmc.serving import CREDENTIALS, UUID, emulated
from tests.waiting import until

ENTRIES = f"/redfish/v1/Managers/{UUID}/LogServices/Requests/Entries"
BASIC = {"Authorization": aiohttp.encode_basic_auth(CREDENTIALS.username, CREDENTIALS.password)}


@pytest.fixture
async def bmc():
    async with emulated() as running:
        yield running


@pytest.fixture
async def client(bmc):
    async with aiohttp.ClientSession(bmc.base, headers=BASIC) as session:
        yield session


async def status(client, method, path, **more):
    async with client.request(method, path, **more) as response:
        return response.status


async def told(client, query=""):
    async with client.get(ENTRIES + query) as response:
        return await response.json()


async def test_every_link_leads_somewhere(bmc, client):
    seen, waiting = set(), ["/redfish/v1/"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        async with client.get(path) as response:
            assert response.status == 200, path
            waiting += links(await response.json())

    assert {f"/redfish/v1/{kind}/{UUID}" for kind in ("Systems", "Chassis", "Managers")} < seen


def links(value):
    if isinstance(value, dict):
        return [each for name, inner in value.items() for each in ([inner] if name == "@odata.id" else links(inner))]
    return [each for inner in value for each in links(inner)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    ("headers", "path", "expected"),
    [
        ({}, "/redfish/v1/", 200),
        ({}, "/redfish/v1/Systems", 401),
        ({"Authorization": "Basic !!!"}, "/redfish/v1/Systems", 401),
        ({"Authorization": aiohttp.encode_basic_auth("admin", "wrong")}, "/redfish/v1/Systems", 401),
        ({"Authorization": aiohttp.encode_basic_auth("nobody", "")}, "/redfish/v1/Systems", 401),
        ({"X-Auth-Token": ""}, "/redfish/v1/Systems", 401),
        (BASIC, "/redfish/v1/Systems", 200),
    ],
)
async def test_only_the_service_root_is_public(bmc, headers, path, expected):
    async with aiohttp.ClientSession(bmc.base, headers=headers) as stranger:
        assert await status(stranger, "GET", path) == expected


async def test_a_session_lasts_until_it_is_deleted(bmc):
    body = {"UserName": CREDENTIALS.username, "Password": CREDENTIALS.password}
    async with aiohttp.ClientSession(bmc.base) as guest:
        async with guest.post("/redfish/v1/SessionService/Sessions", json=body) as response:
            assert response.status == 201
            token, location = response.headers["X-Auth-Token"], response.headers["Location"]
        with_token = {"X-Auth-Token": token}

        assert await status(guest, "GET", bmc.system, headers=with_token) == 200
        assert await status(guest, "DELETE", location, headers=with_token) == 204
        assert await status(guest, "GET", bmc.system, headers=with_token) == 401


async def test_a_changed_password_counts_at_once(bmc, client):
    assert await status(client, "GET", bmc.system) == 200
    bmc.passwords["admin"] = "changed"
    assert await status(client, "GET", bmc.system) == 401


@pytest.mark.parametrize(
    "refused",
    [
        ("POST", "/Actions/ComputerSystem.Reset", '{"ResetType": "Banana"}', 400),
        ("POST", "/Actions/ComputerSystem.Reset", '{"ResetType": ["On"]}', 400),
        ("POST", "/Actions/ComputerSystem.Reset", "{}", 400),
        ("POST", "/Actions/ComputerSystem.Reset", "{{{", 400),
        ("POST", "/Actions/ComputerSystem.Reset", "[]", 400),
        ("PATCH", "", '{"Boot": {"BootSourceOverrideTarget": "Banana"}}', 400),
        ("PATCH", "", '{"Boot": {"Order": 1}}', 400),
        ("PATCH", "", '{"PowerState": "Off"}', 400),
        ("PATCH", "", '{"Boot": 1}', 400),
        ("POST", "/VirtualMedia/Cd/Actions/VirtualMedia.InsertMedia", "{}", 400),
        ("POST", "/VirtualMedia/Tape/Actions/VirtualMedia.InsertMedia", '{"Image": "x"}', 404),
        ("POST", "/VirtualMedia/Tape/Actions/VirtualMedia.EjectMedia", "", 404),
        ("DELETE", "", "", 405),
        ("POST", "/Nothing", "", 404),
        ("GET", "/Nothing", "", 404),
    ],
)
async def test_a_bad_request_is_refused_in_redfish_words_and_changes_nothing(bmc, client, refused):
    method, path, body, expected = refused
    before = (bmc.machine.power, bmc.machine.boot, dict(bmc.machine.media), bmc.machine.reset_count)

    async with client.request(method, bmc.system + path, data=body) as response:
        assert response.status == expected
        assert (await response.json())["error"]["@Message.ExtendedInfo"][0]["MessageId"].startswith("Base.")

    assert (bmc.machine.power, bmc.machine.boot, dict(bmc.machine.media), bmc.machine.reset_count) == before


async def test_an_old_etag_is_refused_and_the_present_one_taken(bmc, client):
    wanted = {"Boot": {"BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once"}}
    async with client.get(bmc.system) as response:
        tag = response.headers["ETag"]

    assert await status(client, "GET", bmc.system, headers={"If-None-Match": tag}) == 304
    assert await status(client, "PATCH", bmc.system, json=wanted, headers={"If-Match": '"old"'}) == 412
    assert bmc.machine.boot.target == "None"
    assert await status(client, "PATCH", bmc.system, json=wanted, headers={"If-Match": tag}) == 204
    assert (bmc.machine.boot.target, bmc.machine.boot.enabled) == ("Pxe", "Once")


@asynccontextmanager
async def reset_thrice(power_seconds):
    """A BMC that took three orders, and the changes of power that they made so far."""
    async with emulated(power_seconds=power_seconds) as bmc, aiohttp.ClientSession(bmc.base, headers=BASIC) as client:
        changes = []
        bmc.machine.on_power.append(lambda _, change: changes.append((change.after, change.cause)))
        for reset_type in ("ForceOff", "On", "ForceRestart"):
            path = f"{bmc.system}/Actions/ComputerSystem.Reset"
            assert await status(client, "POST", path, json={"ResetType": reset_type}) == 204
        yield changes


async def test_power_takes_its_time():
    async with reset_thrice(power_seconds=60) as changes:
        assert changes == []


async def test_resets_wait_for_each_other():
    async with reset_thrice(power_seconds=0.02) as changes:
        await until(lambda: len(changes) == 3, "three changes of power")

    assert changes == [("Off", "ForceOff"), ("On", "On"), ("On", "ForceRestart")]


async def test_the_log_tells_every_request_also_refused_ones(bmc, client):
    await status(client, "GET", bmc.system)
    await status(client, "POST", f"{bmc.system}/Actions/ComputerSystem.Reset", json={"ResetType": "ForceRestart"})
    await status(client, "POST", f"{bmc.system}/Actions/ComputerSystem.Reset", json={"ResetType": "Banana"})
    async with aiohttp.ClientSession(bmc.base, headers={"User-Agent": "stranger/1"}) as stranger:
        await status(stranger, "GET", bmc.system)

    members = (await told(client))["Members"]

    assert [each["Id"] for each in members] == ["1", "2", "3", "4"]
    agent = members[0]["MessageArgs"][1]
    path = f"{bmc.system}/Actions/ComputerSystem.Reset"
    assert [each["MessageArgs"] for each in members] == [
        ["127.0.0.1", agent, "admin", "GET", bmc.system, "200", ""],
        ["127.0.0.1", agent, "admin", "POST", path, "204", '{"ResetType": "ForceRestart"}'],
        ["127.0.0.1", agent, "admin", "POST", path, "400", '{"ResetType": "Banana"}'],
        ["127.0.0.1", "stranger/1", "", "GET", bmc.system, "401", ""],
    ]


async def test_no_secret_enters_the_log(bmc, client):
    secret = "hunter2"
    for body in (
        f'{{"UserName": "admin", "Password": "{secret}"}}',
        f'{{"a": [{{"OldPassword": "{secret}", "authToken": "{secret}"}}]}}',
        f"Password={secret}",
        f'{{"Image": "http://user:{secret}@image/boot.iso"}}',
    ):
        await status(client, "POST", "/redfish/v1/SessionService/Sessions", data=body)

    logged = [each["MessageArgs"][-1] for each in (await told(client))["Members"]]

    assert len(logged) == 4
    assert secret not in str(logged)
    assert "admin" in logged[0]


async def test_the_log_is_read_in_windows(bmc, client):
    for _ in range(5):
        await status(client, "GET", bmc.system)

    page = await told(client, "?$skip=1&$top=2")

    assert [each["Id"] for each in page["Members"]] == ["2", "3"]
    assert page["Members@odata.count"] == 5
    assert page["Members@odata.nextLink"].endswith("?$skip=3&$top=2")
    assert (await told(client, "?$skip=99"))["Members"] == []
    assert await status(client, "GET", f"{ENTRIES}?$skip=x") == 400
    assert await status(client, "GET", f"{ENTRIES}/3") == 200
    assert await status(client, "GET", f"{ENTRIES}/999") == 404


async def test_a_restart_of_the_bmc_loses_log_and_sessions_and_spares_the_server(bmc, client):
    body = {"UserName": CREDENTIALS.username, "Password": CREDENTIALS.password}
    async with client.post("/redfish/v1/SessionService/Sessions", json=body) as response:
        token = {"X-Auth-Token": response.headers["X-Auth-Token"]}
    manager = f"/redfish/v1/Managers/{UUID}"

    assert await status(client, "POST", f"{manager}/Actions/Manager.Reset", json={"ResetType": "ForceRestart"}) == 204

    members = (await told(client))["Members"]
    assert [(each["Id"], each["MessageArgs"][3]) for each in members] == [("1", "POST")]
    async with aiohttp.ClientSession(bmc.base, headers=token) as guest:
        assert await status(guest, "GET", bmc.system) == 401
    assert bmc.machine.reset_count == 0
