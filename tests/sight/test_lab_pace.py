"""Who keeps pace: stalls of our own, a lab that falls behind, and what of both counts as blindness."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest

from harness.emulated.plan.network import EmulatedNetwork
from harness.journal.facts import HarnessStalled, IronicNode, LabLagged, SightLost, SightRegained
from harness.journal.journal import Journal
from harness.sight.ironic import IronicSight
from harness.sight.lab_pace import LabPace
from harness.sight.own_stalls import OwnStalls
from tests.sight.test_ironic import NODE, FakeIronic
from tests.waiting import until

STALL_SECONDS = 1.0
SECONDS = 10.0


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "run")
    yield journal
    journal.close()


def told(journal, kind):
    return [entry for entry in journal.entries if isinstance(entry.fact, kind)]


@asynccontextmanager
async def running(*watchers):
    tasks = [asyncio.create_task(watcher.run()) for watcher in watchers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


class Lab:
    """A lab that loses as much time as it is told to."""

    def __init__(self) -> None:
        self.lost = 0.0
        self.network = EmulatedNetwork(lambda: self.lost)


@pytest.fixture
async def lab():
    lab = Lab()
    lab.control = await lab.network.start()
    yield lab
    await lab.network.stop()


async def test_a_stall_of_our_own_is_journaled_with_its_time(journal):
    stalls = OwnStalls(journal)
    async with running(stalls):
        await asyncio.sleep(0.01)
        began = journal.now()
        time.sleep(STALL_SECONDS)  # noqa: ASYNC251 - that is the stall
        assert stalls.within(began, journal.now()) >= STALL_SECONDS / 2, "the present one counts, before it is over"
        await until(lambda: told(journal, HarnessStalled), "the stall to be told", SECONDS)
    (stall,) = told(journal, HarnessStalled)
    assert stall.at - stall.since >= STALL_SECONDS / 2
    assert stalls.within(began, stall.at) == pytest.approx(stall.at - stall.since)


async def test_what_the_lab_lost_is_journaled_and_is_no_time_that_was_waited(journal, lab):
    pace = LabPace(lab.control, journal, OwnStalls(journal))
    async with running(pace):
        await pace.ready.wait()
        began = journal.now()
        await asyncio.sleep(0.2)
        lab.lost += 0.15
        waited = await pace.waited(began)
    assert waited < journal.now() - began - 0.1
    assert [entry.fact.lost_seconds for entry in told(journal, LabLagged)] == [pytest.approx(0.15)]


async def test_a_lab_without_such_a_control_keeps_pace(journal):
    pace = LabPace("", journal, OwnStalls(journal))
    began = journal.now()
    await asyncio.sleep(0.05)
    assert await pace.waited(began) >= 0.05
    await pace.final()
    assert told(journal, LabLagged) == []


@asynccontextmanager
async def watched_ironic(journal, control):
    """An Ironic that is polled ten times a second."""
    ironic, stalls = FakeIronic(), OwnStalls(journal)
    await ironic.start()
    pace = LabPace(control, journal, stalls)
    sight = IronicSight("target", f"http://127.0.0.1:{ironic.port}", None, journal, interval_seconds=0.1, pace=pace)
    try:
        async with running(stalls, pace, sight):
            await sight.ready.wait()
            await pace.ready.wait()
            yield ironic
    finally:
        await sight.close()
        await ironic.stop()


async def test_what_came_and_went_while_we_stood_still_was_not_seen_and_that_is_told(journal, lab):
    async with watched_ironic(journal, lab.control) as ironic:
        time.sleep(STALL_SECONDS)  # noqa: ASYNC251 - that is the stall
        ironic.nodes = [NODE | {"provision_state": "cleaning"}]
        await until(lambda: told(journal, SightRegained), "blindness to be told", SECONDS)
        await until(lambda: len(told(journal, IronicNode)) > 1, "the node to be told", SECONDS)
    (lost,), (regained,) = told(journal, SightLost), told(journal, SightRegained)
    assert "the harness itself stood still" in lost.fact.says
    assert not regained.fact.complete
    assert regained.at - lost.since >= STALL_SECONDS


async def test_a_lab_that_stood_still_as_long_as_we_did_hid_nothing(journal, lab):
    async with watched_ironic(journal, lab.control):
        time.sleep(STALL_SECONDS)  # noqa: ASYNC251 - that is the stall
        lab.lost += STALL_SECONDS
        await until(lambda: told(journal, HarnessStalled), "the stall to be told", SECONDS)
        await asyncio.sleep(0.5)
    assert told(journal, SightLost) == []
