"""Sight on a BMC: readings when they differ, every request of others, every blindness once."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web

from benchmarks.detection.clock import VirtualLoop
from bmc.model import Reading
from bmc.redfish import act
from bmc.redfish.events import follow
from bmc.redfish.observe import RedfishObserver
from harness.journal.facts import BmcRead, BmcRequest, SightBegan, SightEnded, SightLost, SightRegained
from harness.journal.journal import Journal
from harness.sight.bmc import BmcSight, BmcSightLimits
from tests.bmc.serving import CREDENTIALS, deaf, emulated
from tests.waiting import until

INTERVAL_SECONDS = 0.01
BASIC = {"Authorization": aiohttp.encode_basic_auth(CREDENTIALS.username, CREDENTIALS.password)}
IMPATIENT = BmcSightLimits(first_look_seconds=0.1, last_look_seconds=0.1)
"""A first and a last look at what is dead for good are not tried for long."""
CLIENTS = {"127.77.1.1": "ironic-source"}


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "run")
    yield journal
    journal.close()


class Weather:
    """A middleware that lets the BMC be dead, or its log, while a test wants it so."""

    def __init__(self) -> None:
        self.dead = False
        self.no_log = False
        self.broken_log = False
        self.broken_manager = False
        self.no_media = False
        self.turned_away = 0

    @property
    def middleware(self):
        @web.middleware
        async def blow(request, handler):
            if self.dead and request.remote == "127.0.0.1":
                self.turned_away += 1
                request.transport.abort()
            if self.no_log and "LogServices" in request.path:
                return web.Response(status=404)
            if self.broken_log and "LogServices" in request.path:
                return web.Response(status=500)
            if self.no_media and "VirtualMedia" in request.path:
                return web.Response(status=403)
            if self.broken_manager and request.path.startswith("/redfish/v1/Managers/"):
                return web.Response(status=500)
            return await handler(request)

        return blow


@pytest.fixture
def weather():
    return Weather()


@pytest.fixture
async def bmc(weather):
    async with emulated(middlewares=[weather.middleware]) as running:
        yield running


@asynccontextmanager
async def watching(bmc, journal, interval_seconds=INTERVAL_SECONDS, limits=IMPATIENT):
    """A sight that looks from here to there, and takes its last look there."""
    observer = RedfishObserver(bmc.address, CREDENTIALS, deadline_seconds=1.0)
    sight = BmcSight("node-0", observer, journal, interval_seconds=interval_seconds, clients=CLIENTS, limits=limits)
    task = asyncio.create_task(sight.run())
    try:
        await asyncio.wait_for(sight.ready.wait(), 5)
        yield sight
        assert not task.done(), task
    finally:
        task.cancel()
        await asyncio.wait([task])
        await sight.final()
        await sight.close()


def entries(journal, kind, **fields):
    return [
        entry
        for entry in journal.entries
        if isinstance(entry.fact, kind) and all(getattr(entry.fact, name) == value for name, value in fields.items())
    ]


def seen(journal, kind, count=1, **fields):
    return until(lambda: len(entries(journal, kind, **fields)) >= count, f"{count} {kind.__name__} {fields}")


async def looks(bmc, count=3):
    """Let the sight look some more times."""
    target = len(bmc.machine.requests) + 5 * count
    await until(lambda: len(bmc.machine.requests) >= target, f"{count} more looks")


async def request(bmc, method, path, *, source="127.77.1.1", agent="sushy/5.14.0", **more):
    connector = aiohttp.TCPConnector(local_addr=(source, 0))
    headers = {**BASIC, "User-Agent": agent}
    async with (
        aiohttp.ClientSession(bmc.base, headers=headers, connector=connector) as client,
        client.request(method, path, **more) as response,
    ):
        return response.status


async def test_an_idle_bmc_gives_a_first_and_a_last_reading_and_nothing_between(bmc, journal):
    async with watching(bmc, journal):
        await looks(bmc, 10)

    kinds = [type(entry.fact).__name__ for entry in journal.entries]
    assert kinds == ["SightBegan", "BmcRead", "SightBegan", "BmcRead", "SightEnded", "SightEnded"]
    assert [entry.fact.final for entry in entries(journal, BmcRead)] == [False, True]
    assert [entry.fact.complete for entry in entries(journal, SightEnded)] == [True, True]
    assert all(entry.since <= entry.at for entry in journal.entries)


async def test_a_change_is_recorded_between_the_looks_around_it(bmc, journal):
    async with watching(bmc, journal):
        await looks(bmc)
        before = journal.now()
        bmc.machine.reset("ForceOff")
        after = journal.now()
        await seen(journal, BmcRead, power="Off")

    off = entries(journal, BmcRead, power="Off")[0]
    assert off.since <= before
    assert off.at >= after


async def test_a_force_restart_is_seen_in_the_witnesses_and_named_in_the_requests(bmc, journal):
    async with watching(bmc, journal):
        path = f"{bmc.system}/Actions/ComputerSystem.Reset"
        before = journal.now()
        assert await request(bmc, "POST", path, json={"ResetType": "ForceRestart"}) == 204
        await seen(journal, BmcRequest, method="POST")
        await seen(journal, BmcRead, 2)

    assert {entry.fact.power for entry in entries(journal, BmcRead)} == {"On"}
    times = {entry.fact.signals["LastResetTime"] for entry in entries(journal, BmcRead)}
    assert len(times) == 2
    (reset,) = entries(journal, BmcRequest, method="POST")
    assert reset.since <= before <= reset.at
    assert (reset.fact.client, reset.fact.address, reset.fact.user_agent) == ("ironic-source", "127.77.1.1", "sushy/5.14.0")
    assert (reset.fact.path, reset.fact.status, reset.fact.body) == (path, 204, '{"ResetType": "ForceRestart"}')


async def test_everybody_but_the_observer_and_our_probes_is_told(bmc, journal):
    await request(bmc, "GET", "/redfish/v1/before-the-run")
    async with watching(bmc, journal):
        await request(bmc, "GET", bmc.system, source="127.77.2.1")
        await request(bmc, "GET", bmc.system, source="127.77.9.9", agent="metal3-pivot-harness")
        await request(bmc, "GET", bmc.system, agent="metal3-pivot-harness/probe")
        await request(bmc, "GET", bmc.system, source="127.77.9.9", agent="metal3-pivot-harness/probe")
        await request(bmc, "GET", "/redfish/v1/nothing")
        await act.power_state(bmc.address, CREDENTIALS)

    told = [(entry.fact.address, entry.fact.client, entry.fact.status) for entry in entries(journal, BmcRequest)]
    actor = ("127.0.0.1", "harness", 200)
    assert told[:4] == [
        ("127.77.2.1", "", 200),
        ("127.77.9.9", "harness", 200),
        ("127.77.9.9", "harness", 200),
        ("127.77.1.1", "ironic-source", 404),
    ]
    assert set(told[4:]) == {actor}


async def test_an_outage_is_told_once_and_the_log_tells_afterwards_what_came_in_it(bmc, journal, weather):
    async with watching(bmc, journal):
        await looks(bmc)
        weather.dead = True
        await seen(journal, SightLost, 2)
        dark = journal.now()
        path = f"{bmc.system}/Actions/ComputerSystem.Reset"
        await request(bmc, "POST", path, json={"ResetType": "ForceOff"})
        await request(bmc, "POST", path, json={"ResetType": "On"})
        refused = len(entries(journal, SightLost))
        enough = weather.turned_away + 5
        await until(lambda: weather.turned_away >= enough, "five more looks in the dark")
        weather.dead = False
        await seen(journal, SightRegained, 2)

    assert refused == len(entries(journal, SightLost)) == 2
    regained = {entry.fact.sight: entry for entry in entries(journal, SightRegained)}
    assert regained["bmc_requests"].fact.complete
    assert not regained["bmc"].fact.complete
    lost = {entry.fact.sight: entry for entry in entries(journal, SightLost)}
    posts = entries(journal, BmcRequest, method="POST")
    assert [entry.fact.body for entry in posts] == ['{"ResetType": "ForceOff"}', '{"ResetType": "On"}']
    assert all(lost["bmc_requests"].since <= entry.since <= dark <= entry.at for entry in posts)
    assert all(entry.seq < regained["bmc_requests"].seq for entry in posts)
    changed = next(entry for entry in entries(journal, BmcRead) if entry.seq > lost["bmc"].seq)
    assert changed.since <= lost["bmc"].at
    assert [entry.fact.complete for entry in entries(journal, SightEnded)] == [True, True]


async def test_a_cleared_log_is_a_hole_that_nothing_bridges(bmc, journal):
    async with watching(bmc, journal):
        await looks(bmc)
        bmc.machine.restart_manager()
        await seen(journal, SightRegained, sight="bmc_requests")
        await looks(bmc)

    (lost,) = entries(journal, SightLost)
    (regained,) = entries(journal, SightRegained)
    assert lost.fact.sight == regained.fact.sight == "bmc_requests"
    assert "cleared" in lost.fact.says
    assert not regained.fact.complete
    assert lost.since < lost.at


async def test_a_bmc_without_a_log_has_no_sight_on_requests(bmc, journal, weather):
    weather.no_log = True
    async with watching(bmc, journal):
        await request(bmc, "GET", bmc.system)

    assert {entry.fact.sight for entry in entries(journal, SightBegan)} == {"bmc"}
    assert entries(journal, SightLost) == entries(journal, BmcRequest) == []


async def test_a_log_that_cannot_be_told_of_at_first_is_found_later(bmc, journal, weather):
    weather.broken_manager = True
    async with watching(bmc, journal):
        await looks(bmc)
        weather.broken_manager = False
        await seen(journal, SightBegan, sight="bmc_requests")
        await request(bmc, "GET", bmc.system)
        await seen(journal, BmcRequest)


async def test_a_log_that_fails_alone_is_lost_alone(bmc, journal, weather):
    async with watching(bmc, journal):
        weather.broken_log = True
        await seen(journal, SightLost)
        bmc.machine.reset("ForceOff")
        await seen(journal, BmcRead, power="Off")

    assert [entry.fact.sight for entry in entries(journal, SightLost)] == ["bmc_requests"]
    assert {entry.fact.sight: entry.fact.complete for entry in entries(journal, SightEnded)} == {
        "bmc": True,
        "bmc_requests": False,
    }


async def test_a_part_that_is_refused_is_told_once_and_loses_no_sight(bmc, journal, weather):
    weather.no_media = True
    async with watching(bmc, journal):
        await looks(bmc, 5)
        bmc.machine.reset("ForceOff")
        await seen(journal, BmcRead, power="Off")
        weather.no_media = False
        await seen(journal, BmcRead, unseen={})

    assert entries(journal, SightLost) == []
    told = [entry.fact for entry in entries(journal, BmcRead)]
    assert [(fact.power, fact.unseen.keys()) for fact in told[:2]] == [("On", {"media"}), ("Off", {"media"})]
    assert "403" in told[0].unseen["media"]
    assert told[-1].media == {"Cd": ""}


async def test_a_bmc_that_is_dead_from_the_beginning_is_said_to_be(journal):
    with deaf() as port:
        observer = RedfishObserver(f"redfish+http://127.0.0.1:{port}/redfish/v1/Systems/1", CREDENTIALS)
        sight = BmcSight("node-0", observer, journal, interval_seconds=INTERVAL_SECONDS, clients={}, limits=IMPATIENT)
        task = asyncio.create_task(sight.run())
        await asyncio.wait_for(sight.ready.wait(), 5)
        task.cancel()
        await asyncio.wait([task])
        await sight.final()
        await sight.close()

    assert [type(entry.fact) for entry in journal.entries] == [SightLost, SightEnded]
    assert journal.entries[0].fact.says.startswith("unreachable: ")
    assert not journal.entries[1].fact.complete


async def test_a_bmc_that_does_not_answer_at_first_is_not_ready_until_all_of_it_was_seen(bmc, journal, weather):
    weather.broken_log = True
    healing = asyncio.create_task(heal_log(bmc, weather))
    async with watching(bmc, journal, limits=BmcSightLimits(first_look_seconds=20.0)):
        begun = {entry.fact.sight for entry in entries(journal, SightBegan)}
    await healing

    assert begun == {"bmc", "bmc_requests"}


async def heal_log(bmc, weather):
    await looks(bmc, 5)
    weather.broken_log = False


async def test_a_bmc_that_is_silent_when_the_run_ends_is_looked_at_again_until_it_answers(bmc, journal, weather):
    async with watching(bmc, journal, limits=BmcSightLimits(last_look_seconds=20.0)):
        weather.dead = True
        await seen(journal, SightLost)
        await request(bmc, "POST", f"{bmc.system}/Actions/ComputerSystem.Reset", json={"ResetType": "ForceRestart"})
        turned_away = weather.turned_away
        healing = asyncio.create_task(healed(weather, turned_away + 5))
    await healing

    assert len(entries(journal, BmcRequest, method="POST")) == 1
    assert all(entry.fact.complete for entry in entries(journal, SightEnded))


async def healed(weather, turned_away):
    await until(lambda: weather.turned_away >= turned_away, "looks that failed")
    weather.dead = False


async def test_a_bmc_that_comes_late_began_with_a_hole(bmc, journal, weather):
    weather.dead = True
    async with watching(bmc, journal):
        weather.dead = False
        await seen(journal, SightBegan, 2)

    sights = [(type(entry.fact), entry.fact.sight) for entry in journal.entries if hasattr(entry.fact, "sight")]
    assert sights[:4] == [(SightLost, "bmc"), (SightBegan, "bmc"), (SightRegained, "bmc"), (SightBegan, "bmc_requests")]
    assert not entries(journal, SightRegained)[0].fact.complete


async def test_a_dead_last_look_is_no_complete_end(bmc, journal, weather):
    async with watching(bmc, journal):
        weather.dead = True

    assert {entry.fact.complete for entry in entries(journal, SightEnded)} == {False}
    assert entries(journal, BmcRead, final=True) == []


async def test_a_last_look_that_takes_too_long_is_given_up_and_told(journal):
    class Slow(Told):
        async def read(self):
            await asyncio.Event().wait()

    limits = BmcSightLimits(final_seconds=0.05)
    sight = BmcSight("node-0", Slow(None), journal, interval_seconds=1.0, clients={}, limits=limits)
    await asyncio.wait_for(sight.final(), 5)

    lost, ended = (entry.fact for entry in journal.entries)
    assert (lost.says, ended.complete) == ("timeout: the last look took longer than 0.05 s", False)


async def test_no_secret_enters_the_journal(bmc, journal):
    async with watching(bmc, journal):
        body = {"UserName": CREDENTIALS.username, "Password": CREDENTIALS.password}
        await request(bmc, "POST", "/redfish/v1/SessionService/Sessions", json=body)

    assert len(entries(journal, BmcRequest)) == 1
    assert CREDENTIALS.password not in str(journal.entries)


async def test_an_event_makes_it_look_at_once(bmc, journal):
    async with watching(bmc, journal, interval_seconds=3600.0) as sight:
        listening = asyncio.create_task(follow(bmc.address, CREDENTIALS, lambda _: sight.poll_now()))
        await until(lambda: "/redfish/v1/EventService/SSE" in [each.path for each in bmc.machine.requests], "the stream")
        bmc.machine.reset("ForceOff")
        await seen(journal, BmcRead, power="Off")
        listening.cancel()


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Told:
    """An observer of a BMC that says what a function of the time says, as fast as it is asked."""

    local_address = "127.0.0.1"

    def __init__(self, tells):
        self._tells = tells
        self.now = 0.0
        self.asked = 0

    async def read(self):
        self.asked += 1
        clock, signals = self._tells(self.now)
        return Reading(
            power="On", bmc_time=clock.isoformat() if clock else "", signals=signals, boot={}, media={}, family="unknown"
        )

    async def begin_requests(self):
        return False

    async def close(self):
        pass


class Kept:
    """A recorder on a clock that a test sets."""

    def __init__(self, observer):
        self._observer = observer
        self.facts = []

    def now(self):
        return self._observer.now

    def record(self, fact, **_interval):
        self.facts.append(fact)


async def readings(tells, *, seconds, interval=1.0):
    """What is recorded of a BMC that is looked at for so long; and how often it was asked."""
    observer = Told(tells)
    recorder = Kept(observer)
    sight = BmcSight("node-0", observer, recorder, interval_seconds=interval, clients={})
    while observer.now < seconds:
        await sight.look()
        observer.now += interval
    return [fact for fact in recorder.facts if isinstance(fact, BmcRead)], observer.asked


def clock_of(seconds):
    return NOON + timedelta(seconds=seconds)


def test_nudges_spare_no_look_and_cause_no_storm():
    """Nudged ten times a second for half a minute, on a clock that goes when it is told to: a look a second, and the regular ones."""
    loop, looks = VirtualLoop(), []

    async def play():
        observer = Told(lambda _now: (looks.append(loop.time()), {}))
        sight = BmcSight(
            "node-0", observer, Kept(observer), interval_seconds=10.0, clients={}, limits=BmcSightLimits(nudge_seconds=1.0)
        )
        task = asyncio.create_task(sight.run())
        for number in range(300):
            await loop.advance(number / 10)
            sight.poll_now()
            await loop._settle()
        task.cancel()
        await asyncio.wait([task])

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(play())
    assert [round(moment, 3) for moment in looks] == sorted([*range(30), *range(0, 30, 10)])


@pytest.mark.parametrize(
    ("clock", "most"),
    [
        (clock_of, 1),
        (lambda now: clock_of(now * 1.0001), 1),
        (lambda now: clock_of(now * 0.99), 6),
        (lambda now: clock_of(now * 1.05), 8),
        (lambda _now: NOON, 12),
        (lambda now: clock_of(now // 60 * 60), 6),
        (lambda now: clock_of(now + 20 * (int(now) % 2)), 2),
        (lambda _now: None, 1),
    ],
    ids=["good", "drifts", "drifts 1 %", "drifts 5 %", "stands still", "tells the minute", "wavers", "none"],
)
async def test_a_poor_clock_does_not_flood_the_journal(clock, most):
    told, asked = await readings(lambda now: (clock(now), {}), seconds=7200)

    assert len(told) <= most
    assert asked <= 7200 + most


async def test_a_time_that_wavers_by_a_second_does_not_flood_the_journal():
    def wavers(now):
        return clock_of(now), {"LastResetTime": clock_of(-3600 - int(now) % 2).isoformat()}

    assert len((await readings(wavers, seconds=600))[0]) == 1


async def test_a_clock_that_is_put_is_told_at_once_and_read_again():
    told, asked = await readings(lambda now: (clock_of(now + (3600 if now >= 100 else 0)), {}), seconds=200)

    assert [fact.bmc_time for fact in told] == [clock_of(0).isoformat(), clock_of(3700).isoformat()]
    assert asked == 200 + 1


async def test_a_clock_that_is_put_back_again_further_than_ever_is_told_too():
    def put(now):
        return clock_of(now + (0 if now < 50 else 3600 if now < 100 else -7200)), {}

    assert len((await readings(put, seconds=200))[0]) == 3


async def test_a_clock_that_comes_and_goes_is_a_difference():
    told, _ = await readings(lambda now: (None if 50 <= now < 60 else clock_of(now), {}), seconds=100)

    assert [bool(fact.bmc_time) for fact in told] == [True, False, True]
