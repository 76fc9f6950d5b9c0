"""Events through the recorder: unchanged, or lost, doubled and out of order; streamed, and pushed."""

import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bmc.recorder.redfish.events import PIECE_BYTES_MAX, Cutter
from bmc.recorder.settings import BmcSettings, RecorderSettingsError
from bmc.redfish.event_listener import EventListener, EventSubscription
from bmc.redfish.events import BEGAN, follow
from tests.bmc.recorder.recording import LOGIN, answering, applied, faulty, recorded, standing
from tests.bmc.serving import CREDENTIALS, served
from tests.waiting import until

SUBSCRIPTIONS = "/redfish/v1/EventService/Subscriptions"


def names(told) -> list[str]:
    return [each.message for each in told if each != BEGAN]


def met(running) -> int:
    return running.listener.proxy.faults.find("f1").applied


class Source:
    """A BMC whose events are told when the test says so; it answers everything with its EventService."""

    def __init__(self) -> None:
        self.streams: list[web.StreamResponse] = []
        self.ended = asyncio.Event()

    async def handler(self, request) -> web.StreamResponse:
        if request.path != "/sse":
            service = {"EventService": {"@odata.id": "/e"}, "ServerSentEventUri": "/sse"}
            return web.json_response(service)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        self.streams.append(response)
        await self.ended.wait()
        return response

    async def tell(self, *messages: str) -> None:
        for message in messages:
            event = json.dumps({"Events": [{"MessageId": "A.1.B", "Message": message}]})
            await self.streams[-1].write(f"id: 1\ndata: {event}\n\n".encode())

    async def beat(self) -> None:
        await self.streams[-1].write(b": alive\n\n")


@asynccontextmanager
async def streaming(tmp_path):
    """A source behind the recorder, and what is heard of it."""
    source, told = Source(), []
    async with served(answering(source.handler)) as port, standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl") as running:
        task = asyncio.create_task(follow(running.address, CREDENTIALS, told.append))
        await until(lambda: told == [BEGAN], "the beginning")
        try:
            yield running, source, told
        finally:
            source.ended.set()
            task.cancel()
            await asyncio.wait([task])


@pytest.mark.parametrize(
    ("kind", "heard", "count"),
    [
        ("lose_events", ["before", "after"], 3),
        ("double_events", ["before", "1", "1", "2", "2", "3", "3", "after"], 3),
        ("reorder_events", ["before", "2", "1", "3", "after"], 1),
    ],
)
async def test_streamed_events_under_a_fault(tmp_path, kind, heard, count):
    async with streaming(tmp_path) as (running, source, told):
        await source.tell("before")
        await until(lambda: names(told) == ["before"], "the event before")
        async with faulty(running, kind):
            await source.tell("1", "2", "3")
            await until(lambda: len(names(told)) >= heard.index("after") - (kind == "reorder_events"), "what is told")
            await until(lambda: met(running) >= count, "the fault")
            assert await applied(running) == count
        await source.tell("after")
        await until(lambda: names(told)[-1] == "after", "the event after")

    assert names(told) == heard


async def test_an_event_that_was_held_back_comes_with_the_next_heartbeat_after_the_healing(tmp_path):
    async with streaming(tmp_path) as (running, source, told):
        async with faulty(running, "reorder_events"):
            await source.tell("held")
            await source.beat()
        assert names(told) == []
        await source.beat()
        await until(lambda: names(told) == ["held"], "the event that was held")


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n"])
def test_a_stream_is_cut_where_events_end_and_stays_byte_for_byte_the_same(end):
    text = b"id: 1\ndata: {}" + end + b": note" + end + b"data: two" + end + b"data: un"
    cutter = Cutter()
    pieces = [piece for byte in text for piece in cutter.feed(bytes([byte]))]

    assert b"".join(pieces) + cutter.rest() == text
    assert pieces[0] == b"id: 1\ndata: {}" + end
    assert len(pieces) == 3


def test_what_never_ends_is_not_kept():
    cutter = Cutter()
    given = b"x" * (PIECE_BYTES_MAX + 1)
    assert cutter.feed(given) == [given]
    assert cutter.rest() == b""


@asynccontextmanager
async def pushing(tmp_path, **order):
    """Events pushed to a listener by a BMC behind a recorder that leads them through itself."""
    told = []
    async with (
        recorded(tmp_path / "log.jsonl", events="here") as running,
        EventListener() as listener,
        listener.subscribed(EventSubscription(running.address, CREDENTIALS), told.append),
    ):
        yield running, told, listener


