"""Each fault as its victims meet it: sushy, which Ironic uses, and plain HTTP clients; and that it heals."""

import asyncio
import json
import time

import aiohttp
import pytest
import sushy
from sushy import exceptions

from bmc.recorder.log.records import FaultInjectedRecord, FaultRemovedRecord
from tests.bmc.recorder.recording import (
    LOGIN,
    RESET,
    SYSTEM,
    applied,
    client,
    faulty,
    in_thread,
    recorded,
    requests_of,
)
from tests.bmc.serving import CREDENTIALS
from tests.waiting import until

SUSHY_SENDS = 10


@pytest.fixture
async def running(tmp_path):
    async with recorded(tmp_path / "log.jsonl", askers=["ironic=agent:^ironic"]) as it:
        yield it


def reset(running, **more):
    client(running, **more).get_system().reset_system(sushy.ResetType.FORCE_RESTART)


async def test_a_lost_reply_makes_sushy_reset_a_server_ten_times(running):
    async with faulty(running, "lose_reply", method="POST", path="ComputerSystem.Reset"):
        with pytest.raises(exceptions.ConnectionError):
            await in_thread(lambda: reset(running))
        assert await applied(running) == SUSHY_SENDS

    assert running.bmc.machine.reset_count == SUSHY_SENDS
    resets = running.asked(RESET)
    assert len(resets) == SUSHY_SENDS
    assert {(running.ended(each).outcome, running.ended(each).told) for each in resets} == {("answered", "nothing")}
    told = [each for each in await requests_of(running) if each.path == RESET]
    assert len(told) == SUSHY_SENDS
    assert {each.status for each in told} == {204}


async def test_a_fault_with_a_count_ends_by_itself(running):
    async with faulty(running, "lose_reply", method="POST", path="ComputerSystem.Reset", count=1):
        await in_thread(lambda: reset(running))

    assert running.bmc.machine.reset_count == 2


async def test_a_request_dropped_before_its_execution_never_happened(running):
    async with faulty(running, "drop", method="POST"):
        with pytest.raises(exceptions.ConnectionError):
            await in_thread(lambda: reset(running, server_side_retries=2))
        assert await applied(running) == 2

    assert running.bmc.machine.reset_count == 0
    assert [running.ended(each).outcome for each in running.asked(RESET)] == ["faulted", "faulted"]
    assert not any(each.path == RESET for each in await requests_of(running))


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("unauthorized", exceptions.AccessError),
        ("forbidden", exceptions.AccessError),
        ("error", exceptions.ServerSideError),
    ],
)
async def test_a_refusal_in_the_bmcs_place(running, kind, error):
    async with faulty(running, kind, method="CHANGES"):
        with pytest.raises(error):
            await in_thread(lambda: reset(running))

    assert running.bmc.machine.reset_count == 0
    await in_thread(lambda: reset(running))
    assert running.bmc.machine.reset_count == 1


async def test_a_busy_bmc_says_when_to_come_again(running):
    async with (
        faulty(running, "busy", seconds=7),
        aiohttp.ClientSession(headers=LOGIN) as session,
        session.get(f"{running.base}{SYSTEM}") as answer,
    ):
        assert (answer.status, answer.headers["Retry-After"]) == (503, "7")
        assert "error" in await answer.json()


async def test_sushy_waits_for_a_bmc_that_is_busy_twice(running):
    async with faulty(running, "busy", method="GET", path="/Systems/", count=2, seconds=0):
        power = await in_thread(lambda: client(running).get_system(SYSTEM).power_state)
        assert await applied(running) == 2

    assert power == sushy.PowerState.ON


async def test_latency_delays_and_changes_nothing_else(running):
    async with faulty(running, "latency", seconds=0.2), aiohttp.ClientSession(headers=LOGIN) as session:
        began = time.monotonic()
        async with session.get(f"{running.base}{SYSTEM}") as answer:
            assert answer.status == 200
        assert time.monotonic() - began >= 0.2


async def test_a_hanging_request_gets_no_answer_until_it_is_healed(running):
    async with aiohttp.ClientSession(headers=LOGIN) as session:
        async with faulty(running, "hang", method="POST"):
            task = asyncio.create_task(session.post(f"{running.base}{RESET}", json={"ResetType": "ForceRestart"}))
            await until(lambda: applied(running), "the fault at work")
            async with session.get(f"{running.base}{SYSTEM}") as answer:
                assert answer.status == 200, "the recorder goes on with others"
            assert not task.done()
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await task

    assert running.bmc.machine.reset_count == 0


