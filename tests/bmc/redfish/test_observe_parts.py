"""A BMC that refuses a part, or shows something else than a server: what is readable is read, what is not is named."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bmc.errors import BmcError
from bmc.redfish.observe import RedfishObserver
from bmc.redfish.personality import PERSONALITIES
from tests.bmc.serving import CREDENTIALS, UUID, emulated, machine

pytestmark = pytest.mark.dated

MANAGER, MEDIA = f"/redfish/v1/Managers/{UUID}", f"/redfish/v1/Systems/{UUID}/VirtualMedia"
DEADLINE_SECONDS = 0.3


def answering(status):
    return lambda _request: web.json_response({"error": {}}, status=status)


async def breaking_off(request):
    request.transport.abort()
    return web.Response()


async def hanging(_request):
    await asyncio.Event().wait()


async def rubbish(_request):
    return web.Response(text="<html>", content_type="application/json")


FAILURES = {
    "401": answering(401),
    "403": answering(403),
    "500": answering(500),
    "503": answering(503),
    "rubbish": rubbish,
    "a line that breaks": breaking_off,
    "silence": hanging,
}


@asynccontextmanager
async def refusing(places, failure, **more):
    """A BMC that fails so for every resource whose path ends with one of these."""

    @web.middleware
    async def refuse(request, handler):
        if not request.path.rstrip("/").endswith(tuple(places)):
            return await handler(request)
        answer = failure(request)
        return await answer if asyncio.iscoroutine(answer) else answer

    async with (
        emulated(middlewares=[refuse], **more) as bmc,
        RedfishObserver(bmc.address, CREDENTIALS, deadline_seconds=DEADLINE_SECONDS) as observer,
    ):
        yield bmc, observer


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_part_that_cannot_be_read_takes_nothing_else_with_it(failure):
    async with refusing([MEDIA], FAILURES[failure]) as (bmc, observer):
        reading = await observer.read()

    assert (reading.power, reading.media) == ("On", {})
    assert reading.boot == {"target": "None", "enabled": "Disabled", "mode": "UEFI"}
    assert reading.signals["LastResetTime"] == bmc.machine.last_reset_time.isoformat()
    assert reading.unseen["media"]


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_manager_that_cannot_be_read_costs_the_clock_alone(failure):
    async with refusing([MANAGER], FAILURES[failure]) as (_, observer):
        reading = await observer.read()

    assert (reading.power, reading.bmc_time, reading.media) == ("On", "", {"Cd": ""})
    assert reading.unseen.keys() == {"manager"}
    assert "Manager.LastResetTime" not in reading.signals
    assert "MetalPivot.ResetCount" in reading.signals


async def test_what_is_not_there_is_not_unseen():
    async with refusing([MEDIA], answering(404)) as (_, observer):
        reading = await observer.read()
    assert (reading.media, reading.unseen) == ({}, {})


async def test_one_device_that_is_refused_hides_no_other():
    server = machine(media={"Cd": None, "Floppy": None})
    for device in server.media:
        server.eject(device)
    async with refusing([f"{MEDIA}/Floppy"], answering(403), server=server) as (_, observer):
        reading = await observer.read()

    assert reading.media == {"Cd": ""}
    assert reading.unseen.keys() == {"media Floppy"}
    assert "403" in reading.unseen["media Floppy"]


async def test_media_that_hang_under_a_manager_are_unseen_with_it():
    personality = PERSONALITIES["openbmc"]
    async with refusing(["/Managers/BMC_0"], answering(403), personality=personality) as (_, observer):
        reading = await observer.read()
    assert reading.power == "On"
    assert reading.unseen.keys() == {"manager", "media"}


async def test_after_a_broken_line_nothing_more_is_asked():
    async with refusing([MEDIA], breaking_off) as (bmc, observer):
        reading = await observer.read()
        asked = [each.path for each in bmc.machine.requests]

    assert reading.unseen["manager"].startswith("not asked for, after this: ")
    assert not any("Managers" in path for path in asked)


async def test_a_part_that_comes_back_is_read_again():
    refused = [True]

    @web.middleware
    async def refuse(request, handler):
        return web.Response(status=503) if refused and request.path.endswith(MEDIA) else await handler(request)

    async with emulated(middlewares=[refuse]) as bmc, RedfishObserver(bmc.address, CREDENTIALS) as observer:
        assert "media" in (await observer.read()).unseen
        refused.clear()
        reading = await observer.read()
    assert (reading.media, reading.unseen) == ({"Cd": ""}, {})


async def test_a_part_that_says_401_is_no_refusal_of_credentials_that_the_system_takes():
    async with refusing([MEDIA, MANAGER], answering(401)) as (_, observer):
        for _ in range(8):
            assert (await observer.read()).power == "On"


async def test_only_a_401_says_that_credentials_are_not_accepted():
    for status, kind in ((401, "auth"), (403, "forbidden")):
        async with refusing([f"/Systems/{UUID}"], answering(status)) as (_, observer):
            with pytest.raises(BmcError) as caught:
                await observer.read()
        assert caught.value.kind == kind
        assert ("credentials are not accepted" in caught.value.says) is (status == 401)


@pytest.mark.parametrize("path", ["", "/", "/redfish", "/redfish/v1", "/redfish/v1/", "//redfish/v1//"])
async def test_the_services_own_path_means_its_only_system(path):
    async with emulated() as bmc, RedfishObserver(f"redfish+{bmc.base}{path}", CREDENTIALS) as observer:
        reading = await observer.read()
    assert (reading.power, reading.family) == ("On", "emulated")


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/redfish/v1/Systems", "ComputerSystemCollection"),
        ("/redfish/v1/Systems/", "ComputerSystemCollection"),
        (MANAGER, "Manager"),
        (f"{MANAGER}/", "Manager"),
        (f"/redfish/v1/Chassis/{UUID}", "Chassis"),
        ("/redfish/v1/UpdateService", "UpdateService"),
    ],
)
async def test_a_path_to_something_else_is_named_with_its_cure(path, what):
    async with emulated() as bmc, RedfishObserver(f"redfish+{bmc.base}{path}", CREDENTIALS) as observer:
        with pytest.raises(BmcError) as caught:
            await observer.read()
    assert (caught.value.kind, caught.value.blame) == ("address", "us")
    assert f"is a {what} of this BMC, and no ComputerSystem" in caught.value.says
    assert f"write /redfish/v1/Systems/{UUID} as the path" in caught.value.says


async def test_of_several_systems_the_address_must_name_one():
    async def both(_request):
        return web.json_response({"Members": [{"@odata.id": f"/redfish/v1/Systems/{name}"} for name in ("b", "a")]})

    async with (
        refusing(["/redfish/v1/Systems"], both) as (bmc, _),
        RedfishObserver(f"redfish+{bmc.base}", CREDENTIALS) as observer,
    ):
        with pytest.raises(BmcError) as caught:
            await observer.read()
    assert caught.value.kind == "address"
    assert "has 2 systems" in caught.value.says
    assert "one of /redfish/v1/Systems/a, /redfish/v1/Systems/b" in caught.value.says


@pytest.mark.parametrize(
    ("body", "power"),
    [
        ({"PowerState": "On", "Boot": None, "Links": None, "VirtualMedia": None, "Oem": None, "BootProgress": None}, "On"),
        ({"PowerState": None, "Links": {"ManagedBy": [None, {"@odata.id": None}]}, "VirtualMedia": {"@odata.id": 3}}, None),
        ({"PowerState": "Unknown", "Manufacturer": None, "LastResetTime": None, "PowerRestorePolicy": 1}, "Unknown"),
        ({}, None),
    ],
)
async def test_odd_nulls_and_missing_members_are_told_as_nothing(body, power):
    async def odd(_request):
        return web.json_response(body)

    async with refusing([f"/Systems/{UUID}"], odd) as (_, observer):
        reading = await observer.read()
    assert (reading.power, reading.boot, reading.media, reading.signals, reading.unseen) == (power, {}, {}, {}, {})
