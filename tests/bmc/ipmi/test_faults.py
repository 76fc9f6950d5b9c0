"""BMCs that answer badly or not at all: a named error within the deadline, and nobody else disturbed."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest

from bmc.address import parse_ipmi_address
from bmc.errors import BmcError
from bmc.ipmi import act
from bmc.ipmi.client.confinement import confine
from bmc.ipmi.client.connection import IpmiConnection
from bmc.ipmi.observe import IpmiObserver
from bmc.ipmi.wire import CHASSIS, Chassis
from bmc.model import Credentials
from bmc.recorder.faults import Fault, FaultSpec
from tests.bmc.ipmi.serving import CREDENTIALS, answering, emulated
from tests.bmc.recorder.ipmi.relaying import relayed
from tests.bmc.serving import deaf
from tests.waiting import until

DEADLINE_SECONDS = 0.6
SLACK_SECONDS = 2.0
"""For a busy test machine; pyghmi's own deadlines are 5 s and for ever."""
RMCP = b"\x06\x00\xff\x07"


async def read_error(observer) -> BmcError:
    began = time.monotonic()
    with pytest.raises(BmcError) as caught:
        await observer.read()
    assert time.monotonic() - began < DEADLINE_SECONDS + SLACK_SECONDS
    return caught.value


@asynccontextmanager
async def watching(address, credentials=CREDENTIALS):
    async with IpmiObserver(address, credentials, deadline_seconds=DEADLINE_SECONDS) as observer:
        yield observer


async def test_a_wrong_password_is_tried_three_times_in_this_process_and_never_again(bmc):
    wrong = Credentials("admin", "not-this-one")
    said = []
    for _ in range(5):
        async with watching(bmc.address, wrong) as observer:
            error = await read_error(observer)
            assert (error.kind, error.blame) == ("auth", "us")
            said.append(error.says)
    with pytest.raises(BmcError, match="not tried again"):
        await act.reset(bmc.address, wrong, "ForceOff")

    assert ["not tried again" in each for each in said] == [False, False, False, True, True]
    assert "not-this-one" not in str(said)
    async with watching(bmc.address) as observer:
        assert (await observer.read()).power == "On"


async def test_a_bmc_that_is_busy_at_the_login_refuses_nobody(bmc, tmp_path):
    async with relayed(bmc, tmp_path / "log.jsonl") as relay, watching(relay.address) as observer:
        await relay.recorder.put(relay.listener, Fault("busy", FaultSpec(kind="busy", path="SetSessionPrivilege", count=5)))
        for _ in range(5):
            error = await read_error(observer)
            assert (error.kind, error.blame) == ("busy", "bmc")

        assert (await observer.read()).power == "On"


async def test_who_is_not_cautious_tries_credentials_however_often_they_were_refused(bmc):
    line = IpmiConnection(
        parse_ipmi_address(bmc.address), Credentials("admin", "nor-this"), deadline_seconds=DEADLINE_SECONDS, cautious=False
    )
    for _ in range(5):
        with pytest.raises(BmcError, match="does not accept"):
            await line.open()


async def test_a_success_forgets_the_refusals_before_it(bmc):
    later = Credentials("admin", "changed")
    for _ in range(3):
        bmc.order("password", "admin", "verysecret")
        for _ in range(2):
            async with watching(bmc.address, later) as observer:
                assert (await read_error(observer)).kind == "auth"
        bmc.order("password", "admin", "changed")
        async with watching(bmc.address, later) as observer:
            assert (await observer.read()).power == "On"


async def test_an_unknown_user_is_asked_for_once_a_login(bmc):
    for _ in range(4):
        async with watching(bmc.address, Credentials("nobody", "x")) as observer:
            error = await read_error(observer)
            assert error.kind == "auth"

    refused = bmc.asked("/ipmi/App/OpenSession")
    assert [(each[1], each[5]) for each in refused] == [("nobody", 401)] * 3


