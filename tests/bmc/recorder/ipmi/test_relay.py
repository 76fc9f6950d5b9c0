"""The recorder before an IPMI BMC: what passes is written down first, what cannot be read is told, and faults heal."""

import asyncio
import json

import pytest

from bmc.address import parse_ipmi_address
from bmc.errors import BmcError
from bmc.ipmi import act
from bmc.ipmi.client.connection import IpmiConnection
from bmc.ipmi.observe import IpmiObserver
from bmc.ipmi.wire import CHASSIS, Chassis
from bmc.model import Credentials
from bmc.recorder.ipmi.packets import build_old, parse
from bmc.recorder.limits import RecorderLimits, RelayLimits
from bmc.recorder.log.log import read
from bmc.recorder.log.records import RequestRecord, RequestSentRecord
from tests.bmc.ipmi.serving import CREDENTIALS, answering, emulated
from tests.bmc.ipmi.test_faults import relay as network
from tests.bmc.recorder.ipmi.relaying import relayed, status
from tests.bmc.recorder.process import failing, recorder
from tests.bmc.recorder.recording import faulty
from tests.waiting import until

CONTROL = "/ipmi/Chassis/Control"
LOGIN = "/ipmi/App/OpenSession"
UNDECODABLE = "/ipmi/Undecodable"
STATUS_OUTSIDE = build_old(0, 0, 0, bytes.fromhex("20 00 e0 81 04 01 7a"), b"")
"""Get Chassis Status, outside of any session."""


def answered_within(seconds: float) -> RecorderLimits:
    """The limits of a recorder that waits only so long for an answer."""
    return RecorderLimits(relay=RelayLimits(answer_seconds=seconds))


async def test_a_command_is_written_down_before_the_bmc_gets_it(tmp_path):
    log, written = tmp_path / "log.jsonl", []

    def bmc_answers(_):
        written.append(log.read_text().rstrip("\0"))
        return []

    payload = bytes.fromhex("20 00 e0 81 04 02 03 76")
    async with answering(bmc_answers) as (port, packets), relayed(port, log) as running:
        send = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=("127.0.0.1", running.port)
        )
        send[0].sendto(build_old(0, 0, 0, payload, b""))
        await until(lambda: written, "the packet at the BMC")
        send[0].close()

    assert packets == [build_old(0, 0, 0, payload, b"")]
    assert [json.loads(each)["what"] for each in written[0].splitlines()] == ["began", "request", "sent"]
    assert '"path":"/ipmi/Chassis/Control"' in written[0]


async def test_who_asks_and_what_is_in_words_and_no_secret(running):
    await act.reset(running.address, CREDENTIALS, "ForceRestart")

    asked = running.asked(CONTROL)[0]
    assert (asked.method, asked.body, asked.user, asked.client, asked.by, asked.login) == (
        "POST",
        '{"ResetType": "ForceRestart"}',
        CREDENTIALS.username,
        "ironic",
        "address",
        "session",
    )
    assert asked.user_agent == "metal3-pivot-harness/actor"
    assert running.ended(asked).status == 200
    assert [each for each in running.lines if isinstance(each, RequestSentRecord) and each.request == asked.request]
    assert CREDENTIALS.password not in running.log.read_text()


async def test_packets_pass_as_they_are(bmc, running, line):
    """An emulated BMC that logs for itself saw what the recorder saw."""
    assert await status(line)
    await line.close()

    own = [(each[3], each[4]) for each in bmc.state()["requests"]]
    assert own == [(each.method, each.path) for each in running.asked()][-len(own) :]


async def test_a_refused_login_is_recorded_as_one(running):
    with pytest.raises(BmcError) as caught:
        await act.power_state(running.address, Credentials("nobody", "x"))

    assert caught.value.kind == "auth"
    assert [(each.user, running.ended(each).status) for each in running.asked(LOGIN)] == [("nobody", 401)]
    assert not running.asked(UNDECODABLE)


async def test_a_login_that_the_client_gives_up_has_no_outcome(bmc, tmp_path):
    """With a wrong password it is the client that finds the BMC's proof wrong, and says nothing any more."""
    async with relayed(bmc, tmp_path / "log.jsonl", limits=answered_within(0.2)) as running:
        with pytest.raises(BmcError) as caught:
            await act.power_state(running.address, Credentials("admin", "wrong"))

        assert caught.value.kind == "auth"
        asked = running.asked(LOGIN)
        await until(lambda: len(running.lines) > 5, "the end of the login")
        assert [(each.user, running.ended(each).outcome) for each in asked] == [("admin", "unknown")]


