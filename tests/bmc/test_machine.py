"""The state machine of a server: what each reset type does to it, and which marks it leaves."""

import pytest

from bmc.machine import RESET_TYPES, Action, BootOverride
from tests.bmc.serving import machine


@pytest.mark.parametrize(
    ("power", "reset_type", "powers"),
    [
        ("Off", "On", ["On"]),
        ("Off", "ForceOn", ["On"]),
        ("Off", "PushPowerButton", ["On"]),
        ("Off", "PowerCycle", ["On"]),
        ("Off", "ForceRestart", ["On"]),
        ("Off", "GracefulRestart", ["On"]),
        ("Off", "ForceOff", []),
        ("Off", "GracefulShutdown", []),
        ("Off", "Nmi", []),
        ("On", "On", []),
        ("On", "ForceOn", []),
        ("On", "Nmi", []),
        ("On", "ForceOff", ["Off"]),
        ("On", "GracefulShutdown", ["Off"]),
        ("On", "PushPowerButton", ["Off"]),
        ("On", "ForceRestart", ["On"]),
        ("On", "GracefulRestart", ["On"]),
        ("On", "PowerCycle", ["Off", "On"]),
    ],
)
def test_a_reset_type_shows_exactly_these_powers(power, reset_type, powers):
    server = machine(power=power)
    seen = []
    server.on_power.append(lambda _, change: seen.append(change.after))

    server.reset(reset_type)

    assert seen == powers
    assert server.power == (powers or [power])[-1]


def test_every_reset_type_is_known_by_name_and_no_other():
    assert set(RESET_TYPES) >= {"On", "ForceOff", "GracefulShutdown", "GracefulRestart", "ForceRestart", "ForceOn", "PowerCycle"}
    with pytest.raises(ValueError, match="Banana"):
        machine().plan("Banana")


@pytest.mark.parametrize(
    ("reset_type", "resets"), [("ForceRestart", 1), ("PowerCycle", 1), ("ForceOff", 0), ("Nmi", 0), ("On", 0)]
)
def test_a_reset_moves_both_witnesses_or_none(reset_type, resets):
    server = machine()
    before = server.last_reset_time

    server.reset(reset_type)

    assert server.reset_count == resets
    assert (server.last_reset_time > before) == bool(resets)


def test_a_reboot_from_within_moves_the_witnesses_too():
    server = machine()
    before = server.last_reset_time

    server.restart()

    assert (server.power, server.reset_count) == ("On", 1)
    assert server.last_reset_time > before


def test_an_override_for_once_is_taken_by_one_boot_only():
    server = machine(power="Off")
    targets = []
    server.on_power.append(lambda _, change: targets.append(change.boot_target))
    server.set_boot(BootOverride(target="Cd", enabled="Once"))

    for reset_type in ("On", "ForceRestart", "ForceOff"):
        server.reset(reset_type)

    assert targets == ["Cd", "None", ""]
    assert (server.boot.target, server.boot.enabled) == ("None", "Disabled")


def test_a_continuous_override_stays_and_a_disabled_one_is_not_obeyed():
    server = machine()
    targets = []
    server.on_power.append(lambda _, change: targets.append(change.boot_target))

    server.set_boot(BootOverride(target="Pxe", enabled="Continuous"))
    server.reset("ForceRestart")
    server.reset("ForceRestart")
    server.set_boot(BootOverride(target="Pxe", enabled="Disabled"))
    server.reset("ForceRestart")

    assert targets == ["Pxe", "Pxe", "None"]


def test_no_target_is_no_override_however_long_it_was_meant_to_last():
    server = machine()

    server.set_boot(BootOverride(target="None", enabled="Continuous"))

    assert server.boot.enabled == "Disabled"


def test_a_listener_sees_the_machine_changed_already_and_may_change_it_further():
    server = machine()
    seen = []

    def listener(changed, change):
        seen.append((changed.power, change.before, change.after, change.cause))
        changed.progress("OSRunning")

    server.on_power.append(listener)
    server.reset("PowerCycle")

    assert seen == [("Off", "On", "Off", "PowerCycle"), ("On", "Off", "On", "PowerCycle")]
    assert server.boot_progress.last_state == "OSRunning"


def test_media_go_in_and_out_of_devices_that_exist():
    server = machine()

    server.insert("Cd", "http://image/boot.iso")
    assert server.media["Cd"].inserted
    server.eject("Cd")
    assert not server.media["Cd"].inserted
    with pytest.raises(KeyError):
        server.insert("Tape", "http://image/boot.iso")


def test_powering_on_twice_is_one_boot():
    server = machine(power="Off")

    server.apply(Action.POWER_ON, "On")
    server.apply(Action.POWER_ON, "On")

    assert server.reset_count == 1