async def test_a_refused_port_is_closed_for_all_and_opens_again(running):
    async with aiohttp.ClientSession(headers=LOGIN) as kept:
        async with kept.get(f"{running.base}{SYSTEM}") as answer:
            assert answer.status == 200
        async with faulty(running, "refuse"):
            assert await applied(running) == 1
            async with aiohttp.ClientSession() as session:
                with pytest.raises(aiohttp.ClientConnectorError):
                    await session.get(f"{running.base}/redfish/v1")
            with pytest.raises(aiohttp.ClientConnectionError):
                await kept.post(f"{running.base}{RESET}", json={"ResetType": "ForceRestart"})
        async with kept.get(f"{running.base}{SYSTEM}") as answer:
            assert answer.status == 200


@pytest.mark.parametrize("kind", ["garbage", "truncated"])
async def test_an_answer_that_is_no_json(running, kind):
    async with faulty(running, kind, method="GET", path="/Systems/"), aiohttp.ClientSession(headers=LOGIN) as session:
        async with session.get(f"{running.base}{SYSTEM}") as answer:
            with pytest.raises(ValueError):  # noqa: PT011 - any way in which it is no JSON will do
                json.loads(await answer.read())
            assert answer.status == 200
        with pytest.raises((exceptions.SushyError, ValueError)):
            await in_thread(lambda: client(running).get_system(SYSTEM))


async def test_a_power_state_of_null(running):
    async with faulty(running, "null_power"):
        assert await in_thread(lambda: client(running).get_system(SYSTEM).power_state) is None
        assert await applied(running) == 1


async def test_a_stale_power_state_is_the_one_that_was_seen_first(running):
    async with faulty(running, "stale_power"):
        assert await in_thread(lambda: client(running).get_system(SYSTEM).power_state) == sushy.PowerState.ON
        assert await applied(running) == 0
        running.bmc.machine.reset("ForceOff")
        assert await in_thread(lambda: client(running).get_system(SYSTEM).power_state) == sushy.PowerState.ON
        assert await applied(running) == 1

    assert await in_thread(lambda: client(running).get_system(SYSTEM).power_state) == sushy.PowerState.OFF


async def test_a_wrong_etag_meets_conditional_writes_only(running):
    body = {"Boot": {"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Once"}}
    async with faulty(running, "wrong_etag"), aiohttp.ClientSession(headers=LOGIN) as session:
        async with session.patch(f"{running.base}{SYSTEM}", json=body, headers={"If-Match": '"1"'}) as answer:
            assert answer.status == 412
        assert running.bmc.machine.boot.enabled == "Disabled"
        async with session.patch(f"{running.base}{SYSTEM}", json=body) as answer:
            assert answer.status < 300

    assert running.bmc.machine.boot.target == "Cd"


async def test_an_expired_session_makes_sushy_log_in_again(running):
    def work():
        root = client(running, auth=None, username=CREDENTIALS.username, password=CREDENTIALS.password)
        system = root.get_system(SYSTEM)
        order = {"kind": "expired_session"}
        asyncio.run(put(order))
        system.refresh()
        power = system.power_state
        root._auth.close()
        return power

    async def put(order):
        async with aiohttp.ClientSession() as session, session.put(f"{running.control}/faults/f1", json=order) as answer:
            assert answer.status == 201

    assert await in_thread(work) == sushy.PowerState.ON
    assert await applied(running) == 1
    assert len(running.asked("/Sessions", "POST")) == 2


async def test_a_fault_meets_only_the_client_that_it_is_for(running):
    async with faulty(running, "error", client="ironic"), aiohttp.ClientSession(headers=LOGIN) as session:
        for agent, status in (("ironic/1.0", 500), ("somebody", 200)):
            async with session.get(f"{running.base}{SYSTEM}", headers={"User-Agent": agent}) as answer:
                assert answer.status == status


async def test_faults_are_in_the_log_with_what_they_did(running):
    async with faulty(running, "error"), aiohttp.ClientSession() as session:
        await session.get(f"{running.base}{SYSTEM}")

    put, healed = (
        next(line for line in running.lines if isinstance(line, kind)) for kind in (FaultInjectedRecord, FaultRemovedRecord)
    )
    assert put.order == {"kind": "error"}
    assert (put.fault, healed.fault, healed.applied) == ("f1", "f1", 1)
    assert running.asked(SYSTEM)[0].faults == ("f1",)


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"kind": "explode"}, "explode"),
        ({"kind": "error", "path": "("}, "regular expression"),
        ({"kind": "error", "colour": "red"}, "colour"),
        ({"kind": "refuse", "client": "ironic"}, "refuses everybody"),
        ({"kind": "error", "bmc": "10.0.0.1:443"}, "10.0.0.1:443"),
        ({"kind": "error", "count": -1}, "count"),
    ],
)
async def test_an_order_that_cannot_be_meant_is_declined(running, order, says):
    async with aiohttp.ClientSession() as session, session.put(f"{running.control}/faults/f1", json=order) as answer:
        assert answer.status in (400, 404)
        assert says in await answer.text()


async def test_healing_what_is_not_there_says_so(running):
    async with aiohttp.ClientSession() as session, session.delete(f"{running.control}/faults/none") as answer:
        assert answer.status == 404
