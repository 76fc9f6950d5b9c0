import asyncio
import json
import socket

import pytest
from aiohttp import web

from bmc.model import Credentials, Tls
from harness.journal.entry import Entry
from harness.journal.facts import IronicAnswers, IronicNode, IronicNodeGone, SightBegan, SightEnded, SightLost, SightRegained
from harness.sight.ironic import IronicSight
from tests.bmc.certificates import self_signed

SECONDS = 10.0
NODE = {"uuid": "u-1", "name": "metal3~node-1", "provision_state": "active", "power_state": "power on"}


class Notebook:
    """A recorder that one can wait on."""

    def __init__(self):
        self.entries = []
        self._began = asyncio.get_running_loop().time()
        self._news = asyncio.Event()

    def now(self):
        return asyncio.get_running_loop().time() - self._began

    def record(self, fact, *, since=None, at=None):
        at = self.now() if at is None else at
        self.entries.append(Entry(len(self.entries), at if since is None else since, at, fact))
        self._news.set()
        return self.entries[-1]

    async def until(self, kind, count=1):
        async with asyncio.timeout(SECONDS):
            while len(found := [entry for entry in self.entries if isinstance(entry.fact, kind)]) < count:
                self._news.clear()
                await self._news.wait()
        return found[count - 1]

    def kinds(self):
        return [type(entry.fact) for entry in self.entries]


class FakeIronic:
    """Answers /v1/nodes as it is told; `answer` may be replaced by any coroutine function."""

    def __init__(self):
        self.nodes = [NODE]
        self.status = 200
        self.requests = []
        self.answer = self.answer_nodes
        self.port = 0
        self._runner = None

    async def start(self, tls=None):
        application = web.Application()
        application.router.add_get("/v1/nodes", self._handle)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        listening = socket.create_server(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        await web.SockSite(self._runner, listening, ssl_context=tls).start()

    async def stop(self):
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request):
        self.requests.append(request)
        return await self.answer(request)

    async def answer_nodes(self, _):
        return web.json_response({"nodes": self.nodes}, status=self.status)


@pytest.fixture
async def ironic():
    ironic = FakeIronic()
    await ironic.start()
    yield ironic
    await ironic.stop()


@pytest.fixture
async def watch(ironic):
    """Start a sight on the fake Ironic; all are ended with the test."""
    running = []

    def start(**more):
        notebook = Notebook()
        url = more.pop("url", f"http://127.0.0.1:{ironic.port}")
        options = {"credentials": Credentials("user", "secret"), "interval_seconds": 0.01, "answer_seconds": 0.3} | more
        credentials = options.pop("credentials")
        sight = IronicSight("target", url, credentials, notebook, **options)
        running.append((asyncio.create_task(sight.run()), sight))
        return sight, notebook

    yield start
    for task, sight in running:
        task.cancel()
        await asyncio.wait({task})
        await sight.final()


async def test_the_first_look_tells_that_it_answers_and_every_node(watch):
    sight, notebook = watch()
    await asyncio.wait_for(sight.ready.wait(), SECONDS)
    assert notebook.kinds() == [SightBegan, IronicAnswers, IronicNode]
    fact = notebook.entries[2].fact
    assert (fact.ironic, fact.uuid, fact.name, fact.node) == ("target", "u-1", "metal3~node-1", NODE)


async def test_it_asks_with_credentials_for_fields_at_the_latest_version(watch, ironic):
    sight, _ = watch()
    await sight.ready.wait()
    request = ironic.requests[0]
    assert request.headers["Authorization"].startswith("Basic ")
    assert request.headers["X-OpenStack-Ironic-API-Version"] == "latest"
    assert {"uuid", "provision_state", "reservation"} <= set(request.query["fields"].split(","))


async def test_what_does_not_change_is_not_told_again(watch, ironic):
    _, notebook = watch()
    await notebook.until(IronicNode)
    ironic.nodes = [NODE | {"provision_state": "deploying"}]
    await notebook.until(IronicNode, 2)
    assert notebook.kinds() == [SightBegan, IronicAnswers, IronicNode, IronicNode]


async def test_a_change_lies_between_the_sending_of_the_look_before_and_its_own_answer(watch, ironic):
    changed_at = []

    async def change_after_the_third_answer(request):
        answer = await ironic.answer_nodes(request)
        if len(ironic.requests) == 3:
            ironic.nodes = [NODE | {"provision_state": "deploying"}]
            changed_at.append(notebook.now())
        return answer

    ironic.answer = change_after_the_third_answer
    _, notebook = watch()
    changed = await notebook.until(IronicNode, 2)
    assert changed.since <= changed_at[0] <= changed.at


async def test_a_node_that_is_no_longer_listed_is_gone(watch, ironic):
    _, notebook = watch()
    await notebook.until(IronicNode)
    ironic.nodes = []
    gone = (await notebook.until(IronicNodeGone)).fact
    assert (gone.ironic, gone.uuid, gone.name) == ("target", "u-1", "metal3~node-1")


async def test_refused_connections_are_sight_nobody_is_there(watch, ironic):
    _, notebook = watch()
    await notebook.until(IronicNode)
    await ironic.stop()
    down = await notebook.until(IronicAnswers, 2)
    assert (down.fact.up, down.fact.says) == (False, "connection refused")
    ironic.nodes = []
    await ironic.start()
    await notebook.until(IronicNodeGone)
    kinds = notebook.kinds()
    assert kinds == [SightBegan, IronicAnswers, IronicNode, IronicAnswers, IronicAnswers, IronicNodeGone]


