"""Events that BMCs push to us: they make a sight look, clear nothing, and no subscription is left behind on any end."""

import asyncio
import json
import signal
import sys
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bmc.model import Tls
from bmc.redfish.event_listener import EventListener
from bmc.redfish.observe import RedfishObserver
from bmc.redfish.personality import PERSONALITIES
from harness.bench import undo
from harness.errors import UsageError
from harness.files.words import WordFiles
from harness.journal.entry import Entry
from harness.journal.facts import BmcRead, MoverStarted, WriteDone, WriteIntended, WriteUndone
from harness.journal.journal import Journal, read
from harness.lab.access import BmcAccess
from harness.lab.model import Events
from harness.lab.undo import UndoAccess
from harness.sight.bmc import BmcSight
from harness.sight.event_subscriptions import EventSubscriptions, event_subscriptions
from tests.bmc.certificates import self_signed
from tests.bmc.serving import CREDENTIALS, deaf, emulated
from tests.waiting import until

pytestmark = pytest.mark.dated

BASIC = {"Authorization": aiohttp.encode_basic_auth(CREDENTIALS.username, CREDENTIALS.password)}
SUBSCRIPTIONS = "/redfish/v1/EventService/Subscriptions"
HPE = PERSONALITIES["hpe"]
"""Its BMCs take subscriptions and stream nothing."""


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "run")
    yield journal
    journal.close()


def access(bmc) -> BmcAccess:
    return BmcAccess("node-0", bmc.address, CREDENTIALS, Tls())


async def subscriptions(bmc) -> list[str]:
    async with aiohttp.ClientSession(bmc.base, headers=BASIC) as client, client.get(SUBSCRIPTIONS) as response:
        return [each["@odata.id"] for each in (await response.json())["Members"]]


@asynccontextmanager
async def hearing(bmc, journal, poll_now, events=Events(listen="127.0.0.1"), check_seconds=60.0):  # noqa: B008 - frozen
    async with event_subscriptions(journal, events, check_seconds) as subscriptions:
        task = asyncio.create_task(subscriptions.subscribe(access(bmc), poll_now, deadline_seconds=2.0))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])


async def take_back(left: undo.Undoing, bmc: BmcAccess) -> None:
    async def find(host: str) -> BmcAccess:
        return {"node-0": bmc}[host]

    await left.undo.undo(UndoAccess(left.write, {}, find, WordFiles()))


def told(journal, kind) -> list:
    return [entry.fact for entry in journal.entries if isinstance(entry.fact, kind)]


async def test_a_pushed_event_makes_a_sight_look_at_once(journal):
    async with emulated(personality=HPE) as bmc:
        observer = RedfishObserver(bmc.address, CREDENTIALS)
        sight = BmcSight("node-0", observer, journal, interval_seconds=600.0, clients={})
        looking = asyncio.create_task(sight.run())
        await sight.ready.wait()
        async with hearing(bmc, journal, sight.poll_now):
            await until(lambda: told(journal, WriteDone), "the subscription")
            bmc.machine.reset("ForceOff")
            await until(lambda: told(journal, BmcRead)[-1].power == "Off", "a look that nobody had to wait for")
        looking.cancel()
        await asyncio.wait([looking])
        await sight.close()
        assert await subscriptions(bmc) == []

    (intended,) = told(journal, WriteIntended)
    assert (intended.host, intended.undo["do"]) == ("node-0", "unsubscribe")
    assert told(journal, WriteUndone) == [WriteUndone(write=intended.write)]


async def test_a_bmc_that_streams_is_not_written_to(journal):
    nudges = []
    async with emulated() as bmc, hearing(bmc, journal, lambda: nudges.append(1)):
        await until(lambda: nudges, "the beginning of the stream")
        bmc.machine.reset("ForceRestart")
        await until(lambda: len(nudges) == 2, "an event")
        assert not [each for each in bmc.machine.requests if each.method == "POST"]
    assert not told(journal, WriteIntended)


async def test_without_an_address_nothing_is_pushed(journal):
    async with emulated(personality=HPE) as bmc, hearing(bmc, journal, print, None) as task:
        await asyncio.wait_for(task, 5)
        assert await subscriptions(bmc) == []


async def test_over_https_with_a_certificate(journal, tmp_path):
    _, certificate, _ = self_signed(tmp_path)
    events = Events(listen="127.0.0.1", certificate=certificate, key=tmp_path / "bmc.key")
    nudges = []
    async with emulated(personality=HPE) as bmc, hearing(bmc, journal, lambda: nudges.append(1), events):
        await until(lambda: nudges, "the subscription")
        assert "https://127.0.0.1" in str([each.body for each in bmc.machine.requests])
        bmc.machine.reset("ForceOff")
        await until(lambda: len(nudges) > 1, "an event")