async def test_a_bmc_that_falls_silent_at_the_users_name_ends_with_its_deadline(bmc):
    async with (
        relay(bmc.port, lambda packet, _up: not is_kind(packet, 0x13)) as port,
        watching(f"ipmi://127.0.0.1:{port}") as observer,
    ):
        error = await read_error(observer)

    assert error.kind == "timeout"
    assert "user" in error.says


async def test_nothing_listening_is_unreachable():
    with deaf() as port:
        async with watching(f"ipmi://127.0.0.1:{port}") as observer:
            error = await read_error(observer)

    assert (error.kind, error.blame) == ("unreachable", "network")
    assert "None" not in error.says


async def test_a_name_that_nobody_knows_is_unreachable():
    async with watching("ipmi://nowhere.invalid") as observer:
        assert (await read_error(observer)).kind == "unreachable"


@pytest.mark.parametrize(
    ("answer", "kinds"),
    [
        (b"", {"unreachable", "timeout"}),
        (RMCP, {"content"}),
        (RMCP + b"garbage" * 10, {"timeout"}),
        (RMCP + b"\x06\x11" + bytes(3), {"timeout", "content"}),
        (RMCP + bytes(60), {"timeout", "content"}),
        (b"\xff" * 2900, {"timeout", "content"}),
    ],
    ids=["empty", "header only", "garbage", "a cut open session", "zeroes", "a flood of ones"],
)
async def test_garbage_is_a_named_error_within_the_deadline(answer, kinds):
    async with answering(lambda _: [answer]) as (port, _), watching(f"ipmi://127.0.0.1:{port}") as observer:
        error = await read_error(observer)
        again = await read_error(observer)

    assert error.kind in kinds
    assert again.kind in kinds


async def test_garbage_from_one_bmc_ends_no_session_with_another(bmc):
    async with watching(bmc.address) as elsewhere, answering(lambda _: [RMCP]) as (port, _):
        await elsewhere.read()
        async with watching(f"ipmi://127.0.0.1:{port}") as observer:
            assert (await read_error(observer)).kind == "content"
        await elsewhere.read()

    assert len(bmc.asked("/ipmi/App/SetSessionPrivilege")) == 1


async def test_a_silence_in_mid_read_costs_one_reading_and_disturbs_no_other_bmc(bmc):
    with emulated() as other:
        await silenced_in_mid_read(bmc, other)


async def silenced_in_mid_read(bmc, other):
    async with watching(bmc.address) as observer, watching(other.address) as elsewhere:
        await observer.read()
        await elsewhere.read()
        bmc.order("silence", True)
        stuck = asyncio.create_task(read_error(observer))
        longest = 0.0
        while not stuck.done():
            began = time.monotonic()
            assert (await elsewhere.read()).power == "On"
            longest = max(longest, time.monotonic() - began)
        assert ((await stuck).kind, (await stuck).blame) == ("timeout", "bmc")
        assert longest < DEADLINE_SECONDS
        bmc.order("silence", False)
        assert (await observer.read()).power == "On"


async def test_a_bmc_silent_at_the_privilege_level_disturbs_no_other_bmc(bmc):
    """pyghmi waits for that one answer in place, up to 40 s, and everybody with it."""
    async with (
        relay(bmc.port, lambda packet, up: not (up and is_kind(packet, 0x00))) as port,
        watching(f"ipmi://127.0.0.1:{port}") as observer,
        watching(bmc.address) as elsewhere,
    ):
        stuck = asyncio.create_task(read_error(observer))
        while not stuck.done():
            assert (await elsewhere.read()).power == "On"

        assert (await stuck).kind == "timeout"


async def test_a_bmc_that_forgot_our_session_is_logged_into_again(bmc):
    async with watching(bmc.address) as observer:
        await observer.read()
        bmc.order("restart_manager")
        assert (await read_error(observer)).kind == "timeout"
        assert (await observer.read()).power == "On"

    assert bmc.state()["sessions"] == 0


async def test_a_cancelled_reading_leaves_no_session_and_the_next_one_works(bmc):
    async with watching(bmc.address) as observer:
        await observer.read()
        bmc.order("silence", True)
        reading = asyncio.create_task(observer.read())
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        bmc.order("silence", False)
        assert (await observer.read()).power == "On"
    assert bmc.state()["sessions"] <= 1


