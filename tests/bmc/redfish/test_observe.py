"""The observer against the emulated BMC: what it reads, and that it changes nothing."""

import asyncio

import pytest
from aiohttp import web

from bmc.errors import BmcError
from bmc.machine import BootOverride
from bmc.redfish.observe import RedfishObserver
from tests.bmc.serving import CREDENTIALS, emulated

pytestmark = pytest.mark.dated


@pytest.fixture
async def bmc():
    async with emulated() as running:
        yield running


@pytest.fixture
async def observer(bmc):
    async with RedfishObserver(bmc.address, CREDENTIALS) as watching:
        yield watching


async def test_a_reading_tells_power_boot_media_signals_and_the_clock(bmc, observer):
    bmc.machine.set_boot(BootOverride(target="Cd", enabled="Once"))
    bmc.machine.insert("Cd", "http://user:hunter2@image/boot.iso")

    reading = await observer.read()

    assert reading.power == "On"
    assert reading.boot == {"target": "Cd", "enabled": "Once", "mode": "UEFI"}
    assert reading.media == {"Cd": "http://image/boot.iso"}
    assert reading.signals == {
        "LastResetTime": bmc.machine.last_reset_time.isoformat(),
        "BootProgress.LastState": "OSRunning",
        "BootProgress.LastStateTime": bmc.machine.boot_progress.last_state_time.isoformat(),
        "MetalPivot.ResetCount": "0",
        "PowerRestorePolicy": "LastState",
        "Manager.LastResetTime": bmc.machine.manager_reset_time.isoformat(),
    }
    assert reading.bmc_time.startswith("2026-11-22T12:00:00")
    assert reading.family == "emulated"


async def test_a_force_restart_never_shows_off_but_moves_the_witnesses(bmc, observer):
    before = await observer.read()
    bmc.machine.reset("ForceRestart")
    after = await observer.read()

    assert (before.power, after.power) == ("On", "On")
    assert after.signals["LastResetTime"] > before.signals["LastResetTime"]
    assert after.signals["MetalPivot.ResetCount"] == "1"


async def test_the_observer_only_gets_on_one_connection_under_its_own_name():
    peers, busy, most_at_once = set(), 0, 0

    @web.middleware
    async def count(request, handler):
        nonlocal busy, most_at_once
        peers.add(request.transport.get_extra_info("peername"))
        busy += 1
        most_at_once = max(busy, most_at_once)
        await asyncio.sleep(0)
        busy -= 1
        return await handler(request)

    async with emulated(middlewares=[count]) as bmc, RedfishObserver(bmc.address, CREDENTIALS) as observer:
        await observer.begin_requests()
        for _ in range(3):
            await asyncio.gather(observer.read(), observer.read_requests())

        assert {each.method for each in bmc.machine.requests} == {"GET"}
        assert {each.user_agent for each in bmc.machine.requests} == {"metal3-pivot-harness"}
        assert observer.local_address == "127.0.0.1"
    assert (len(peers), most_at_once) == (1, 1)


async def test_the_only_system_is_found_without_a_path(bmc):
    async with RedfishObserver(f"redfish+{bmc.base}", CREDENTIALS) as observer:
        assert (await observer.read()).power == "On"


async def test_the_log_is_told_from_its_end_on_and_each_request_once(bmc, observer):
    bmc.machine.reset("ForceRestart")
    await observer.read()
    assert await observer.begin_requests()
    first = await observer.read_requests()
    second = await observer.read_requests()

    ids = [each.id for each in (*first.entries, *second.entries)]
    assert first.complete
    assert second.complete
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert all("/Entries" in each.path for each in first.entries)


async def test_a_cleared_log_is_noticed_and_its_new_content_told(bmc, observer):
    await observer.begin_requests()
    await observer.read_requests()
    bmc.machine.restart_manager()

    read = await observer.read_requests()
    assert not read.complete
    assert "cleared" in read.says
    assert (await observer.read_requests()).complete


async def test_a_cleared_log_is_noticed_even_when_it_has_grown_longer_than_before(bmc, observer):
    await observer.begin_requests()
    known = len(bmc.machine.requests)
    bmc.machine.restart_manager()
    async with RedfishObserver(bmc.address, CREDENTIALS) as other:
        while len(bmc.machine.requests) < 2 * known:
            await other.read()

    read = await observer.read_requests()

    assert not read.complete
    assert read.entries[0].id == 1


async def test_a_log_longer_than_a_page_is_read_to_its_end(bmc, observer):
    await observer.begin_requests()
    async with RedfishObserver(bmc.address, CREDENTIALS) as other:
        for _ in range(400):
            await other.read()

    read = await observer.read_requests()

    assert read.complete
    assert len(read.entries) >= 1200


async def test_a_log_that_drops_its_oldest_entries_is_followed_while_they_were_read(bmc, observer):
    bmc.machine.requests = type(bmc.machine.requests)(capacity=100)
    await observer.begin_requests()
    told = []
    for _ in range(40):
        await observer.read()
        read = await observer.read_requests()
        assert read.complete, read.says
        told += [each.id for each in read.entries]

    assert told == list(range(told[0], told[0] + len(told)))
    assert len(told) > 100


async def test_entries_that_were_dropped_unread_are_missed_aloud(bmc, observer):
    bmc.machine.requests = type(bmc.machine.requests)(capacity=10)
    await observer.begin_requests()
    async with RedfishObserver(bmc.address, CREDENTIALS) as other:
        for _ in range(10):
            await other.read()

    read = await observer.read_requests()

    assert not read.complete
    assert len(read.entries) <= 10


async def test_a_wrong_system_is_our_mistake(bmc):
    async with RedfishObserver(f"redfish+{bmc.base}/redfish/v1/Systems/other", CREDENTIALS) as observer:
        with pytest.raises(BmcError) as caught:
            await observer.read()

    assert (caught.value.kind, caught.value.blame) == ("missing", "us")
