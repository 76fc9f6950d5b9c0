"""The emulated BMC before its judges: ipmitool, and pyghmi's own client."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from bmc.ipmi import act
from bmc.ipmi.observe import Observer
from tests.bmc.ipmi.serving import CREDENTIALS, REPOSITORY

LIMIT_SECONDS = 60.0
ENVIRONMENT = {**os.environ, "IPMI_PASSWORD": CREDENTIALS.password, "TZ": "UTC"}
LOGIN = ("-I", "lanplus", "-H", "127.0.0.1", "-U", CREDENTIALS.username, "-E", "-R", "1", "-N", "1")

real = [pytest.mark.real, pytest.mark.skipif(not shutil.which("ipmitool"), reason="there is no ipmitool")]


async def run(*command, environment=ENVIRONMENT) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=REPOSITORY, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(LIMIT_SECONDS):
        output, _ = await process.communicate()
    return process.returncode, output.decode()


@pytest.fixture
async def tool(bmc):
    async def ask(text: str, *, fails: bool = False) -> str:
        status, output = await run("ipmitool", *LOGIN, "-p", str(bmc.port), *text.split())
        assert (status != 0) == fails, output
        return re.sub(r" +", " ", output)

    ask.bmc = bmc
    return ask


class TestIpmitool:
    pytestmark = real

    async def test_power(self, tool):
        assert "is on" in await tool("power status")
        for command, power, resets in (
            ("off", "Off", 0),
            ("off", "Off", 0),
            ("on", "On", 1),
            ("on", "On", 1),
            ("cycle", "On", 2),
            ("reset", "On", 3),
            ("diag", "On", 3),
            ("soft", "Off", 3),
        ):
            await tool(f"power {command}")
            state = tool.bmc.state()
            assert (state["power"], state["resets"]) == (power, resets), command
            assert f"is {power.lower()}" in await tool("power status")
        for command in ("cycle", "reset", "soft"):
            assert "not supported in present state" in await tool(f"power {command}", fails=True)
        assert [each[5] for each in tool.bmc.asked("/ipmi/Chassis/Control")] == [200] * 8 + [409] * 3

    async def test_chassis(self, tool):
        status = await tool("chassis status")
        assert "System Power : on" in status
        assert "Power Restore Policy : previous" in status
        assert "always-off always-on previous" in await tool("chassis policy list")
        await tool("chassis policy always-off")
        assert tool.bmc.state()["policy"] == "AlwaysOff"
        assert "Power Restore Policy : always-off" in await tool("chassis status")
        assert "passed" in await tool("chassis selftest")
        assert "5 seconds" in await tool("chassis identify 5")
        assert "0 days, 0 hours" in await tool("chassis poh")

    async def test_restart_cause_and_last_power_event(self, tool):
        assert "unknown" in await tool("chassis restart_cause")
        tool.bmc.order("restart")
        assert "soft reset" in await tool("chassis restart_cause")
        tool.bmc.order("lose_power")
        assert "ac-failed" in await tool("chassis status")
        await tool("power on")
        assert "chassis power control command" in await tool("chassis restart_cause")
        assert "Last Power Event : command" in await tool("chassis status")

    @pytest.mark.parametrize(
        ("device", "words", "boot"),
        [
            ("pxe", "Force PXE", ["Pxe", "Once", "Legacy"]),
            ("disk", "default Hard-Drive", ["Hdd", "Once", "Legacy"]),
            ("cdrom", "CD/DVD", ["Cd", "Once", "Legacy"]),
            ("bios", "BIOS Setup", ["BiosSetup", "Once", "Legacy"]),
            ("floppy", "Floppy", ["Floppy", "Once", "Legacy"]),
            ("diag", "Diagnostic", ["Diags", "Once", "Legacy"]),
            ("pxe options=persistent,efiboot", "Force PXE", ["Pxe", "Continuous", "UEFI"]),
            ("none", "No override", ["None", "Disabled", "Legacy"]),
        ],
    )
    async def test_boot_device(self, tool, device, words, boot):
        await tool(f"chassis bootdev {device}")

        assert tool.bmc.state()["boot"] == boot
        shown = await tool("chassis bootparam get 5")
        assert words in shown
        assert ("all future boots" in shown) == (boot[1] == "Continuous")

    async def test_a_boot_device_for_once_is_gone_after_a_boot(self, tool):
        await tool("chassis bootdev pxe")
        await tool("power reset")

        assert "No override" in await tool("chassis bootparam get 5")

    async def test_event_log(self, tool):
        assert "SEL has no entries" in await tool("sel list")
        await tool("power cycle")
        await tool("power reset")
        tool.bmc.order("restart")
        info = await tool("sel info")
        assert "Entries : 4" in info
        assert "Last Del Time : Not Available" in info
        listed = [line.split(" | ")[3:5] for line in (await tool("sel list")).splitlines()]
        assert listed == [
            ["Power Unit", "Power off/down"],
            ["System Boot Initiated", "Initiated by power up"],
            ["System Boot Initiated", "Initiated by hard reset"],
            ["System Boot Initiated", "Initiated by warm reset"],
        ]
        assert "Unable" not in await tool("sel elist")
        assert "Description : Power off/down" in await tool("sel get 1")
        assert "11/22/26 12:00" in await tool("sel time get")
        await tool("sel delete 2")
        assert "Entries : 3" in await tool("sel info")
        await tool("sel clear")
        info = await tool("sel info")
        assert "Entries : 0" in info
        assert "Last Del Time : 11/22/26 12:00" in info
        await tool("sel time set now")
        assert "11/22/26 12:00" not in await tool("sel time get")

    async def test_lan_channel_and_users(self, tool):
        shown = await tool("lan print")
        assert "IP Address : 127.0.0.1" in shown
        assert "RMCP+ Cipher Suites : 3" in shown
        assert shown == await tool("lan print 1")
        assert "802.3 LAN" in await tool("channel info")
        assert "hmac_sha1" in await tool("channel getciphers ipmi 1")
        assert "supports IPMI v2.0 : yes" in await tool("channel authcap 1 4")
        assert "ADMINISTRATOR" in await tool("channel getaccess 1 2")
        assert "2 admin" in await tool("user list 1")
        assert "Enabled User Count : 1" in await tool("user summary 1")
        assert "Success" in await tool("user test 2 16 verysecret")
        assert "password incorrect" in (await tool("user test 2 16 not-it", fails=True)).lower()
        assert "active sessions : 1" in await tool("session info active")
        assert b"verysecret".hex() not in json.dumps(tool.bmc.state()["requests"])

    async def test_management_controller(self, tool):
        assert "Manufacturer ID : 32473" in await tool("mc info")
        assert "babe0000-0000-0000-0000-000000000001" in await tool("mc guid smbios")
        assert "passed" in await tool("mc selftest")
        assert "Stopped" in await tool("mc watchdog get")
        assert "System Event Logging : enabled" in await tool("mc getenables")
        assert "BMC" in await tool("sdr list all")
        before = tool.bmc.state()["manager_reset"]
        await tool("mc reset cold")
        assert tool.bmc.state()["manager_reset"] > before

    async def test_every_session_is_closed_and_its_commands_are_logged_with_who_asked(self, tool):
        await tool("power status")

        state = tool.bmc.state()
        assert state["sessions"] == 0
        assert {tuple(each[:3]) for each in state["requests"]} == {("127.0.0.1", "admin", "")}
        assert ["GET", "/ipmi/Chassis/GetStatus", 200, "{}"] in [each[3:] for each in state["requests"]]

    async def test_a_user_without_operator_privilege_may_look_and_not_touch(self, tool):
        await tool("-L USER power status")
        assert "nsufficient privilege" in await tool("-L USER power off", fails=True)
        assert tool.bmc.state()["power"] == "On"

    async def test_wrong_credentials_are_refused(self, bmc):
        for user, password in (("admin", "wrong"), ("nobody", "verysecret")):
            login = [user if each == CREDENTIALS.username else each for each in LOGIN]
            environment = {**ENVIRONMENT, "IPMI_PASSWORD": password}
            status, _ = await run("ipmitool", *login, "-p", str(bmc.port), "power", "off", environment=environment)
            assert status
        assert bmc.state()["power"] == "On"


@pytest.mark.slow
async def test_pyghmis_own_client_sees_the_same_server(bmc):
    environment = {**os.environ, "BMC_USER": CREDENTIALS.username, "BMC_PASSWORD": CREDENTIALS.password}
    command = (sys.executable, "-m", "tests.bmc.ipmi.pyghmi_client", str(bmc.port))
    status, output = await run(*command, environment=environment)
    assert status == 0, output
    seen = json.loads(output)

    assert seen["power"] == "on"
    assert [seen[step]["powerstate"] for step in ("off", "on", "shutdown", "boot")] == ["off", "on", "off", "on"]
    assert [each["bootdev"] for each in seen["bootdev"]] == ["network", "hd", "optical", "default"]
    assert [each["persistent"] for each in seen["bootdev"]] == [False, True, False, True]
    assert [each.get("uefimode") for each in seen["bootdev"]] == [True, False, True, None]
    assert seen["events"] == [
        ["Power Unit", "Power off"],
        ["System Boot", "Power up"],
        ["System Boot", "Hard reset"],
        ["Power Unit", "Power off"],
        ["System Boot", "Power up"],
    ]
    assert seen["cleared"] == []
    assert seen["cause"] == "0101"
    assert bmc.state()["sessions"] == 0


@pytest.fixture
def stock_address():
    environment = {**os.environ, "BMC_USER": CREDENTIALS.username, "BMC_PASSWORD": CREDENTIALS.password}
    command = (sys.executable, "-m", "tests.bmc.ipmi.stock_bmc")
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True) as process:
        yield f"ipmi://127.0.0.1:{int(process.stdout.readline())}"
        process.terminate()


async def test_we_understand_pyghmis_own_server(stock_address):
    await act.set_boot(stock_address, CREDENTIALS, "Pxe")
    await act.reset(stock_address, CREDENTIALS, "ForceOff")
    async with Observer(stock_address, CREDENTIALS) as observer:
        for _ in range(3):
            reading = await observer.read()
        assert await observer.begin_requests() is False

    assert (reading.power, reading.boot["target"], reading.family) == ("Off", "Pxe", "ipmi")
    assert reading.signals == {}