async def test_an_ironic_that_comes_back_with_its_old_database_has_its_nodes_again(watch, ironic):
    _, notebook = watch()
    await notebook.until(IronicNode)
    await ironic.stop()
    await notebook.until(IronicAnswers, 2)
    await ironic.start()
    again = await notebook.until(IronicNode, 2)
    assert again.fact.node == NODE


async def test_an_ironic_that_is_not_there_yet_is_seen_to_be_absent(watch, ironic):
    await ironic.stop()
    sight, notebook = watch()
    await asyncio.wait_for(sight.ready.wait(), SECONDS)
    assert notebook.kinds() == [SightBegan, IronicAnswers]
    assert notebook.entries[1].fact.up is False


async def silent(_):
    await asyncio.Event().wait()


async def breaking(request):
    request.transport.abort()
    return web.Response()


def saying(text, status=200):
    async def say(_):
        return web.Response(text=text, status=status, content_type="application/json")

    return say


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (silent, "no answer"),
        (breaking, "broke off"),
        (saying("", 401), "401"),
        (saying("", 503), "503"),
        (saying("<html>"), "no node list"),
        (saying("{}"), "no node list"),
        (saying('{"nodes": [7]}'), "no node list"),
        (saying('{"nodes": [{"name": "x"}]}'), "no node list"),
    ],
)
async def test_what_is_no_answer_is_blindness_and_its_end_is_not_complete(watch, ironic, answer, says):
    _, notebook = watch()
    await notebook.until(IronicNode)
    ironic.answer = answer
    lost = await notebook.until(SightLost)
    assert says in lost.fact.says
    ironic.answer = ironic.answer_nodes
    regained = await notebook.until(SightRegained)
    assert regained.fact.complete is False
    assert lost.since <= lost.at <= regained.at
    assert [kind for kind in notebook.kinds() if kind is IronicAnswers] == [IronicAnswers]


async def test_one_broken_connection_is_asked_again_and_no_blindness(watch, ironic):
    _, notebook = watch()
    await notebook.until(IronicNode)

    async def break_once(request):
        ironic.answer = ironic.answer_nodes
        ironic.nodes = [NODE | {"provision_state": "deploying"}]
        return await breaking(request)

    ironic.answer = break_once
    await notebook.until(IronicNode, 2)
    assert SightLost not in notebook.kinds()


async def test_a_first_look_that_sees_nothing_is_told_and_sight_begins_later(watch, ironic):
    ironic.status = 503
    sight, notebook = watch()
    await asyncio.wait_for(sight.ready.wait(), SECONDS)
    assert notebook.kinds() == [SightLost]
    ironic.status = 200
    await notebook.until(IronicNode)
    assert notebook.kinds() == [SightLost, SightRegained, SightBegan, IronicAnswers, IronicNode]


async def test_a_name_that_does_not_resolve_is_blindness_not_absence(watch):
    sight, notebook = watch(url="http://ironic.invalid:6385")
    await asyncio.wait_for(sight.ready.wait(), SECONDS)
    assert notebook.kinds() == [SightLost]


async def test_all_pages_of_a_long_list_are_read(watch, ironic):
    async def pages(request):
        if request.query.get("marker") == "u-1":
            return web.json_response({"nodes": [NODE | {"uuid": "u-2"}]})
        return web.json_response({"nodes": [NODE], "next": "http://elsewhere/v1/nodes?marker=u-1&fields=uuid"})

    ironic.answer = pages
    sight, notebook = watch()
    await sight.ready.wait()
    assert [entry.fact.uuid for entry in notebook.entries if isinstance(entry.fact, IronicNode)] == ["u-1", "u-2"]


async def test_the_final_look_tells_what_happened_last(watch, ironic):
    sight, notebook = watch(interval_seconds=60.0)
    await sight.ready.wait()
    ironic.nodes = [NODE | {"provision_state": "error"}]
    await sight.final()
    assert notebook.kinds()[-2:] == [IronicNode, SightEnded]
    assert notebook.entries[-1].fact.complete is True


async def test_a_final_look_into_darkness_is_not_complete(watch, ironic):
    sight, notebook = watch(interval_seconds=60.0)
    await sight.ready.wait()
    ironic.status = 500
    await sight.final()
    assert notebook.kinds()[-2:] == [SightLost, SightEnded]
    assert notebook.entries[-1].fact.complete is False


async def test_a_certificate_that_is_not_trusted_is_blindness_and_with_its_authority_sight(watch, ironic, tmp_path):
    context, certificate, _ = self_signed(tmp_path)
    await ironic.stop()
    await ironic.start(context)
    url = f"https://127.0.0.1:{ironic.port}"
    stranger, told = watch(url=url)
    await stranger.ready.wait()
    assert "TLS" in told.entries[0].fact.says
    friend, told = watch(url=url, tls=Tls(ca=str(certificate)))
    await friend.ready.wait()
    assert told.kinds() == [SightBegan, IronicAnswers, IronicNode]


async def test_no_secret_is_told(watch, ironic):
    ironic.status = 401
    sight, notebook = watch(credentials=Credentials("user", "very-secret"))
    await sight.ready.wait()
    assert "very-secret" not in json.dumps([str(entry.fact) for entry in notebook.entries])
