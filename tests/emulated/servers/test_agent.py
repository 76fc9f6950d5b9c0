import asyncio
import hashlib

import aiohttp
import pytest
from aiohttp import web

from harness.emulated.servers.agent import Agent, AgentParameters

ADDRESS = "127.78.10.2"
TOKEN = "t0ken"
IMAGE = b"\x00\x01junk ipa-agent-token=t0ken quiet\x00ipa-api-url=%s \xff"
SECONDS = 10.0


class Hardware:
    def __init__(self):
        self.done = []

    def inventory(self):
        return {"interfaces": [{"mac_address": "52:54:00:00:00:01"}]}

    async def erase(self):
        self.done.append("erase")

    async def write(self, image, configdrive):
        self.done.append(("write", image, configdrive))

    def shut_down(self):
        self.done.append("off")


class FakeIronic:
    """Knows one node, takes heartbeats, serves an image to boot from."""

    def __init__(self):
        self.url = ""
        self.callbacks = asyncio.Queue()
        self.refusals = 2

    async def image(self, _):
        return web.Response(body=IMAGE % self.url.encode())

    async def lookup(self, request):
        assert request.query["addresses"] == "52:54:00:00:00:01"
        return web.json_response({"node": {"uuid": "n-1"}, "config": {"agent_token": "******"}})

    async def heartbeat(self, request):
        body = await request.json()
        assert (request.match_info["node"], body["agent_token"]) == ("n-1", TOKEN)
        self.refusals -= 1
        if self.refusals >= 0:
            return web.json_response({}, status=409)
        self.callbacks.put_nowait(body["callback_url"])
        return web.Response(status=202)


@pytest.fixture
async def agent():
    """(hardware, function that gives the agent one command)."""
    ironic, hardware = FakeIronic(), Hardware()
    application = web.Application()
    application.add_routes(
        [
            web.get("/boot.iso", ironic.image),
            web.get("/v1/lookup", ironic.lookup),
            web.post("/v1/heartbeat/{node}", ironic.heartbeat),
        ]
    )
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ironic.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    task = asyncio.create_task(Agent(hardware, address=ADDRESS, speed=200.0).run(f"{ironic.url}/boot.iso"))
    callback = await asyncio.wait_for(ironic.callbacks.get(), SECONDS)
    async with aiohttp.ClientSession() as session:

        async def command(name, *, token=TOKEN, wait="true", **params):
            url = f"{callback}/v1/commands/?wait={wait}&agent_token={token}"
            async with session.post(url, json={"name": name, "params": params}) as answer:
                return answer.status, await answer.json()

        command.commands = f"{callback}/v1/commands/"
        command.called_again = ironic.callbacks.get
        command.image = f"{ironic.url}/boot.iso"
        yield hardware, command
    task.cancel()
    await asyncio.wait({task})
    await runner.cleanup()


def test_orders_are_found_within_the_bytes_of_an_image():
    assert AgentParameters.read(IMAGE % b"http://i") == AgentParameters("", "http://i", TOKEN)
    assert AgentParameters.read(b"nothing") == AgentParameters("", "", "")


async def test_it_listens_at_its_own_address_after_its_heartbeat_was_refused_twice(agent):
    _, command = agent
    status, body = await command("standby.sync")
    assert (status, body["command_status"], body["command_name"]) == (200, "SUCCEEDED", "sync")


async def test_it_obeys_nobody_without_the_token(agent):
    hardware, command = agent
    assert (await command("clean.execute_clean_step", token="other"))[0] == 401
    assert hardware.done == []


async def test_it_erases_and_powers_off(agent):
    hardware, command = agent
    _, steps = await command("clean.get_clean_steps")
    [step] = steps["command_result"]["clean_steps"]["GenericHardwareManager"]
    await command("clean.execute_clean_step", step=step)
    await command("standby.power_off")
    assert hardware.done == ["erase", "off"]


@pytest.mark.parametrize(
    "spelt", [lambda url: {"source": url}, lambda url: {"id": "i", "urls": [url]}], ids=["ours", "a real Ironic's"]
)
async def test_it_writes_the_image_that_it_is_told_of(agent, spelt):
    hardware, command = agent
    async with aiohttp.ClientSession() as session, session.get(command.image) as answer:
        checksum = hashlib.sha256(await answer.read()).hexdigest()
    arguments = {"image_info": {**spelt(command.image), "os_hash_value": checksum}, "configdrive": "drive"}
    _, body = await command("deploy.execute_deploy_step", step={"step": "write_image", "args": arguments})
    assert body["command_status"] == "SUCCEEDED", body
    assert hardware.done == [("write", command.image, "drive")]


async def test_what_nobody_waits_for_is_told_of_by_the_next_heartbeat(agent):
    hardware, command = agent
    _, body = await command("clean.execute_clean_step", wait="false", step={"step": "erase_devices_metadata"})
    assert (body["command_status"], body["command_result"]) == ("RUNNING", None)

    async with asyncio.timeout(SECONDS), aiohttp.ClientSession() as session:
        while body["command_status"] == "RUNNING":
            await command.called_again()
            async with session.get(command.commands) as answer:
                [body] = (await answer.json())["commands"]
    done = body
    assert (done["command_status"], done["command_result"]["clean_step"]["step"]) == ("SUCCEEDED", "erase_devices_metadata")
    assert hardware.done == ["erase"]


async def test_a_heartbeat_that_the_conductor_passed_over_is_followed_by_another(agent):
    _, command = agent
    async with asyncio.timeout(SECONDS):
        await command.called_again()  # of the agent that is there
        await command("clean.execute_clean_step", wait="false", step={"step": "erase_devices_metadata"})
        for _ in range(3):
            await command.called_again()  # of what it has done


@pytest.mark.parametrize(
    ("command_name", "params"),
    [
        ("no.such", {}),
        ("deploy.execute_deploy_step", {"step": {"step": "dance"}}),
        (
            "deploy.execute_deploy_step",
            {"step": {"step": "write_image", "args": {"image_info": {"source": "http://127.0.0.1:1/i"}}}},
        ),
    ],
)
async def test_what_it_cannot_do_fails_and_says_so(agent, command_name, params):
    hardware, command = agent
    _, body = await command(command_name, **params)
    assert body["command_status"] == "FAILED"
    assert body["command_error"]
    assert hardware.done == []