@pytest.mark.parametrize("told", [{}, {"admin": "another"}], ids=["no password", "another password"])
async def test_a_session_that_cannot_be_read_passes_and_says_so(bmc, tmp_path, told):
    async with relayed(bmc, tmp_path / "log.jsonl", users=told) as running:
        await act.reset(running.address, CREDENTIALS, "ForceRestart")
        assert bmc.state()["resets"] == 1

        unread = running.asked(UNDECODABLE)
        assert "user 'admin'" in unread[0].body
        assert {(running.ended(each).outcome, running.ended(each).status) for each in unread} == {("unknown", 0)}
        assert not running.asked(CONTROL)


async def test_a_reader_whose_session_cannot_be_read_is_offered_no_record(tmp_path):
    with emulated(oem=False) as bmc:
        async with (
            relayed(bmc, tmp_path / "log.jsonl", users={}) as running,
            IpmiObserver(running.address, CREDENTIALS, recorded=True) as observer,
        ):
            assert (await observer.read()).power == "On"
            assert await observer.begin_requests() is False


async def test_packets_of_a_session_from_before_the_recorder_are_told(bmc, tmp_path):
    """A recorder that is started again in mid-session does not know the keys."""
    async with relayed(bmc, tmp_path / "log.jsonl") as running:
        place = running.listener._bound
        connection = IpmiConnection(parse_ipmi_address(running.address), CREDENTIALS, deadline_seconds=0.5)
        assert await status(connection)
    async with relayed(bmc, tmp_path / "log.jsonl", listen=f"127.0.0.1:{place[1]}") as running:
        with pytest.raises(BmcError):
            await connection.command(CHASSIS, Chassis.CONTROL, b"\x03", once=True)
        await until(lambda: running.asked(UNDECODABLE), "an undecodable packet")
        assert "login was not seen" in running.asked(UNDECODABLE)[0].body
        assert await status(connection)
        await connection.close()


@pytest.mark.parametrize(
    "packet",
    [
        b"x",
        b"\x06\x00\xff\x07",
        b"\x06\x00\xff\x07\x06\xc0",
        STATUS_OUTSIDE[:-2],
        bytes(300),
        STATUS_OUTSIDE[:-1] + b"\0",
        bytes.fromhex("06 00 ff 06 00 00 11 be 12 00 00 00"),
    ],
    ids=["short", "no session", "torn", "cut", "zeros", "wrong checksum", "ASF power down"],
)
async def test_garbage_passes_and_is_told(tmp_path, packet):
    async with answering(lambda _: []) as (port, packets), relayed(port, tmp_path / "log.jsonl") as running:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=("127.0.0.1", running.port)
        )
        transport.sendto(packet)
        transport.sendto(STATUS_OUTSIDE)
        await until(lambda: running.asked("/ipmi/Chassis/GetStatus"), "the packet after it")
        await until(lambda: len(packets) == 2, "both packets at the BMC")
        transport.close()

    assert packets == [packet, STATUS_OUTSIDE]
    assert [each.path for each in running.asked()] == [UNDECODABLE, "/ipmi/Chassis/GetStatus"]


async def test_a_command_sent_again_is_one_request_and_without_an_answer_its_outcome_is_unknown(tmp_path):
    quick = answered_within(0.3)
    async with answering(lambda _: []) as (port, packets), relayed(port, tmp_path / "log.jsonl", limits=quick) as running:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=("127.0.0.1", running.port)
        )
        for _ in range(3):
            transport.sendto(STATUS_OUTSIDE)
        await until(lambda: any(getattr(each, "outcome", "") for each in running.lines), "the end")
        transport.close()

    assert len(packets) == 3
    (asked,) = running.asked()
    end = running.ended(asked)
    assert (end.outcome, end.status, end.told) == ("unknown", 0, "nothing")
    assert "no answer" in end.says


