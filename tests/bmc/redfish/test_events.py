"""Events, streamed and pushed: told in time, cut where they are too much, and nothing left behind."""

import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bmc.errors import BmcError
from bmc.model import Credentials
from bmc.redfish.event_listener import EventListener, EventListenerLimits, EventSubscription
from bmc.redfish.events import BEGAN, EventLines, EventStreamLimits, follow, heard
from bmc.redfish.personality import PERSONALITIES
from tests.bmc.serving import CREDENTIALS, LIMIT_SECONDS, deaf, emulated, raw, served
from tests.waiting import until

BASIC = {"Authorization": aiohttp.encode_basic_auth(CREDENTIALS.username, CREDENTIALS.password)}
SUBSCRIPTIONS = "/redfish/v1/EventService/Subscriptions"


@asynccontextmanager
async def running(work):
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


async def subscriptions(bmc):
    async with aiohttp.ClientSession(bmc.base, headers=BASIC) as client, client.get(SUBSCRIPTIONS) as response:
        return [each["@odata.id"] for each in (await response.json())["Members"]]


async def none_left(bmc):
    async def gone() -> bool:
        return not await subscriptions(bmc)

    await until(gone, "the end of all subscriptions")


async def test_a_reset_that_never_shows_off_is_heard_on_the_stream():
    told = []
    async with emulated() as bmc:
        async with running(follow(bmc.address, CREDENTIALS, told.append)):
            await until(lambda: told == [BEGAN], "the beginning")
            bmc.machine.reset("ForceRestart")
            await until(lambda: len(told) == 2, "an event")
            assert await subscriptions(bmc) != []
        await none_left(bmc)

    assert told[1].message_id.endswith("ResourceChanged")
    assert told[1].origin == bmc.system
    assert told[1].time


async def test_the_stream_is_logged_when_it_begins():
    told = []
    async with emulated() as bmc, running(follow(bmc.address, CREDENTIALS, told.append)):
        await until(lambda: told == [BEGAN], "the beginning")
        assert [(each.path, each.status) for each in bmc.machine.requests][-1] == ("/redfish/v1/EventService/SSE", 200)


async def test_a_stream_ends_with_its_subscription_and_is_opened_again():
    told = []
    async with emulated() as bmc, running(follow(bmc.address, CREDENTIALS, told.append)):
        await until(lambda: told == [BEGAN], "the beginning")
        stream = (await subscriptions(bmc))[0]
        async with aiohttp.ClientSession(bmc.base, headers=BASIC) as client, client.delete(stream) as response:
            assert response.status == 204
        await until(lambda: told == [BEGAN, BEGAN], "another beginning")


@pytest.mark.parametrize("name", ["hpe", "supermicro"])
async def test_a_bmc_without_a_stream_is_left_alone(name):
    told = []
    async with emulated(personality=PERSONALITIES[name]) as bmc:
        await asyncio.wait_for(follow(bmc.address, CREDENTIALS, told.append), LIMIT_SECONDS)
    assert told == []


async def test_a_bmc_that_is_away_or_odd_is_tried_again_and_never_raises():
    with deaf() as port:
        async with running(follow(f"redfish+http://127.0.0.1:{port}", CREDENTIALS, print)) as task:
            await asyncio.wait([task], timeout=0.05)
            assert not task.done()
    async with (
        raw(b"HTTP/1.1 200 OK\r\n\r\n[]") as port,
        running(follow(f"redfish+http://127.0.0.1:{port}", CREDENTIALS, print)) as task,
    ):
        await asyncio.wait([task], timeout=0.05)
        assert not task.done()


async def test_an_address_that_is_none_is_our_mistake():
    with pytest.raises(BmcError) as caught:
        await follow("nonsense", CREDENTIALS, print)
    assert caught.value.kind == "address"


