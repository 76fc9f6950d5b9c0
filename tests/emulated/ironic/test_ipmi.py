"""A node of the hardware type `ipmi`: what the emulated Ironic sends to its BMC, which is a process of its own.

`real_ironic_over_ipmi.json` is what the real one (ironic 39.0.0, ipmitool 1.8.19) sent to the same emulated BMC.
"""

import asyncio
import itertools
import json
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from harness.emulated.ironic import Ironic
from harness.emulated.ironic.ipmi_client import IpmiTool
from tests.bmc.ipmi.serving import CREDENTIALS, emulated
from tests.emulated.ironic.conftest import CREDENTIALS as CREDENTIALS_OF_IRONIC
from tests.emulated.ironic.conftest import Caller
from tests.waiting import until

IRONIC_ADDRESS = "127.77.2.1"
BMC_ADDRESS = "127.77.10.2"
CLOSE = "App/CloseSession"
RECORDING = Path(__file__).with_name("real_ironic_over_ipmi.json")
LONG_SECONDS = 20.0
PATIENT_SPEED = 6.0
"""It tries for 10 s."""
PACKETS_OF_A_TRY_MAX = 3
"""It waits 1 s for the answer to a packet, and pyghmi sends one again after half a second, and then after a whole one."""


class IpmiBmc:
    """A BMC in its own process, as a node of Ironic."""

    def __init__(self, running, password=CREDENTIALS.password):
        self.running = running
        self.enrolled_as = {"driver": "ipmi", "boot_interface": "ipxe"}
        self.driver_info = {
            "ipmi_address": BMC_ADDRESS,
            "ipmi_port": str(running.port),
            "ipmi_username": CREDENTIALS.username,
            "ipmi_password": password,
            "ipmi_priv_level": "ADMINISTRATOR",
        }

    def asked(self):
        """All that it was asked, each with what it says, and once where it was sent again because the answer was late."""
        requests = [(entry[4].removeprefix("/ipmi/"), json.loads(entry[6] or "{}")) for entry in self.running.state()["requests"]]
        return [[name, {} if name == CLOSE else said] for (name, said), _ in itertools.groupby(requests)]

    def commands(self):
        """The one command of each session, with what it says."""
        asked = self.asked()
        return [asked[place - 1] for place, (name, _) in enumerate(asked) if name == CLOSE]


@pytest.fixture
def ipmi_bmc():
    with emulated(host=BMC_ADDRESS) as running:
        yield IpmiBmc(running)


async def test_management_asks_for_power_and_vendor_and_adoption_asks_nothing(bmo, ipmi_bmc):
    ident = await bmo.enrol_and_manage(ipmi_bmc)
    assert [name for name, _ in ipmi_bmc.commands()] == ["Chassis/GetStatus", "App/GetDeviceId"]

    await bmo.call("PATCH", f"/v1/nodes/{ident}", [{"op": "add", "path": "/instance_info/image_source", "value": "http://i"}])
    assert await bmo.provision(ident, "adopt") == 202
    node = await bmo.settled(ident)

    assert (node["provision_state"], node["power_state"]) == ("active", "power on")
    assert len(ipmi_bmc.commands()) == 2


async def test_every_command_comes_from_the_ironics_own_address_in_a_session_of_its_own(bmo, ipmi_bmc):
    await bmo.enrol_and_manage(ipmi_bmc)
    state = ipmi_bmc.running.state()

    assert {entry[0] for entry in state["requests"]} == {IRONIC_ADDRESS}
    assert {entry[2] for entry in state["requests"]} == {""}, "ipmitool does not say who it is"
    assert sum(name == "App/SetSessionPrivilege" for name, _ in ipmi_bmc.asked()) == 2
    assert state["sessions"] == 0


async def test_power_is_looked_at_changed_and_looked_at_again(bmo, ipmi_bmc):
    ident = await bmo.enrol_and_manage(ipmi_bmc)
    before = len(ipmi_bmc.commands())
    for target, power in (("power off", "Off"), ("power off", "Off"), ("power on", "On"), ("rebooting", "On")):
        assert (await bmo.call("PUT", f"/v1/nodes/{ident}/states/power", {"target": target}))[0] == 202
        await bmo.settled(ident)
        assert ipmi_bmc.running.state()["power"] == power

    assert [said.get("ResetType", "look") for _, said in ipmi_bmc.commands()[before:]] == [
        *("look", "ForceOff", "look"),
        "look",
        *("look", "On", "look"),
        *("look", "ForceOff", "look", "On", "look"),
    ]


async def test_what_is_sent_is_what_the_real_one_sent(bmo, ipmi_bmc):
    recorded = {step["step"]: step["asked"] for step in json.loads(RECORDING.read_text())["steps"]}
    ident = await bmo.enrol_and_manage(ipmi_bmc)
    assert ipmi_bmc.asked() == recorded["manage"]

    for target in ("power off", "power on", "rebooting", "soft power off", "power on"):
        before = len(ipmi_bmc.asked())
        assert (await bmo.call("PUT", f"/v1/nodes/{ident}/states/power", {"target": target}))[0] == 202
        await bmo.settled(ident)
        assert ipmi_bmc.asked()[before:] == recorded[target], target

    before = len(ipmi_bmc.asked())
    assert await bmo.provision(ident, "inspect") == 202
    await bmo.until(ident, lambda node: node["provision_state"] == "inspect wait")
    told = ipmi_bmc.asked()[before:]
    assert recorded["pxe once uefi"] == told[len(recorded["power off"]) :][: len(recorded["pxe once uefi"])]


