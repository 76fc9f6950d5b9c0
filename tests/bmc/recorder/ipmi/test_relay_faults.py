"""Each fault before an IPMI BMC as its clients meet it; and that it heals."""

import time
from contextlib import suppress

import aiohttp
import pytest

from bmc.errors import BmcError
from bmc.ipmi import act
from bmc.ipmi.wire import CHASSIS, Chassis
from bmc.model import Credentials
from tests.bmc.ipmi.serving import CREDENTIALS
from tests.bmc.recorder.ipmi.relaying import relayed, status
from tests.bmc.recorder.recording import applied, faulty

CONTROL = "/ipmi/Chassis/Control"
LOGIN = "/ipmi/App/OpenSession"


@pytest.mark.parametrize(
    ("kind", "error"), [("busy", ("busy", "0xc0")), ("error", ("status", "0xff")), ("forbidden", ("forbidden", "0xd4"))]
)
async def test_a_completion_code_in_the_bmcs_place(bmc, running, line, kind, error):
    assert await status(line)
    async with faulty(running, kind, path=CONTROL):
        for _ in range(40):
            with pytest.raises(BmcError) as caught:
                await line.command(CHASSIS, Chassis.CONTROL, b"\x03", once=True)
            assert (caught.value.kind, caught.value.says[-4:]) == error
            assert await status(line)
        assert await applied(running) == 40

    assert bmc.state()["resets"] == 0
    await line.command(CHASSIS, Chassis.CONTROL, b"\x03", once=True)
    assert bmc.state()["resets"] == 1
    assert len(running.asked(LOGIN)) == 1, "the session lived through it"
    ends = [(running.ended(each).outcome, running.ended(each).says) for each in running.asked(CONTROL)]
    assert ends == [("faulted", kind)] * 40 + [("answered", "")]


async def test_a_fault_with_a_count_ends_by_itself(running, line):
    async with faulty(running, "busy", path="GetStatus", count=2):
        for _ in range(2):
            with pytest.raises(BmcError):
                await status(line)
        assert await status(line)
        assert await applied(running) == 2


async def test_a_command_dropped_before_its_execution_never_happened(bmc, running, line):
    await line.open()
    async with faulty(running, "drop", method="POST", path=CONTROL):
        with pytest.raises(BmcError) as caught:
            await line.command(CHASSIS, Chassis.CONTROL, b"\x03", once=True)
        assert caught.value.kind == "dropped"

    assert bmc.state()["resets"] == 0
    assert {running.ended(each).outcome for each in running.asked(CONTROL)} == {"faulted"}


async def test_a_lost_reply_leaves_a_command_that_was_done(bmc, running, line):
    await line.open()
    async with faulty(running, "lose_reply", path=CONTROL):
        with pytest.raises(BmcError) as caught:
            await line.command(CHASSIS, Chassis.CONTROL, b"\x03", once=True)
        assert caught.value.kind == "dropped"

    assert bmc.state()["resets"] == 1
    end = running.ended(running.asked(CONTROL)[0])
    assert (end.outcome, end.status, end.told, end.faults) == ("answered", 200, "nothing", ("f1",))


async def test_packets_get_lost_both_ways_and_a_client_that_sends_again_comes_through(bmc, running, line):
    await line.open()
    async with faulty(running, "packet_loss", share=0.4):
        for _ in range(10):
            assert await status(line)
        assert await applied(running) > 0

    ends = [running.ended(each) for each in running.asked("/ipmi/Chassis/GetStatus")]
    assert any(end.says.startswith("packet_loss") for end in ends)
    assert bmc.state()["power"] == "On"


async def test_latency_delays_and_changes_nothing_else(running, line):
    assert await status(line)
    async with faulty(running, "latency", seconds=0.3):
        began = time.monotonic()
        assert await status(line)
        assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("kind", ["garbage", "truncated"])
async def test_an_answer_that_is_nonsense_costs_that_answer(running, line, kind):
    assert await status(line)
    async with faulty(running, kind, path="GetStatus", count=1):
        with suppress(BmcError):
            assert await status(line)
        assert await applied(running) == 1
    assert await status(line)


async def test_a_stale_power_state_is_the_one_that_was_seen_first(bmc, running, line):
    async with faulty(running, "stale_power"):
        assert await status(line)
        bmc.order("reset", "ForceOff")
        assert await status(line)
        assert await applied(running) == 1
    assert not await status(line)


async def test_a_login_refused_in_the_bmcs_place(bmc, running):
    async with faulty(running, "unauthorized"):
        with pytest.raises(BmcError) as caught:
            await act.power_state(running.address, Credentials("admin", "verysecret"))
        assert caught.value.kind == "auth"
    assert not bmc.asked(LOGIN)


async def test_an_expired_session_makes_the_client_log_in_again(running, line):
    assert await status(line)
    async with faulty(running, "expired_session"):
        with pytest.raises(BmcError) as caught:
            await status(line)
        assert caught.value.kind == "timeout"
        assert await status(line)
        assert await applied(running) > 0
    assert len(running.asked(LOGIN)) == 2


async def test_a_refused_port_is_closed_and_opens_again(running, line):
    assert await status(line)
    async with faulty(running, "refuse"):
        assert await applied(running) == 1
        with pytest.raises(BmcError):
            await status(line)
    assert await status(line)


async def test_a_fault_meets_only_the_client_that_it_is_for(running, line):
    async with faulty(running, "busy", client="somebody"):
        assert await status(line)
        assert await applied(running) == 0


async def test_a_fault_that_needs_keys_does_nothing_without_them(bmc, tmp_path):
    async with relayed(bmc, tmp_path / "log.jsonl", users={}) as running, faulty(running, "busy"):
        assert await act.power_state(running.address, CREDENTIALS) == "On"
        assert await applied(running) == 0


@pytest.mark.parametrize(
    "order", [{"kind": "null_power"}, {"kind": "packet_loss", "path": "x"}, {"kind": "packet_loss", "share": 2}]
)
async def test_a_fault_that_cannot_be_done_to_packets_is_refused(running, order):
    async with aiohttp.ClientSession() as session, session.put(f"{running.control}/faults/f1", json=order) as answer:
        assert answer.status == 400
        assert (await answer.json())["says"]
