"""sushy, the client that Ironic uses, finds in the emulated BMC all that it looks for; and our actor through it."""

import asyncio

import pytest
import sushy
from aiohttp import web

from bmc.errors import BmcError
from bmc.model import Credentials
from bmc.redfish import act
from tests.bmc.resets import RESETS
from tests.bmc.serving import CREDENTIALS, UUID, deaf, emulated, raw


@pytest.fixture
async def bmc():
    async with emulated() as running:
        yield running


def client(bmc, **more):
    return sushy.Sushy(bmc.base, username=CREDENTIALS.username, password=CREDENTIALS.password, server_side_retries=1, **more)


def paths(bmc, method):
    return [each.path for each in bmc.machine.requests if each.method == method]


async def test_sushy_logs_in_with_a_session_and_out_again(bmc):
    def work():
        root = client(bmc)
        system = root.get_system()
        assert (system.identity, system.power_state) == (UUID, sushy.PowerState.ON)
        root._auth.close()

    await asyncio.to_thread(work)

    assert paths(bmc, "POST") == ["/redfish/v1/SessionService/Sessions"]
    assert paths(bmc, "DELETE") == ["/redfish/v1/SessionService/Sessions/1"]
    assert all(each.status < 400 for each in bmc.machine.requests)


async def test_sushy_reads_what_ironic_reads(bmc):
    def work():
        system = client(bmc, auth=None).get_system()
        assert system.boot_progress.last_state == sushy.BootProgressStates.OS_RUNNING
        assert system.secure_boot.enabled is False
        assert system.managers[0].firmware_version == "1.0"
        assert system.chassis[0].chassis_type == sushy.CHASSIS_TYPE_RACK_MOUNT
        assert list(system.ethernet_interfaces.summary) == ["52:54:00:00:00:01"]
        assert system.root.get_update_service().service_enabled is False
        assert system.root.get_session_service().service_enabled is True

    await asyncio.to_thread(work)


@pytest.mark.parametrize(("reset_type", "power", "resets"), RESETS)
async def test_the_actor_resets(bmc, reset_type, power, resets):
    await act.reset(bmc.address, CREDENTIALS, reset_type)

    assert (bmc.machine.power, bmc.machine.reset_count) == (power, resets)
    assert await act.power_state(bmc.address, CREDENTIALS) == power
    assert len(bmc.reset_requests()) == 1


async def test_the_actor_boots_from_media_and_cleans_up(bmc):
    await act.insert_media(bmc.address, CREDENTIALS, "http://image/boot.iso")
    await act.set_boot(bmc.address, CREDENTIALS, "Cd")
    assert bmc.machine.media["Cd"].image == "http://image/boot.iso"
    assert (bmc.machine.boot.target, bmc.machine.boot.enabled) == ("Cd", "Once")

    await act.eject_media(bmc.address, CREDENTIALS)
    assert not bmc.machine.media["Cd"].inserted


async def test_the_actor_opens_no_session_and_names_itself(bmc):
    await act.power_state(bmc.address, CREDENTIALS)

    assert paths(bmc, "POST") == []
    assert {each.user_agent for each in bmc.machine.requests} == {"metal3-pivot-harness/actor"}


async def test_a_reset_whose_answer_is_lost_is_sent_once():
    @web.middleware
    async def lose(request, handler):
        response = await handler(request)
        if request.method == "POST":
            request.transport.abort()
        return response

    async with emulated(middlewares=[lose]) as bmc:
        with pytest.raises(BmcError) as caught:
            await act.reset(bmc.address, CREDENTIALS, "ForceRestart")

        assert caught.value.kind == "dropped"
        assert len(bmc.reset_requests()) == 1
        assert bmc.machine.reset_count == 1


@pytest.mark.parametrize(
    ("action", "kind", "blame"),
    [
        (lambda address: act.reset(address, Credentials("admin", "wrong"), "On"), "auth", "us"),
        (lambda address: act.reset(address, CREDENTIALS, "Banana"), "refused", "us"),
        (lambda address: act.insert_media(address, CREDENTIALS, "http://x", device="Tape"), "missing", "us"),
        (lambda address: act.power_state(address + "0", CREDENTIALS), "missing", "us"),
    ],
)
async def test_the_actor_tells_what_was_refused_and_by_whom(bmc, action, kind, blame):
    with pytest.raises(BmcError) as caught:
        await action(bmc.address)

    assert (caught.value.kind, caught.value.blame) == (kind, blame)
    assert "wrong" not in caught.value.says
    assert bmc.machine.reset_count == 0


async def test_the_actor_names_a_bmc_that_is_not_there():
    with deaf() as port, pytest.raises(BmcError) as caught:
        await act.power_state(f"redfish+http://127.0.0.1:{port}/redfish/v1/Systems/1", CREDENTIALS)

    assert (caught.value.kind, caught.value.blame) == ("unreachable", "network")


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\n\r\n<html>", b"HTTP/1.1 200 OK\r\n\r\n[]"])
async def test_the_actor_names_a_bmc_that_is_none(answer):
    async with raw(answer) as port:
        with pytest.raises(BmcError) as caught:
            await act.power_state(f"redfish+http://127.0.0.1:{port}/redfish/v1/Systems/1", CREDENTIALS)

    assert caught.value.blame in ("bmc", "network")