async def bmcs_own(running) -> list[dict]:
    """The subscriptions as the BMC has them."""
    async with aiohttp.ClientSession(running.bmc.base, headers=LOGIN) as session:
        async with session.get(SUBSCRIPTIONS) as answer:
            paths = [each["@odata.id"] for each in (await answer.json())["Members"]]
        return [await (await session.get(path)).json() for path in paths]


async def test_a_pushed_event_comes_through_the_recorder(tmp_path):
    async with pushing(tmp_path) as (running, told, _):
        assert len(await bmcs_own(running)) == 1
        running.bmc.machine.reset("PowerCycle")
        await until(lambda: len(told) == 2, "two events")
        logged = [each.body for each in running.bmc.machine.requests if each.path == SUBSCRIPTIONS and each.method == "POST"]
        assert running.base in logged[0]
        assert running.base not in str(running.asked(SUBSCRIPTIONS, "POST"))
    assert [each.message_id.rpartition(".")[2] for each in told] == ["ResourcePoweredOff", "ResourcePoweredOn"]


async def test_the_subscription_is_deleted_at_the_bmc_and_forgotten_by_the_recorder(tmp_path):
    async with pushing(tmp_path) as (running, _, _):
        assert running.listener.proxy._pushes._destinations
    assert running.listener.proxy._pushes._destinations == {}


@pytest.mark.parametrize(
    ("kind", "heard"),
    [("lose_events", []), ("double_events", ["Off", "Off", "On", "On"]), ("reorder_events", ["On", "Off"])],
)
async def test_pushed_events_under_a_fault(tmp_path, kind, heard):
    async with pushing(tmp_path) as (running, told, _):
        async with faulty(running, kind):
            running.bmc.machine.reset("PowerCycle")
            await until(lambda: met(running) >= (1 if kind == "reorder_events" else 2), "the fault")
            await until(lambda: len(told) >= len(heard), "the events")
        running.bmc.machine.reset("ForceOff")
        await until(lambda: len(told) == len(heard) + 1, "an event after the healing")
    assert [each.message_id.rpartition("Powered")[2] for each in told] == [*heard, "Off"]


async def test_to_its_asker_a_subscription_shows_what_was_asked_for(tmp_path):
    async def handler(request):
        if request.method == "POST":
            kept.append(await request.json())
            return web.json_response(kept[0], status=201, headers={"Location": f"{SUBSCRIPTIONS}/1"})
        return web.json_response(kept[0])

    kept = []
    settings = {"events": "http://recorder.example:8001"}
    async with (
        served(answering(handler)) as port,
        standing(f"http://127.0.0.1:{port}", tmp_path / "log.jsonl", **settings) as running,
        aiohttp.ClientSession(running.base) as session,
    ):
        wanted = {"Destination": "https://10.0.0.9/me", "Protocol": "Redfish", "Context": "mine"}
        async with session.post(SUBSCRIPTIONS, json=wanted) as answer:
            assert await answer.json() == wanted
        async with session.get(f"{SUBSCRIPTIONS}/1") as answer:
            assert await answer.json() == wanted

    assert kept[0]["Destination"].startswith("http://recorder.example:8001/recorder-events/")


async def test_who_was_not_told_the_way_pushes_nothing(tmp_path):
    async with (
        recorded(tmp_path / "log.jsonl", events="here") as running,
        aiohttp.ClientSession(running.base) as session,
        session.post("/recorder-events/guess", json={}) as answer,
    ):
        assert answer.status == 404


async def test_a_destination_that_is_away_makes_the_bmc_try_again(tmp_path):
    async with pushing(tmp_path) as (running, told, listener):
        await listener.stop()
        secret = next(iter(running.listener.proxy._pushes._destinations))
        async with (
            aiohttp.ClientSession(running.base) as session,
            session.post(f"/recorder-events/{secret}", json={"Events": []}) as answer,
        ):
            assert answer.status == 502
    assert told == []


def test_a_place_for_events_that_is_none_is_refused():
    with pytest.raises(RecorderSettingsError, match="reaches this recorder"):
        _ = BmcSettings("127.0.0.1:0", "http://127.0.0.1:1", events="10.0.0.1").base