async def test_a_subscription_that_the_bmc_lost_is_made_again(journal):
    nudges = []
    async with emulated(personality=HPE) as bmc, hearing(bmc, journal, lambda: nudges.append(1), check_seconds=0.05):
        await until(lambda: nudges, "the subscription")
        async with aiohttp.ClientSession(bmc.base, headers=BASIC) as client:
            for path in await subscriptions(bmc):
                await client.delete(path)
        await until(lambda: len(told(journal, WriteIntended)) == 2, "another subscription")
        await until(lambda: len(nudges) >= 2, "a look after it")
    names = [fact.write for fact in told(journal, WriteIntended)]
    assert len(set(names)) == 2
    assert [fact.write for fact in told(journal, WriteUndone)] == names


async def test_a_bmc_that_refuses_is_asked_once_and_polled_on(journal):
    @web.middleware
    async def refuse(request, handler):
        if request.method == "POST" and request.path == SUBSCRIPTIONS:
            return web.json_response({}, status=405)
        return await handler(request)

    async with emulated(personality=HPE, middlewares=[refuse]) as bmc, hearing(bmc, journal, print) as task:
        await asyncio.wait_for(task, 5)
    done = told(journal, WriteDone)
    assert [(fact.ok, fact.says) for fact in done] == [(False, "the BMC refuses the subscription (405)")]
    assert len(told(journal, WriteUndone)) == 1


async def test_what_could_not_be_deleted_stays_to_be_undone(journal):
    """The BMC's network is away when we end."""
    away = []

    @web.middleware
    async def cut(request, handler):
        if away:
            request.transport.abort()
            return web.Response()
        return await handler(request)

    async with emulated(personality=HPE, middlewares=[cut]) as bmc:
        nudges = []
        async with hearing(bmc, journal, lambda: nudges.append(1)):
            await until(lambda: nudges, "the subscription")
            away.append(True)
        (left,) = undo.unfinished(journal.entries)
        away.clear()
        assert len(await subscriptions(bmc)) == 1
        await take_back(left, access(bmc))
        assert await subscriptions(bmc) == []
        await take_back(left, access(bmc))


async def test_an_address_that_is_not_ours_is_a_bad_lab_file(journal, tmp_path):
    for events in (Events(listen="192.0.2.1"), Events(listen="127.0.0.1", certificate=tmp_path / "none.pem")):
        with pytest.raises(UsageError, match="`events`"):
            async with event_subscriptions(journal, events):
                raise AssertionError("nobody listens there")


async def test_a_bmc_that_is_away_costs_nothing(journal):
    with deaf() as port:
        async with EventListener() as listener:
            reach = BmcAccess("node-0", f"redfish+http://127.0.0.1:{port}", CREDENTIALS, Tls())
            task = asyncio.create_task(EventSubscriptions(journal, listener).subscribe(reach, print, deadline_seconds=0.5))
            await asyncio.wait([task], timeout=0.1)
            assert not task.done()
            task.cancel()
            await asyncio.wait([task])
    assert not told(journal, WriteIntended)


KILLED = """
import asyncio, sys
from pathlib import Path
from bmc.model import Credentials, Tls
from harness.bench.bench import BmcAccess
from harness.journal.journal import Journal
from harness.lab.model import Events
from harness.sight.event_subscriptions import event_subscriptions

async def main(directory, address):
    journal = Journal(Path(directory))
    async with event_subscriptions(journal, Events(listen="127.0.0.1")) as subscriptions:
        access = BmcAccess("node-0", address, Credentials("admin", "verysecret"), Tls())
        await subscriptions.subscribe(access, lambda: print("nudged", flush=True), deadline_seconds=5.0)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_kill_leaves_in_the_journal_what_recover_needs(tmp_path):
    async with emulated(personality=HPE) as bmc:
        arguments = (sys.executable, "-c", KILLED, str(tmp_path / "run"), bmc.address)
        process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
        assert await asyncio.wait_for(process.stdout.readline(), 20)
        process.send_signal(signal.SIGKILL)
        await process.communicate()
        assert len(await subscriptions(bmc)) == 1

        entries = list(read(tmp_path / "run" / "journal.jsonl"))
        (left,) = undo.unfinished(entries)
        moved = Entry(seq=len(entries), since=1.0, at=1.0, fact=MoverStarted(mover=1, origin="source", destination="target"))
        assert undo.unfinished([*entries, moved]) == [left], "also after a move began"
        await take_back(left, access(bmc))
        assert await subscriptions(bmc) == []
        logged = [each.body for each in bmc.machine.requests if each.path == SUBSCRIPTIONS and each.method == "POST"]
        assert json.loads(logged[0])["Destination"].endswith("/***"), "the way to us is a secret"