@asynccontextmanager
async def streaming(*chunks):
    """A BMC whose stream carries these bytes and then stays open; counts how often it was opened."""
    opened, gone = [], asyncio.Event()

    async def answer(request):
        return web.json_response({"EventService": {"@odata.id": "/e"}} if request.path != "/e" else {"ServerSentEventUri": "/s"})

    async def stream(request):
        opened.append(request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            for chunk in chunks:
                await response.write(chunk)
            await gone.wait()
        except ConnectionResetError:
            opened.append("reset")
        return response

    app = web.Application()
    app.router.add_get("/s", stream)
    app.router.add_get("/{path:.*}", answer)
    async with served(app) as port:
        yield f"redfish+http://127.0.0.1:{port}/redfish/v1/Systems/1", opened
        gone.set()


async def test_an_endless_line_is_cut_off():
    async with streaming(*[b"data: " + b"x" * 10_000] * 20) as (address, opened):
        told = []
        async with running(follow(address, None, told.append)):
            await until(lambda: len(opened) >= 2, "the stream being dropped and opened anew")
    assert set(told) == {BEGAN}


async def test_garbage_among_events_is_passed_over():
    event = json.dumps({"Events": [{"MessageId": "A.1.B", "OriginOfCondition": "/x"}, "no event"]}).encode()
    async with streaming(b"data: {\n\n", b"data: " + event[:20], event[20:] + b"\r\n\r", b"\n: comment\n\n") as (address, _):
        told = []
        async with running(follow(address, None, told.append)):
            await until(lambda: len(told) == 2, "one event")
    assert (told[1].message_id, told[1].origin) == ("A.1.B", "/x")


def test_events_are_cut_out_of_any_chunks():
    text = b'id: 1\ndata: {"a":\ndata: 1}\n\n: note\n\ndata: two\n\n'
    lines = EventLines()
    assert [data for byte in text for data in lines.feed(bytes([byte]))] == [b'{"a":\n1}', b"two"]


@pytest.mark.parametrize("lines", [b"x" * (EventStreamLimits().line_bytes + 1), (b"data: " + b"x" * 1000 + b"\n") * 300])
def test_a_line_or_an_event_that_is_too_long_is_refused(lines):
    with pytest.raises(BmcError):
        EventLines().feed(lines)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"[" * 100_000, b'{"Events": 1}', b'{"Events": [1]}', b"\xff", b'{"MetricValues": []}']
)
def test_what_is_no_event_is_none(data):
    assert heard(data) == []


async def test_a_pushed_event_arrives_and_the_subscription_is_deleted():
    told = []
    async with emulated() as bmc, EventListener() as listener:
        async with listener.subscribed(EventSubscription(bmc.address, CREDENTIALS), told.append):
            assert len(await subscriptions(bmc)) == 1
            bmc.machine.reset("PowerCycle")
            await until(lambda: len(told) == 2, "two events")
        assert await subscriptions(bmc) == []

    assert [each.message_id.rpartition(".")[2] for each in told] == ["ResourcePoweredOff", "ResourcePoweredOn"]


async def test_a_subscription_is_deleted_also_when_its_making_is_cancelled():
    asked = asyncio.Event()

    @web.middleware
    async def dawdle(request, handler):
        response = await handler(request)
        if request.method == "POST":
            asked.set()
            await asyncio.Event().wait()
        return response

    async def subscribe(listener, bmc):
        async with listener.subscribed(EventSubscription(bmc.address, CREDENTIALS), print):
            raise AssertionError("the answer never came")

    async with emulated(middlewares=[dawdle]) as bmc, EventListener() as listener:
        async with running(subscribe(listener, bmc)):
            await asyncio.wait_for(asked.wait(), LIMIT_SECONDS)
            assert len(await subscriptions(bmc)) == 1
        assert await subscriptions(bmc) == []


async def test_a_refused_subscription_is_named_and_leaves_no_way_in():
    async with emulated() as bmc, EventListener() as listener:
        with pytest.raises(BmcError) as caught:
            async with listener.subscribed(EventSubscription(bmc.address, Credentials("admin", "wrong")), print):
                raise AssertionError("nobody subscribed")
        assert listener._hearers == {}
    assert caught.value.kind == "auth"


