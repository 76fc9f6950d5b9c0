"""The record as readers get it over the wire: complete, in order, and never changed once it was shown."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from bmc.errors import BmcError
from bmc.model import Credentials
from bmc.recorder.log.records import RequestRecord, UnknownReportedRecord
from bmc.redfish.observe import RedfishObserver
from harness.journal.facts import BmcRequest, SightLost
from harness.journal.journal import Journal
from harness.sight.bmc import BmcSight
from tests.bmc.recorder.recording import (
    LOGIN,
    MANAGERS,
    RESET,
    SYSTEM,
    answering,
    applied,
    faulty,
    recorded,
    requests_of,
    standing,
)
from tests.bmc.serving import CREDENTIALS, UUID, served

pytestmark = pytest.mark.dated

MANAGER = f"{MANAGERS}/{UUID}"
LOGS = f"{MANAGER}/LogServices"
ENTRIES = f"{LOGS}/Requests/Entries"


@pytest.fixture
async def running(tmp_path):
    async with recorded(tmp_path / "log.jsonl") as it:
        yield it


def bare(slow: asyncio.Event | None = None, arrived: asyncio.Event | None = None) -> web.Application:
    """A BMC like sushy-emulator: its Manager has no LogServices; with `slow` a Reset is answered when that is set."""
    bodies = {
        SYSTEM: {"Id": UUID, "PowerState": "On", "Links": {"ManagedBy": [{"@odata.id": MANAGER}]}},
        MANAGER: {"Id": UUID, "DateTime": "2026-01-01T00:00:00Z"},
    }

    async def handler(request):
        if request.method == "POST" and slow:
            arrived.set()
            await slow.wait()
            return web.json_response({}, status=400)
        if request.path == MANAGER and request.headers.get("Authorization") != LOGIN["Authorization"]:
            return web.json_response({}, status=401)
        body = bodies.get(request.path)
        return web.json_response(body or {}, status=200 if body else 404)

    return answering(handler)


@pytest.fixture
async def bare_running(tmp_path):
    async with served(bare()) as port, standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl") as it:
        yield it


async def get(running, path, headers=LOGIN):
    async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{running.base}{path}") as answer:
        return answer.status, await answer.json(content_type=None)


async def reset(running):
    order = {"ResetType": "ForceRestart"}
    async with aiohttp.ClientSession(headers=LOGIN) as session, session.post(f"{running.base}{RESET}", json=order) as answer:
        return answer.status


async def test_a_bmc_without_logs_gets_the_record(bare_running):
    await reset(bare_running)

    entries = await requests_of(bare_running)
    assert (entries[0].method, entries[0].path, entries[0].status) == ("POST", RESET, 404)
    assert [each.id for each in entries] == list(range(1, len(entries) + 1))
    assert (await get(bare_running, f"{ENTRIES}/1"))[1]["MessageArgs"][6] == '{"ResetType":"ForceRestart"}'
    assert (await get(bare_running, f"{ENTRIES}/999"))[0] == 404
    assert (await get(bare_running, f"{ENTRIES}?$skip=x"))[0] == 400


async def test_a_bmc_with_logs_keeps_its_own_and_the_record_is_added(tmp_path):
    async def handler(request):
        if request.path == LOGS:
            return web.json_response({"Members": [{"@odata.id": f"{LOGS}/Sel"}], "Members@odata.count": 1})
        return web.json_response({"LogServices": {"@odata.id": LOGS}, "Path": request.path})

    async with served(answering(handler)) as port, standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl") as running:
        body = (await get(running, LOGS))[1]
        assert [each["@odata.id"] for each in body["Members"]] == [f"{LOGS}/Sel", f"{LOGS}/Requests"]
        assert body["Members@odata.count"] == 2
        assert (await get(running, f"{LOGS}/Sel"))[1]["Path"] == f"{LOGS}/Sel"
        assert (await get(running, LOGS))[1] == body


async def test_the_record_of_an_emulated_bmc_is_the_recorders(running):
    await reset(running)

    body = (await get(running, LOGS))[1]
    assert sum(each["@odata.id"].endswith("/Requests") for each in body["Members"]) == 1
    service = (await get(running, f"{LOGS}/Requests"))[1]
    assert "recorder" in service["Name"]


async def test_only_who_may_read_the_manager_may_read_the_record(bare_running):
    assert (await get(bare_running, ENTRIES))[0] == 200
    assert (await get(bare_running, ENTRIES, {}))[0] == 401
    async with RedfishObserver(bare_running.address, Credentials("admin", "wrong")) as observer:
        with pytest.raises(BmcError):
            await observer._connection.get(ENTRIES)


async def test_a_request_that_is_at_the_bmc_is_in_the_record_and_stays_as_it_was_shown(tmp_path):
    slow, arrived = asyncio.Event(), asyncio.Event()
    async with served(bare(slow, arrived)) as port, standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl") as running:
        async with RedfishObserver(running.address, CREDENTIALS) as observer:
            await observer.begin_requests()
            task = asyncio.create_task(reset(running))
            await arrived.wait()
            first = await observer.read_requests()
            assert [(each.path, each.status) for each in first.entries if each.method == "POST"] == [(RESET, 0)]
            slow.set()
            assert await task == 400
            second = await observer.read_requests()
            assert second.complete
            assert not [each for each in second.entries if each.method == "POST"]

        assert [each.status for each in await requests_of(running) if each.method == "POST"] == [0]
        assert sum(isinstance(line, UnknownReportedRecord) for line in running.lines) == 1
        assert running.ended(running.asked(RESET)[0]).status == 400


async def test_a_reader_waits_a_little_for_an_answer_that_is_about_to_come(tmp_path):
    slow, arrived = asyncio.Event(), asyncio.Event()
    async with served(bare(slow, arrived)) as port, standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl") as running:
        task = asyncio.create_task(reset(running))
        await arrived.wait()
        asyncio.get_running_loop().call_later(0.05, slow.set)
        entries = await requests_of(running)
        await task

    assert [each.status for each in entries if each.method == "POST"] == [400]


async def test_the_sight_on_a_bmc_reads_the_record_unchanged(running, tmp_path):
    journal = Journal(tmp_path / "run")
    observer = RedfishObserver(running.address, CREDENTIALS)
    sight = BmcSight("node-0", observer, journal, interval_seconds=0.01, clients={"127.0.0.1": "ironic-source"})
    task = asyncio.create_task(sight.run())
    try:
        await sight.ready.wait()
        await reset(running)
        async with asyncio.timeout(10):
            async for entry in journal.follow(0):
                if isinstance(entry.fact, BmcRequest):
                    break
    finally:
        task.cancel()
        await asyncio.wait([task])
        await sight.final()
        await sight.close()
        journal.close()

    facts = [entry.fact for entry in journal.entries]
    told = [fact for fact in facts if isinstance(fact, BmcRequest)]
    assert [(fact.method, fact.path, fact.client, fact.body) for fact in told] == [
        ("POST", RESET, "ironic-source", '{"ResetType":"ForceRestart"}')
    ]
    assert told[0].status < 300
    assert not any(isinstance(fact, SightLost) for fact in facts)


async def test_faults_do_not_touch_the_record_itself(running):
    async with faulty(running, "error", path="LogServices"):
        assert (await get(running, LOGS))[0] == 500
        assert (await get(running, ENTRIES))[0] == 200
        assert await applied(running) == 1


@pytest.mark.parametrize(
    ("rule", "by"),
    [
        ("address:127.0.0.1", "address"),
        ("address:127.0.0.0/8", "address"),
        ("user:admin", "user"),
        ("agent:^sushy/", "agent"),
    ],
)
async def test_an_asker_is_known_by_address_user_or_agent(tmp_path, rule, by):
    async with recorded(tmp_path / "log.jsonl", askers=[f"ironic-target={rule}"]) as running:
        await get(running, SYSTEM, {**LOGIN, "User-Agent": "sushy/5.14.0"})

        asked = running.asked()[0]
        assert (asked.client, asked.by) == ("ironic-target", by)


async def test_two_askers_with_one_address_are_told_apart_by_their_users(tmp_path):
    async def handler(request):
        return web.json_response({})

    rules = ["source=user:one", "target=user:two"]
    async with served(answering(handler)) as port, standing(f"http://127.0.0.1:{port}", tmp_path / "l", askers=rules) as running:
        for user in ("one", "two", "three"):
            await get(running, SYSTEM, {"Authorization": aiohttp.encode_basic_auth(user, "x")})

        assert [each.client for each in running.asked()] == ["source", "target", ""]
        assert running.asked()[2].by == "unattributed"
        assert running.listener.proxy.record.unattributed == 1


async def test_two_askers_with_source_addresses_of_their_own(tmp_path):
    rules = ["source=address:127.0.0.2", "target=address:127.0.0.3"]
    async with recorded(tmp_path / "log.jsonl", askers=rules) as running:
        for address in ("127.0.0.2", "127.0.0.3", "127.0.0.4"):
            connector = aiohttp.TCPConnector(local_addr=(address, 0))
            async with aiohttp.ClientSession(headers=LOGIN, connector=connector) as session:
                await session.get(f"{running.base}{SYSTEM}")

        assert [(each.client, each.address) for each in running.asked()] == [
            ("source", "127.0.0.2"),
            ("target", "127.0.0.3"),
            ("", "127.0.0.4"),
        ]


async def test_what_two_rules_claim_is_nobodys(tmp_path):
    async with recorded(tmp_path / "log.jsonl", askers=["source=user:admin", "target=user:admin"]) as running:
        await get(running, SYSTEM)

        assert (running.asked()[0].client, running.asked()[0].by) == ("", "unattributed")


async def test_a_session_is_its_users_until_it_is_closed(running):
    sessions = "/redfish/v1/SessionService/Sessions"
    login = {"UserName": CREDENTIALS.username, "Password": CREDENTIALS.password}
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{running.base}{sessions}", json=login) as answer:
            token, place = answer.headers["X-Auth-Token"], answer.headers["Location"]
        for method, path in (("GET", SYSTEM), ("DELETE", place), ("GET", SYSTEM)):
            await session.request(method, f"{running.base}{path}", headers={"X-Auth-Token": token})

    asked = [line for line in running.lines if isinstance(line, RequestRecord)]
    assert [(each.login, each.user) for each in asked] == [
        ("none", "admin"),
        ("session", "admin"),
        ("session", "admin"),
        ("session", ""),
    ]