async def test_a_bmc_that_is_not_there_leaves_an_unknown_outcome(tmp_path):
    async with answering(lambda _: []) as (port, _):
        pass
    async with relayed(port, tmp_path / "log.jsonl", limits=answered_within(0.2)) as running:
        with pytest.raises(BmcError):
            await IpmiConnection(parse_ipmi_address(running.address), CREDENTIALS, deadline_seconds=0.5).open()
        await until(lambda: all(running.ended(each) for each in running.asked()), "the end")
        assert {running.ended(each).outcome for each in running.asked()} == {"unknown"}
        assert "ConnectionRefused" in running.listener.proxy.trouble


async def test_the_observer_reads_the_record_on_without_a_hole_in_its_numbers(running):
    """Its own commands are kept from the BMC, more than the window in which a BMC takes numbers (§6.12.13)."""
    async with IpmiObserver(running.address, CREDENTIALS, recorded=True) as observer:
        assert await observer.begin_requests()
        for _ in range(40):
            assert (await observer.read_requests()).complete
        assert (await observer.read()).power == "On"
    assert len(running.asked(LOGIN)) == 1


async def test_neither_side_meets_a_hole_in_the_numbers_or_one_twice(bmc, tmp_path):
    """Requests that the recorder keeps from the BMC, and answers of its own, as both sides see them."""
    to_bmc, to_client = [], []

    def between_recorder_and_bmc(packet, up):
        to_bmc.extend([packet] if up else [])
        return True

    def between_client_and_recorder(packet, up):
        to_client.extend([] if up else [packet])
        return True

    async with (
        network(bmc.port, between_recorder_and_bmc) as behind,
        relayed(behind, tmp_path / "log.jsonl") as running,
        network(running.port, between_client_and_recorder) as before,
    ):
        connection = IpmiConnection(parse_ipmi_address(f"ipmi://127.0.0.1:{before}"), CREDENTIALS, deadline_seconds=3.0)
        assert await status(connection)
        for _ in range(3):
            async with faulty(running, "busy"):
                with pytest.raises(BmcError):
                    await status(connection)
            assert await status(connection)
        await connection.close()

    for packets in (to_bmc, to_client):
        numbers = [packet.sequence for packet in map(parse, packets) if packet.session]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_a_killed_recorder_goes_on_with_the_same_record(bmc, tmp_path, monkeypatch):
    monkeypatch.setenv("RECORDER_TEST_USER", f"{CREDENTIALS.username}:{CREDENTIALS.password}")
    log = tmp_path / "log.jsonl"
    arguments = ("--to", f"ipmi://127.0.0.1:{bmc.port}", "--log", str(log), "--user", "env:RECORDER_TEST_USER")
    async with recorder("--listen", "127.0.0.1:0", *arguments) as (process, ready):
        (place,) = ready["ready"].values()
        observer = IpmiObserver(f"ipmi://{place}", CREDENTIALS, recorded=True, deadline_seconds=2.0)
        await observer.begin_requests()
        process.kill()
        await process.wait()
    async with recorder("--listen", place, *arguments):
        await act.reset(f"ipmi://{place}", CREDENTIALS, "ForceRestart")
        with pytest.raises(BmcError):
            await observer.read_requests()
        read_on = await observer.read_requests()
        await observer.close()

    assert [each.body for each in read_on.entries if each.path == CONTROL] == ['{"ResetType": "ForceRestart"}']
    assert not read_on.complete, "the observer's own session from before the kill could not be read"
    assert [line.path for line in read(log) if isinstance(line, RequestRecord) and line.path == CONTROL] == [CONTROL]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"--user": "admin:verysecret"}, "by reference only"),
        ({"--user": "env:NOT_THERE_AT_ALL"}, "NOT_THERE_AT_ALL"),
        ({"--user": "env:HOME", "--to": "http://127.0.0.1:1"}, "for IPMI only"),
        ({"--pin": "sha256:abc"}, "no certificates"),
        ({"--to": "ipmi://user@127.0.0.1"}, "user name"),
        ({"--to": "ipmi://127.0.0.1/x"}, "is no BMC"),
    ],
)
async def test_settings_that_cannot_be_used_are_told(tmp_path, change, says):
    given = {"--listen": "127.0.0.1:0", "--to": "ipmi://127.0.0.1:1", "--log": str(tmp_path / "log.jsonl"), **change}
    code, said = await failing(*(part for pair in given.items() for part in pair))

    assert code == 2
    assert says in said
    assert "Traceback" not in said
    assert "verysecret" not in said
