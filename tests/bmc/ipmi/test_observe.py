"""The observer against the emulated BMC: what it reads, and that it changes nothing."""

import pytest

from bmc import witness
from bmc.address import parse_ipmi_address
from bmc.ipmi import act
from bmc.ipmi.client.connection import IpmiConnection
from bmc.ipmi.observe import IpmiObserver
from bmc.ipmi.sel_record import SelRecord
from bmc.ipmi.wire import STORAGE, Storage
from bmc.names import USER_AGENT
from tests.bmc.ipmi.serving import CREDENTIALS

pytestmark = pytest.mark.dated


async def test_a_reading_tells_power_boot_signals_and_the_clock(bmc, observer):
    bmc.order("set_boot", "Cd", "Once")

    reading = await observer.read()

    state = bmc.state()
    assert reading.power == "On"
    assert reading.boot == {"target": "Cd", "enabled": "Once", "mode": "UEFI"}
    assert reading.media == {}
    assert reading.signals == {
        "IPMI.PowerOnHours": "0",
        "IPMI.SEL.Resets": "none",
        "LastResetTime": state["last_reset"],
        "MetalPivot.ResetCount": "0",
        "Manager.LastResetTime": state["manager_reset"],
    }
    assert reading.bmc_time == "2026-11-22T12:00:00+00:00"
    assert reading.family == "emulated"


async def test_a_power_that_is_off_reads_off(bmc, observer):
    bmc.order("reset", "ForceOff")

    reading = await observer.read()

    assert reading.power == "Off"
    assert reading.signals["IPMI.SEL.Resets"].endswith("power off")


@pytest.mark.parametrize(
    ("order", "cause", "words"),
    [
        (("reset", "ForceRestart"), "chassis control command", "boot by hard reset"),
        (("restart",), "soft reset", "boot by warm reset"),
        (("reset", "PowerCycle"), "chassis control command", "boot by power up"),
    ],
)
async def test_a_reset_that_never_shows_off_moves_the_witnesses(bmc, observer, order, cause, words):
    before = await observer.read()
    bmc.order("pass_hours", 1)
    bmc.order(*order)
    after = await observer.read()

    assert (before.power, after.power) == ("On", "On")
    assert after.signals["IPMI.RestartCause"] == cause
    assert after.signals["IPMI.SEL.Resets"].endswith(words)
    assert after.signals["MetalPivot.ResetCount"] == "1"
    assert after.signals["LastResetTime"] > before.signals["LastResetTime"]
    moved = {name for name in before.signals if witness.moved(name, before.signals[name], after.signals[name])}
    assert moved == {"IPMI.SEL.Resets", "MetalPivot.ResetCount", "LastResetTime"}


async def test_a_bmc_like_any_other_offers_no_log_of_requests_and_nothing_that_proves_a_pass(plain_bmc):
    async with IpmiObserver(plain_bmc.address, CREDENTIALS) as observer:
        before = await observer.read()
        plain_bmc.order("restart")
        after = await observer.read()

        assert await observer.begin_requests() is False
        assert (await observer.read_requests()).entries == ()
        assert not plain_bmc.asked("/ipmi/Oem/Introduce"), "what a real BMC cannot know is not sent to it"
    assert before.family == "ipmi"
    assert not any(witness.latches(name) for name in after.signals)
    assert witness.indicates_reset("IPMI.SEL.Resets")
    assert witness.moved("IPMI.SEL.Resets", before.signals["IPMI.SEL.Resets"], after.signals["IPMI.SEL.Resets"])


async def test_the_observer_only_reads_in_one_session_under_its_own_name(bmc, observer):
    await observer.begin_requests()
    for _ in range(3):
        await observer.read()
        await observer.read_requests()

    state = bmc.state()
    writes = [each[4] for each in state["requests"] if each[3] != "GET"]
    assert writes == ["/ipmi/App/SetSessionPrivilege", "/ipmi/Oem/Introduce"]
    assert {each[2] for each in state["requests"][2:]} == {USER_AGENT}
    assert {each[0] for each in state["requests"]} == {observer.local_address} == {"127.0.0.1"}
    assert state["sessions"] == 1


async def test_closing_leaves_no_session(bmc):
    async with IpmiObserver(bmc.address, CREDENTIALS) as observer:
        await observer.read()
        assert bmc.state()["sessions"] == 1

    assert bmc.state()["sessions"] == 0


async def test_the_event_log_is_read_again_only_when_something_was_added(bmc, observer):
    await observer.read()
    await observer.read()
    assert not bmc.asked("/ipmi/Storage/GetSelEntry")
    for _ in range(3):
        bmc.order("restart")
    await observer.read()
    bmc.order("restart")
    await observer.read()

    asked = [each[6] for each in bmc.asked("/ipmi/Storage/GetSelEntry")]
    assert [body[14:18] for body in asked] == ["0000", "0200", "0300", "0300", "0400"]


async def clear_event_log(bmc) -> None:
    connection = IpmiConnection(parse_ipmi_address(bmc.address), CREDENTIALS, deadline_seconds=5.0)
    reservation = await connection.command(STORAGE, Storage.RESERVE_SEL)
    await connection.command(STORAGE, Storage.CLEAR_SEL, reservation + b"CLR\xaa")
    await connection.close()


