"""Sight on a BMC over IPMI, and what the check makes of it: the same verdicts as over Redfish, unknown where IPMI proves nothing."""

import asyncio

import pytest

from bmc.address import parse_ipmi_address
from bmc.ipmi.client.connection import IpmiConnection
from bmc.ipmi.observe import IpmiObserver
from bmc.ipmi.wire import CHASSIS, STORAGE, Chassis, Storage
from harness.checks import bmc_untouched
from harness.journal import facts
from harness.journal.journal import Journal
from harness.sight.bmc import BmcSight
from harness.sight.network.ping import is_present
from tests.bmc.ipmi.serving import CREDENTIALS, emulated
from tests.checks.history import Story, of_host
from tests.waiting import until

INTERVAL_SECONDS = 0.01
HOST = "node-1"


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "run")
    yield journal
    journal.close()


@pytest.fixture(params=[True, False], ids=["emulated", "plain"])
def bmc(request):
    with emulated(oem=request.param) as running:
        yield running


def looks(bmc) -> int:
    return len(bmc.asked("/ipmi/Chassis/GetStatus"))


async def watched(bmc, journal, during=None, *, recorded=False) -> Story:
    """The history of a move during which somebody did something to a host whose BMC was watched."""
    observer = IpmiObserver(bmc.address, CREDENTIALS, deadline_seconds=2.0, recorded=recorded)
    sight = BmcSight(HOST, observer, journal, interval_seconds=INTERVAL_SECONDS, clients={})
    task = asyncio.create_task(sight.run())
    await asyncio.wait_for(sight.ready.wait(), 5)
    first = len(journal.entries)
    if during:
        await during(bmc)
    enough = looks(bmc) + 3
    await until(lambda: looks(bmc) >= enough, "three more looks")
    task.cancel()
    await asyncio.wait([task])
    before_final = len(journal.entries)
    await sight.final()
    await sight.close()
    story = Story().sees("kube")
    story.host(HOST)
    told = [entry.fact for entry in journal.entries if not isinstance(entry.fact, facts.SightEnded)]
    for fact in told[:first]:
        story.tell(fact)
    story.begins_move()
    for fact in told[first:before_final]:
        story.tell(fact)
    story.move()
    for fact in told[before_final:]:
        story.tell(fact)
    return story.ends()


def judgement(story: Story):
    return of_host(bmc_untouched.check(story.world()), HOST)


async def ask(bmc, *commands: tuple[int, int, bytes]) -> None:
    """Somebody who does not say who he is."""
    connection = IpmiConnection(parse_ipmi_address(bmc.address), CREDENTIALS, deadline_seconds=5.0)
    for command in commands:
        await connection.command(*command)
    await connection.close()


async def reset_by_a_stranger(bmc) -> None:
    await ask(bmc, (CHASSIS, Chassis.CONTROL, b"\x03"))


async def set_boot_by_a_stranger(bmc) -> None:
    await ask(bmc, (CHASSIS, Chassis.SET_BOOT_OPTIONS, bytes.fromhex("058004000000")))


async def restart(bmc) -> None:
    bmc.order("restart")


async def clear_event_log(bmc) -> None:
    connection = IpmiConnection(parse_ipmi_address(bmc.address), CREDENTIALS, deadline_seconds=5.0)
    reservation = await connection.command(STORAGE, Storage.RESERVE_SEL)
    await connection.command(STORAGE, Storage.CLEAR_SEL, reservation + b"CLR\xaa")
    await connection.close()


async def test_the_emulated_bmc_answers_a_ping_of_the_network(bmc):
    assert await is_present("127.0.0.1", bmc.port, local_address="127.77.1.1", seconds=5.0)
    bmc.order("silence", True)
    assert not await is_present("127.0.0.1", bmc.port, local_address="127.77.1.1", seconds=0.2)


async def test_a_quiet_host_passes_where_the_bmc_keeps_a_record_and_is_unknown_where_not(bmc, journal, request):
    found = judgement(await watched(bmc, journal))

    assert found.verdict == ("pass" if "emulated" in request.node.name else "unknown"), found.says


async def test_a_reset_by_a_stranger_fails(bmc, journal, request):
    found = judgement(await watched(bmc, journal, reset_by_a_stranger))

    assert found.verdict == "fail"
    words = (
        "Reset ForceRestart by a third party (127.0.0.1)" if "emulated" in request.node.name else "boot by hard reset: a reset"
    )
    assert words in found.says


async def test_a_boot_device_set_by_a_stranger_fails(bmc, journal):
    found = judgement(await watched(bmc, journal, set_boot_by_a_stranger))

    assert found.verdict == "fail"
    assert "Pxe" in found.says


async def test_a_warm_reset_that_no_command_asked_for_fails(bmc, journal):
    found = judgement(await watched(bmc, journal, restart))

    assert found.verdict == "fail"
    assert "boot by warm reset: a reset" in found.says


async def test_a_cleared_event_log_is_no_false_alarm(bmc, journal, request):
    found = judgement(await watched(bmc, journal, clear_event_log))

    assert found.verdict == "unknown", found.says
    assert ("its log was cleared" in found.says) == ("emulated" in request.node.name)
