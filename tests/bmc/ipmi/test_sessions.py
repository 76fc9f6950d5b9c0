"""Sessions: few at a time, all of them closed, nothing left behind at either end."""

import asyncio
import socket

import pytest
from pyghmi.ipmi.private import session as pyghmi_session

from bmc.address import parse_ipmi_address
from bmc.errors import BmcError
from bmc.ipmi import act
from bmc.ipmi.client.connection import MAPPED, IpmiConnection
from bmc.ipmi.client.session import ClientSession
from bmc.ipmi.client.thread import client_thread
from bmc.ipmi.observe import IpmiObserver
from bmc.ipmi.wire import CHASSIS, Chassis
from bmc.model import Credentials
from tests.bmc.ipmi.serving import CREDENTIALS, emulated

CYCLES = 10_000
SLOTS = 8


async def client_tables() -> tuple[int, int, int, int]:
    """How many sessions pyghmi's client keeps, read in its thread: by address, waiting, kept alive, and using a socket."""
    counted = asyncio.get_running_loop().create_future()
    loop = asyncio.get_running_loop()

    def count() -> None:
        by_address = sum(len(each) for each in ClientSession.bmc_handlers.values())
        sizes = (by_address, len(ClientSession.waiting_sessions), len(ClientSession.keepalive_sessions))
        loop.call_soon_threadsafe(counted.set_result, (*sizes, sum(ClientSession.socketpool.values())))

    client_thread().submit(count)
    return await counted


def sockets_of(caller: str) -> list[socket.socket]:
    return [line for line in pyghmi_session.iosockets if line.getsockname()[0].removeprefix(MAPPED) == caller]


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_ten_thousand_cycles_leave_no_session_at_either_end():
    with emulated(sessions_max=SLOTS) as bmc:
        before = await client_tables()
        for _ in range(CYCLES):
            assert await act.power_state(bmc.address, CREDENTIALS) == "On"

        assert bmc.state()["sessions"] == 0
        assert await client_tables() == before
        assert len(ClientSession.socketpool) <= SLOTS


async def test_failures_leave_no_session_at_either_end():
    with emulated(sessions_max=SLOTS) as bmc:
        before = await client_tables()
        for number in range(2 * SLOTS):
            with pytest.raises(BmcError):
                await act.power_state(bmc.address, Credentials("admin", f"wrong {number}"))
        async with IpmiObserver(bmc.address, CREDENTIALS, deadline_seconds=0.2) as observer:
            for _ in range(2 * SLOTS):
                await observer.read()
                bmc.order("silence", True)
                with pytest.raises(BmcError):
                    await observer.read()
                bmc.order("silence", False)

        assert await client_tables() == before
        assert bmc.state()["sessions"] <= 1


async def test_a_full_bmc_refuses_by_name_and_lets_in_again_when_there_is_room():
    with emulated(sessions_max=2) as bmc:
        async with IpmiObserver(bmc.address, CREDENTIALS) as first, IpmiObserver(bmc.address, CREDENTIALS) as second:
            await first.read()
            await second.read()
            with pytest.raises(BmcError) as caught:
                await act.power_state(bmc.address, CREDENTIALS)
            assert (caught.value.kind, caught.value.blame) == ("status", "bmc")
            assert (await first.read()).power == "On"

        assert await act.power_state(bmc.address, CREDENTIALS) == "On"


async def test_many_observers_of_one_bmc_and_an_actor_do_not_disturb_each_other():
    with emulated(sessions_max=16) as bmc:

        async def watch(count: int) -> None:
            async with IpmiObserver(bmc.address, CREDENTIALS) as observer:
                for _ in range(count):
                    await observer.read()

        async with asyncio.TaskGroup() as tasks:
            for _ in range(10):
                tasks.create_task(watch(10))
            tasks.create_task(act.reset(bmc.address, CREDENTIALS, "ForceRestart"))

        state = bmc.state()
        assert (state["resets"], state["sessions"]) == (1, 0)


async def test_two_can_call_from_addresses_of_their_own_at_once_and_their_sockets_are_used_again():
    callers = ("127.77.1.1", "127.77.2.1")
    with emulated() as bmc:
        for _ in range(2 * SLOTS):
            address = parse_ipmi_address(bmc.address)
            lines = [IpmiConnection(address, CREDENTIALS, deadline_seconds=5, call_from=caller) for caller in callers]
            await asyncio.gather(*(line.command(CHASSIS, Chassis.GET_STATUS) for line in lines))
            assert [line.local_address for line in lines] == list(callers)
            for line in lines:
                await line.close()

        asked = bmc.asked("/ipmi/Chassis/GetStatus")
        assert sorted({entry[0] for entry in asked}) == list(callers)
        assert len(asked) == 4 * SLOTS
        assert all(len(sockets_of(caller)) == 1 for caller in callers)


async def test_an_address_that_is_not_ours_cannot_be_called_from():
    line = IpmiConnection(parse_ipmi_address("ipmi://127.0.0.1"), CREDENTIALS, deadline_seconds=5, call_from="192.0.2.1")

    with pytest.raises(BmcError, match="no way to the BMC"):
        await line.open()