async def test_clearing_the_event_log_is_no_reset_and_shows_itself(bmc, observer):
    bmc.order("restart")
    before = await observer.read()
    await clear_event_log(bmc)
    after = await observer.read()

    assert after.signals["IPMI.SEL.Resets"] == before.signals["IPMI.SEL.Resets"] != "none"
    assert "IPMI.SEL.Erased" not in before.signals
    assert after.signals["IPMI.SEL.Erased"] == "2026-11-22T12:00:00+00:00"


async def test_a_reset_after_the_event_log_was_cleared_is_told(bmc, observer):
    bmc.order("reset", "ForceRestart")
    await observer.read()
    await clear_event_log(bmc)
    bmc.order("restart")
    reading = await observer.read()

    assert reading.signals["IPMI.SEL.Resets"] == "1 2026-11-22T12:00:00+00:00 boot by warm reset"


async def test_any_other_event_is_no_reset(bmc, observer):
    before = await observer.read()
    hot = SelRecord(id=0, sensor_type=0x01, event=0x01, data=b"\x59\x5a\x55")
    connection = IpmiConnection(parse_ipmi_address(bmc.address), CREDENTIALS, deadline_seconds=5.0)
    await connection.command(STORAGE, Storage.ADD_SEL_ENTRY, hot.encode())
    await connection.close()

    assert (await observer.read()).signals == before.signals
    assert bmc.asked("/ipmi/Storage/GetSelEntry")


async def test_what_a_bmc_does_not_have_is_asked_once(plain_bmc):
    async with IpmiObserver(plain_bmc.address, CREDENTIALS) as observer:
        plain_bmc.order("lack", [[0x00, 0x07], [0x00, 0x0F], [0x0A, 0x40]])
        for _ in range(3):
            reading = await observer.read()

    assert reading.power == "On"
    assert reading.signals == {}
    for command in ("Chassis/GetRestartCause", "Chassis/GetPowerOnHours", "Storage/GetSelInfo"):
        assert [each[5] for each in plain_bmc.asked(f"/ipmi/{command}")] == [404]


async def test_what_was_in_the_event_log_before_is_old_but_for_the_newest_record(bmc):
    for _ in range(5):
        bmc.order("restart")
    async with IpmiObserver(bmc.address, CREDENTIALS) as observer:
        reading = await observer.read()

    assert reading.signals["IPMI.SEL.Resets"] == "5 2026-11-22T12:00:00+00:00 boot by warm reset"
    assert len(bmc.asked("/ipmi/Storage/GetSelEntry")) == 1


async def test_the_log_is_told_from_its_end_on_and_each_request_once(bmc, observer):
    await observer.read()
    assert await observer.begin_requests()
    await act.reset(bmc.address, CREDENTIALS, "ForceRestart")
    first = await observer.read_requests()
    second = await observer.read_requests()

    ids = [each.id for each in (*first.entries, *second.entries)]
    assert (first.complete, second.complete) == (True, True)
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    resets = [each for each in first.entries if each.path == "/ipmi/Chassis/Control"]
    assert [(each.method, each.status, each.body) for each in resets] == [("POST", 200, '{"ResetType": "ForceRestart"}')]
    assert resets[0].user_agent == "metal3-pivot-harness/actor"


async def test_a_cleared_log_is_noticed_even_when_it_has_grown_longer_than_before(bmc, observer):
    await observer.begin_requests()
    known = len(bmc.state()["requests"])
    bmc.order("clear_requests")
    async with IpmiObserver(bmc.address, CREDENTIALS) as other:
        while len(bmc.state()["requests"]) < 2 * known:
            await other.read()

    read = await observer.read_requests()

    assert not read.complete
    assert "cleared" in read.says
    assert read.entries[0].id == 1
    assert (await observer.read_requests()).complete


async def test_entries_that_were_dropped_unread_are_missed_aloud(bmc, observer):
    bmc.order("log_capacity", 10)
    await observer.begin_requests()
    async with IpmiObserver(bmc.address, CREDENTIALS) as other:
        for _ in range(10):
            await other.read()

    read = await observer.read_requests()

    assert not read.complete
    assert len(read.entries) <= 11


async def test_a_log_longer_than_a_packet_is_read_to_its_end(bmc, observer):
    await observer.begin_requests()
    async with IpmiObserver(bmc.address, CREDENTIALS) as other:
        for _ in range(60):
            await other.read()

    read = await observer.read_requests()

    assert read.complete
    assert len(read.entries) > 400


@pytest.mark.parametrize("code", [0xC0, 0xD4, 0xD5, 0xFF])
async def test_a_command_that_is_refused_takes_no_other_part_with_it(plain_bmc, code):
    parts = {"boot": [0x00, 0x09], "cause": [0x00, 0x07], "hours": [0x00, 0x0F], "sel": [0x0A, 0x40], "clock": [0x0A, 0x48]}
    for refused, command in parts.items():
        async with IpmiObserver(plain_bmc.address, CREDENTIALS) as observer:
            before = await observer.read()
            plain_bmc.order("refuse", [command], code)
            reading = await observer.read()
        assert (reading.power, before.unseen.keys() | {refused}) == ("On", reading.unseen.keys())
        assert f"with {code:#04x}" in reading.unseen[refused]
