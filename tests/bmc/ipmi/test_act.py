"""The actor against the emulated BMC: each action once, in a session of its own."""

import pytest

from bmc.errors import BmcError
from bmc.ipmi import act
from tests.bmc.ipmi.serving import CREDENTIALS
from tests.bmc.resets import RESETS


@pytest.mark.parametrize(("reset_type", "power", "resets"), RESETS)
async def test_a_reset_is_done_once_and_its_session_closed(bmc, reset_type, power, resets):
    await act.reset(bmc.address, CREDENTIALS, reset_type)

    state = bmc.state()
    assert (state["power"], state["resets"], state["sessions"]) == (power, resets, 0)
    assert await act.power_state(bmc.address, CREDENTIALS) == power
    assert len(bmc.asked("/ipmi/Chassis/Control")) == 1


@pytest.mark.parametrize("reset_type", ["On", "ForceOn"])
async def test_a_server_that_is_off_is_switched_on(bmc, reset_type):
    bmc.order("reset", "ForceOff")
    await act.reset(bmc.address, CREDENTIALS, reset_type)

    assert bmc.state()["power"] == "On"


async def test_what_the_bmc_declines_is_refused(bmc):
    bmc.order("reset", "ForceOff")
    with pytest.raises(BmcError) as caught:
        await act.reset(bmc.address, CREDENTIALS, "PowerCycle")

    assert (caught.value.kind, caught.value.blame) == ("refused", "bmc")
    assert bmc.state()["sessions"] == 0


@pytest.mark.parametrize("reset_type", ["GracefulRestart", "Banana", ""])
async def test_what_ipmi_does_not_have_is_our_mistake_and_never_sent(bmc, reset_type):
    with pytest.raises(BmcError) as caught:
        await act.reset(bmc.address, CREDENTIALS, reset_type)

    assert (caught.value.kind, caught.value.blame) == ("refused", "us")
    assert bmc.state()["requests"] == []


@pytest.mark.parametrize(
    ("target", "more", "boot"),
    [
        ("Pxe", {}, ["Pxe", "Once", "UEFI"]),
        ("Hdd", {"enabled": "Continuous"}, ["Hdd", "Continuous", "UEFI"]),
        ("Cd", {"mode": "Legacy"}, ["Cd", "Once", "Legacy"]),
        ("None", {}, ["None", "Disabled", "UEFI"]),
    ],
)
async def test_a_boot_device_is_set(bmc, target, more, boot):
    await act.set_boot(bmc.address, CREDENTIALS, target, **more)

    assert bmc.state()["boot"] == boot


async def test_a_boot_device_that_ipmi_does_not_have_is_our_mistake(bmc):
    with pytest.raises(BmcError, match="UefiHttp"):
        await act.set_boot(bmc.address, CREDENTIALS, "UefiHttp")
