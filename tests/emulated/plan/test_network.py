import asyncio

import aiohttp
import pytest
from aiohttp import web

from harness.emulated.plan.network import EmulatedNetwork

ANSWER_SECONDS = 0.3


class Lab:
    """A network, one server on 127.77.10.1, and clients that call from addresses of their own."""

    def __init__(self, network, url, control):
        self.network, self.url, self.control = network, url, control

    async def call(self, from_, path="/", seconds=5.0):
        connector = aiohttp.TCPConnector(local_addr=(from_, 0))
        limit = aiohttp.ClientTimeout(total=seconds)
        async with aiohttp.ClientSession(connector=connector, timeout=limit) as session, session.get(self.url + path) as answer:
            return await answer.text()

    async def order(self, method, path, body=None):
        async with aiohttp.ClientSession() as session, session.request(method, self.control + path, json=body) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def lab():
    network = EmulatedNetwork()
    waiting = asyncio.Event()

    async def answer(request):
        return web.Response(text=request.remote)

    async def hang(_):
        waiting.set()
        await asyncio.Event().wait()

    application = web.Application(middlewares=[network.middleware("127.77.10.1")])
    application.add_routes([web.get("/", answer), web.get("/hang", hang)])
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.77.10.1", 0).start()
    lab = Lab(network, f"http://127.77.10.1:{runner.addresses[0][1]}", await network.start())
    lab.waiting = waiting
    yield lab
    await network.stop()
    await runner.cleanup()


async def test_without_rules_everybody_is_answered_and_known_by_his_address(lab):
    assert await lab.call("127.77.1.1") == "127.77.1.1"


async def test_a_cut_drops_one_sender_and_nobody_else(lab):
    assert (await lab.order("PUT", "/cuts/one", {"from": "127.77.2.1", "to": "127.77.10.1"}))[0] == 200
    with pytest.raises(aiohttp.ClientConnectionError):
        await lab.call("127.77.2.1")
    assert await lab.call("127.77.1.1") == "127.77.1.1"


async def test_a_cut_to_everywhere_stops_the_sender_here_too(lab):
    await lab.order("PUT", "/cuts/one", {"from": "127.77.2.1", "to": "*"})
    with pytest.raises(aiohttp.ClientConnectionError):
        await lab.call("127.77.2.1")


async def test_a_cut_to_another_server_stops_nothing_here(lab):
    await lab.order("PUT", "/cuts/one", {"from": "127.77.2.1", "to": "127.77.10.2"})
    assert await lab.call("127.77.2.1") == "127.77.2.1"


async def test_a_cut_aborts_what_is_under_way_and_tells_how_much_it_dropped(lab):
    call = asyncio.create_task(lab.call("127.77.2.1", "/hang"))
    await asyncio.wait_for(lab.waiting.wait(), 5)
    await lab.order("PUT", "/cuts/one", {"from": "127.77.2.1", "to": "127.77.10.1"})
    with pytest.raises(aiohttp.ClientConnectionError):
        await asyncio.wait_for(call, 5)
    assert '"dropped":' in (await lab.order("GET", "/cuts"))[1]
    assert lab.network.cuts["one"].dropped >= 1


async def test_a_healed_cut_lets_everything_through_again(lab):
    await lab.order("PUT", "/cuts/one", {"from": "127.77.2.1", "to": "*"})
    assert (await lab.order("DELETE", "/cuts/one"))[0] == 200
    assert await lab.call("127.77.2.1") == "127.77.2.1"
    assert (await lab.order("GET", "/cuts")) == (200, "{}")


async def test_a_silent_server_accepts_and_never_answers(lab):
    await lab.order("PUT", "/silences/s", {"address": "127.77.10.1"})
    with pytest.raises(TimeoutError):
        await lab.call("127.77.1.1", seconds=ANSWER_SECONDS)
    await lab.order("DELETE", "/silences/s")
    assert await lab.call("127.77.1.1") == "127.77.1.1"


@pytest.mark.parametrize("body", [{"from": "127.77.2.1"}, {"from": 7, "to": "*"}, []])
async def test_a_rule_that_says_too_little_is_refused(lab, body):
    status, says = await lab.order("PUT", "/cuts/one", body)
    assert (status, "from and to" in says) == (400, True)


async def test_healing_what_is_not_there_says_so(lab):
    assert (await lab.order("DELETE", "/cuts/none"))[0] == 404
    assert (await lab.order("DELETE", "/silences/none"))[0] == 404
