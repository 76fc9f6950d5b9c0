"""Boot flags: Redfish's words and IPMI's numbers."""

import pytest

from bmc.ipmi.boot_flags import BootFlags, decode, encode


@pytest.mark.parametrize(
    ("flags", "wire"),
    [
        (BootFlags("None", "Disabled", "Legacy"), "0000000000"),
        (BootFlags("Pxe", "Once", "Legacy"), "8004000000"),
        (BootFlags("Hdd", "Continuous", "UEFI"), "e008000000"),
        (BootFlags("Cd", "Once", "UEFI"), "a014000000"),
        (BootFlags("BiosSetup", "Once", "Legacy"), "8018000000"),
        (BootFlags("Floppy", "Once", "Legacy"), "803c000000"),
    ],
)
def test_flags_are_what_ipmitool_sends_for_them_and_are_read_back(flags, wire):
    assert encode(flags).hex() == wire
    assert decode(encode(flags)) == flags


@pytest.mark.parametrize(("wire", "target"), [("800c", "Hdd"), ("8020", "Cd"), ("801c", "Floppy"), ("8030", "selector 12")])
def test_other_numbers_for_the_same_and_unknown_ones_are_understood(wire, target):
    assert decode(bytes.fromhex(wire)).target == target


def test_too_few_bytes_and_unknown_words_are_errors():
    with pytest.raises(IndexError):
        decode(b"\x80")
    with pytest.raises(KeyError):
        encode(BootFlags("UefiHttp", "Once", "UEFI"))
