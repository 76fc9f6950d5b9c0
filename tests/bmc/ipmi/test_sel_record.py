"""Records of the event log: which of them tell of power, boot or reset, and that they survive the wire."""

import struct

import pytest

from bmc.ipmi.sel_record import SelRecord, decode, time_text

pytestmark = pytest.mark.dated


def record(sensor_type, data, event=0x6F, kind=2):
    return SelRecord(id=1, kind=kind, sensor_type=sensor_type, event=event, data=bytes(data))


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (record(0x09, (0, 255, 255)), "power off"),
        (record(0x09, (1, 255, 255)), "power cycle"),
        (record(0x09, (0, 255, 255), event=0xEF), "power off ended"),
        (record(0x1D, (0xC2, 0, 0)), "boot by warm reset"),
        (record(0x12, (1, 0, 0)), "OEM system boot event"),
        (record(0x12, (4, 0b100, 0)), "PEF power action"),
        (record(0x1F, (1, 0, 0)), "operating system booted"),
        (record(0x23, (1, 0, 0)), "watchdog hard reset"),
    ],
)
def test_a_record_of_power_boot_or_reset_tells_so(what, words):
    assert what.description() == words


@pytest.mark.parametrize(
    "what",
    [
        record(0x01, (0x57, 90, 85), event=0x01),
        record(0x09, (0, 255, 255), event=0x0B),
        record(0x12, (5, 0, 0)),
        record(0x12, (4, 0b001, 0)),
        record(0x23, (0, 0, 0)),
        record(0x14, (0, 0, 0)),
        record(0x1D, (2, 0, 0), kind=0xC0),
    ],
    ids=["temperature", "redundancy", "clock sync", "PEF alert", "watchdog expired only", "button", "the manufacturer's own"],
)
def test_any_other_record_tells_nothing(what):
    assert what.description() == ""


def test_a_record_survives_the_wire():
    what = SelRecord(id=7, timestamp=1_800_000_000, generator=0x4120, sensor_type=0x1D, sensor=9, data=b"\xc1\x02\x03")

    assert decode(what.encode()) == what
    with pytest.raises(struct.error):
        decode(what.encode()[:-1])


@pytest.mark.parametrize(
    ("timestamp", "text"), [(0xFFFFFFFF, ""), (0, ""), (77, ""), (1_795_000_000, "2026-11-18T11:06:40+00:00")]
)
def test_a_time_without_a_clock_is_none(timestamp, text):
    assert time_text(timestamp) == text