async def test_a_lost_packet_is_sent_again_and_costs_no_reading(bmc):
    lost = []

    def lose_every_fifth_command(packet, up):
        if is_kind(packet, 0x00):
            lost.append(packet)
        return not is_kind(packet, 0x00) or len(lost) % 5 != 0

    async with (
        relay(bmc.port, lose_every_fifth_command) as port,
        IpmiObserver(f"ipmi://127.0.0.1:{port}", CREDENTIALS) as observer,
    ):
        assert (await observer.read()).power == "On"


async def test_a_reset_whose_answer_is_lost_is_dropped_and_was_done_once(bmc):
    commands = []

    def lose_answer_to_control(packet, up):
        if up and is_kind(packet, 0x00):
            commands.append(packet)
        return up or len(commands) < 4  # privilege, device, introduction, and then the control

    async with relay(bmc.port, lose_answer_to_control) as port:
        with pytest.raises(BmcError) as caught:
            await act.reset(f"ipmi://127.0.0.1:{port}", CREDENTIALS, "ForceRestart", deadline_seconds=2.5)
        await until(lambda: bmc.asked("/ipmi/App/CloseSession"), "a last Close Session")

    assert len(commands) == 5, "the four, each sent once, and the last"
    assert caught.value.kind == "dropped"
    assert "may have been done" in caught.value.says
    assert bmc.state()["resets"] == 1
    assert len(bmc.asked("/ipmi/Chassis/Control")) == 1


async def test_a_command_that_comes_again_is_answered_again_and_not_done_again(bmc):
    commands, answers = [], []

    def lose_an_answer(packet, up):
        if is_kind(packet, 0x00):
            (commands if up else answers).append(packet)
        return up or not is_kind(packet, 0x00) or len(answers) != 2

    async with relay(bmc.port, lose_an_answer) as port:
        connection = IpmiConnection(parse_ipmi_address(f"ipmi://127.0.0.1:{port}"), CREDENTIALS, deadline_seconds=5.0)
        await connection.command(CHASSIS, Chassis.CONTROL, b"\x03")
        await connection.close()

    assert len(commands) == 4, "privilege, control twice, close"
    assert bmc.state()["resets"] == 1
    assert len(bmc.asked("/ipmi/Chassis/Control")) == 1


async def test_the_client_and_the_server_of_pyghmi_share_no_process(bmc, observer):
    await observer.read()
    with pytest.raises(RuntimeError, match="processes of their own"):
        confine("server")


def is_kind(packet: bytes, kind: int) -> bool:
    """Is it an RMCP+ packet of this payload type?"""
    return len(packet) > 5 and packet[4] == 6 and packet[5] & 0x3F == kind


@asynccontextmanager
async def relay(port: int, lets_through):
    """A network between client and BMC: `lets_through(packet, up)` decides about each packet; `up` is towards the BMC."""
    loop = asyncio.get_running_loop()
    ways: dict[tuple, asyncio.DatagramTransport] = {}

    class Downward(asyncio.DatagramProtocol):
        def __init__(self, client) -> None:
            self.client = client

        def datagram_received(self, data, _address) -> None:
            if lets_through(data, False):
                front.sendto(data, self.client)

    class Upward(asyncio.DatagramProtocol):
        def datagram_received(self, data, address) -> None:
            if lets_through(data, True):
                tasks.append(loop.create_task(self.send(data, address)))

        async def send(self, data, address) -> None:
            if address not in ways:
                ways[address], _ = await loop.create_datagram_endpoint(lambda: Downward(address), remote_addr=("127.0.0.1", port))
            ways[address].sendto(data)

    tasks: list[asyncio.Task] = []
    front, _ = await loop.create_datagram_endpoint(Upward, local_addr=("127.0.0.1", 0))
    try:
        yield front.get_extra_info("sockname")[1]
    finally:
        await asyncio.gather(*tasks)
        front.close()
        for way in ways.values():
            way.close()