async def test_the_listener_hears_only_who_was_told_the_way():
    told = []
    event = {"Events": [{"MessageId": "A.1.B"}]}
    async with emulated() as bmc, EventListener() as listener, aiohttp.ClientSession(listener._base) as client:
        async with listener.subscribed(EventSubscription(bmc.address, CREDENTIALS), told.append):
            secret = next(iter(listener._hearers))
            for path, data, expected in (
                ("/guess", json.dumps(event), 404),
                (f"/{secret}x", json.dumps(event), 404),
                (f"/{secret}", "x" * (EventListenerLimits().message_bytes + 1), 413),
                (f"/{secret}", "{", 204),
                (f"/{secret}", json.dumps(event), 204),
            ):
                async with client.post(path, data=data) as response:
                    assert response.status == expected, path
            async with client.get(f"/{secret}") as response:
                assert response.status == 405
        async with client.post(f"/{secret}", json=event) as response:
            assert response.status == 404
    assert [each.message_id for each in told] == ["A.1.B"]


async def test_a_message_that_never_ends_is_cut_off():
    async with (
        emulated() as bmc,
        EventListener(limits=EventListenerLimits(message_seconds=0.05)) as listener,
        listener.subscribed(EventSubscription(bmc.address, CREDENTIALS), print),
    ):
        host, port = listener._base.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"POST /{next(iter(listener._hearers))} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{{".encode())
        assert b" 408 " in await asyncio.wait_for(reader.readline(), LIMIT_SECONDS)
        writer.close()


async def test_a_bmc_gives_up_a_listener_that_is_away():
    with deaf() as port:
        async with emulated(delivery_retry_seconds=0.01) as bmc, aiohttp.ClientSession(bmc.base, headers=BASIC) as client:
            body = {"Destination": f"http://127.0.0.1:{port}/x", "Protocol": "Redfish"}
            async with client.post(SUBSCRIPTIONS, json=body) as response:
                assert response.status == 201
            bmc.machine.reset("ForceRestart")
            await none_left(bmc)


async def test_a_bmc_s_restart_loses_subscriptions():
    async with (
        emulated() as bmc,
        EventListener() as listener,
        listener.subscribed(EventSubscription(bmc.address, CREDENTIALS), print),
    ):
        reset = f"{bmc.system.replace('Systems', 'Managers')}/Actions/Manager.Reset"
        async with (
            aiohttp.ClientSession(bmc.base, headers=BASIC) as client,
            client.post(reset, json={"ResetType": "ForceRestart"}) as response,
        ):
            assert response.status == 204
        assert await subscriptions(bmc) == []


@pytest.mark.parametrize(
    "change",
    [
        {"Destination": None},
        {"Destination": "ftp://x/"},
        {"Destination": "http://user@x/"},
        {"Destination": "http://x/" + "y" * 2000},
        {"Protocol": "Kafka"},
        {"Context": 1},
        {"HttpHeaders": [{"X": "a\r\nb"}]},
        {"HttpHeaders": "X"},
        {"EventTypes": ["Banana"]},
        {"EventTypes": [["Alert"]]},
        {"SubscriptionType": ["SSE"]},
    ],
)
async def test_a_bad_subscription_is_refused(change):
    async with emulated() as bmc, aiohttp.ClientSession(bmc.base, headers=BASIC) as client:
        body = {"Destination": "http://127.0.0.1:9/x", "Protocol": "Redfish", **change}
        async with client.post(SUBSCRIPTIONS, json=body) as response:
            assert response.status == 400
        assert await subscriptions(bmc) == []


async def test_a_test_event_carries_headers_and_context():
    got = []

    async def take(request):
        got.append((request.headers["X-Key"], await request.json()))
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/x", take)
    async with served(app) as port, emulated() as bmc, aiohttp.ClientSession(bmc.base, headers=BASIC) as client:
        headers = [{"X-Key": "value"}]
        body = {"Destination": f"http://127.0.0.1:{port}/x", "Protocol": "Redfish", "Context": "mine", "HttpHeaders": headers}
        async with client.post(SUBSCRIPTIONS, json=body) as response:
            assert "value" not in await response.text()
        action = "/redfish/v1/EventService/Actions/EventService.SubmitTestEvent"
        async with client.post(action, json={"Message": "hello"}) as response:
            assert response.status == 204
        await until(lambda: got, "the test event")
        logged = [each.body for each in bmc.machine.requests if each.path == SUBSCRIPTIONS]
        assert "value" not in str(logged)
        assert json.loads(logged[0])["Destination"] == f"http://127.0.0.1:{port}/***"
    assert (got[0][0], got[0][1]["Context"], got[0][1]["Events"][0]["Message"]) == ("value", "mine", "hello")