async def test_an_agent_is_booted_once_from_the_network_for_uefi_with_flags_that_stay_valid(bmo, ipmi_bmc):
    ident = await bmo.enrol_and_manage(ipmi_bmc)
    assert await bmo.provision(ident, "inspect") == 202
    await bmo.until(ident, lambda node: node["provision_state"] == "inspect wait")
    said = [said for name, said in ipmi_bmc.commands() if name == "Chassis/SetBootOptions"]

    pxe = {"BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once", "BootSourceOverrideMode": "UEFI"}
    assert said == [{"Data": "0308"}, {"Boot": pxe}]
    assert ipmi_bmc.running.state()["resets"] == 1


async def test_a_wrong_password_fails_the_management_and_its_text_has_no_secret(bmo, ipmi_bmc):
    wrong = IpmiBmc(ipmi_bmc.running, password="a-wrong-password")
    ident = await bmo.enrol(wrong)
    assert await bmo.provision(ident, "manage") == 202
    node = await bmo.settled(ident)

    assert node["provision_state"] == "enroll"
    assert node["last_error"].startswith("IPMI call failed: power status.")
    assert "a-wrong-password" not in str(node)


async def test_a_command_that_is_not_answered_is_tried_again(network, ipmi_bmc):
    ironic = Ironic("target", address=IRONIC_ADDRESS, credentials=CREDENTIALS_OF_IRONIC, network=network, speed=PATIENT_SPEED)
    await ironic.start()
    async with aiohttp.ClientSession() as session:
        bmo = Caller(ironic, session)
        ident = await bmo.enrol_and_manage(ipmi_bmc)
        ipmi_bmc.running.order("silence", True)
        await bmo.call("PUT", f"/v1/nodes/{ident}/states/power", {"target": "power off"})
        await until(
            lambda: ipmi_bmc.running.state()["unheard"] > PACKETS_OF_A_TRY_MAX, "another try's packets at the BMC", LONG_SECONDS
        )
        ipmi_bmc.running.order("silence", False)
        node = await bmo.settled(ident)
    await ironic.close()

    assert (node["power_state"], node["last_error"]) == ("power off", None)


async def test_interfaces_are_those_of_the_hardware_type(bmo, ipmi_bmc):
    node = await bmo.node(await bmo.enrol(ipmi_bmc))

    named = {name: node[f"{name}_interface"] for name in ("power", "management", "boot", "bios", "firmware", "raid", "vendor")}
    assert named == {
        "power": "ipmitool",
        "management": "ipmitool",
        "boot": "ipxe",
        "bios": "no-bios",
        "firmware": "no-firmware",
        "raid": "no-raid",
        "vendor": "ipmitool",
    }
    assert node["driver_info"]["ipmi_password"] == "******"


async def test_a_tool_that_died_is_started_again(ipmi_bmc):
    tool = IpmiTool(IRONIC_ADDRESS)
    try:
        await tool.ask(ipmi_bmc.driver_info, 6, 1, b"", 5.0)
        tool._process.kill()
        await tool._process.wait()
        assert await tool.ask(ipmi_bmc.driver_info, 6, 1, b"", 5.0)
    finally:
        await tool.aclose()


async def test_a_tool_that_is_closed_while_it_starts_leaves_no_process(ipmi_bmc):
    tool = IpmiTool(IRONIC_ADDRESS)
    asked = asyncio.create_task(tool.ask(ipmi_bmc.driver_info, 6, 1, b"", 5.0))
    await asyncio.sleep(0)
    assert not tool._starting.done()
    await tool.aclose()
    await asyncio.wait([asked])
    assert tool._process.returncode is not None


async def test_a_tool_whose_first_order_is_given_up_twice_leaves_no_process(ipmi_bmc):
    tool = IpmiTool(IRONIC_ADDRESS)
    asked = asyncio.create_task(tool.ask(ipmi_bmc.driver_info, 6, 1, b"", 5.0))
    await asyncio.sleep(0)
    for _ in range(2):
        asked.cancel()
        await asyncio.sleep(0)
    await tool.aclose()
    assert asked.cancelled()
    assert tool._process.returncode is not None


async def test_the_tool_ends_when_whoever_started_it_does():
    command = (sys.executable, "-m", "harness.emulated.ironic.ipmitool", IRONIC_ADDRESS)
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
    process.stdin.close()

    assert await asyncio.wait_for(process.wait(), LONG_SECONDS) == 0


async def test_stopping_does_not_wait_for_a_bmc_that_is_silent(bmo, ironic, ipmi_bmc):
    ident = await bmo.enrol(ipmi_bmc)
    await bmo.provision(ident, "manage")
    ipmi_bmc.running.order("silence", True)
    began = time.monotonic()
    await ironic.stop()
    assert time.monotonic() - began < LONG_SECONDS
