"""The emulated BMC judged by ipmitool: every command of power, boot, event log, restart cause and power-on hours, and more."""

import json

import pytest

from tests.bmc.ipmi.clients.ipmitool import ENVIRONMENT, LOGIN
from tests.bmc.ipmi.serving import CREDENTIALS, run

pytestmark = pytest.mark.real


async def test_power(tool):
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
        ("up", "On", 4),
        ("down", "Off", 4),
        ("on", "On", 5),
        ("acpi", "Off", 5),
    ):
        await tool(f"power {command}")
        state = tool.bmc.state()
        assert (state["power"], state["resets"]) == (power, resets), command
        assert f"is {power.lower()}" in await tool("power status")
    for command in ("cycle", "reset", "soft"):
        assert "not supported in present state" in await tool(f"power {command}", fails=True)
    assert [each[5] for each in tool.bmc.asked("/ipmi/Chassis/Control")] == [200] * 12 + [409] * 3


async def test_chassis(tool):
    status = await tool("chassis status")
    assert "System Power : on" in status
    assert "Power Restore Policy : previous" in status
    assert "always-off always-on previous" in await tool("chassis policy list")
    await tool("chassis policy always-off")
    assert tool.bmc.state()["policy"] == "AlwaysOff"
    assert "Power Restore Policy : always-off" in await tool("chassis status")
    assert "passed" in await tool("chassis selftest")
    assert "5 seconds" in await tool("chassis identify 5")
    for seconds, words in (("0", "off"), ("force", "indefinite")):
        assert words in await tool(f"chassis identify {seconds}")
    for policy, kept in (("always-on", "AlwaysOn"), ("previous", "LastState")):
        await tool(f"chassis policy {policy}")
        assert tool.bmc.state()["policy"] == kept


async def test_power_on_hours_count_while_the_power_is_on(tool):
    assert "0 days, 0 hours" in await tool("chassis poh")
    tool.bmc.order("pass_hours", 50)
    assert "2 days, 2 hours" in await tool("chassis poh")
    await tool("power off")
    tool.bmc.order("pass_hours", 50)
    assert "2 days, 2 hours" in await tool("chassis poh")


async def test_restart_cause_and_last_power_event(tool):
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
        ("disk clear-cmos=yes", "default Hard-Drive", ["Hdd", "Once", "Legacy"]),
        ("safe", "Safe-Mode", ["Hdd", "Once", "Legacy"]),
        ("cdrom", "CD/DVD", ["Cd", "Once", "Legacy"]),
        ("bios", "BIOS Setup", ["BiosSetup", "Once", "Legacy"]),
        ("floppy", "Floppy", ["Floppy", "Once", "Legacy"]),
        ("diag", "Diagnostic", ["Diags", "Once", "Legacy"]),
        ("pxe options=persistent,efiboot", "Force PXE", ["Pxe", "Continuous", "UEFI"]),
        ("none", "No override", ["None", "Disabled", "Legacy"]),
    ],
)
async def test_boot_device(tool, device, words, boot):
    await tool(f"chassis bootdev {device}")

    assert tool.bmc.state()["boot"] == boot
    shown = await tool("chassis bootparam get 5")
    assert words in shown
    assert ("all future boots" in shown) == (boot[1] == "Continuous")


@pytest.mark.parametrize(
    ("flag", "boot"),
    [
        ("force_pxe", ["Pxe", "Once", "Legacy"]),
        ("force_disk", ["Hdd", "Once", "Legacy"]),
        ("force_safe", ["Hdd", "Once", "Legacy"]),
        ("force_diag", ["Diags", "Once", "Legacy"]),
        ("force_cdrom", ["Cd", "Once", "Legacy"]),
        ("force_bios", ["BiosSetup", "Once", "Legacy"]),
        ("none", ["None", "Disabled", "Legacy"]),
    ],
)
async def test_boot_flag(tool, flag, boot):
    await tool(f"chassis bootparam set bootflag {flag} options=timeout")

    assert tool.bmc.state()["boot"] == boot


async def test_every_boot_parameter_and_the_mailbox(tool):
    for parameter, words in (
        (0, "set complete"),
        (1, "Service Partition Selector : unspecified"),
        (2, "No flag set"),
        (3, "No flag set"),
        (4, "Boot Info Acknowledge"),
        (5, "Boot Flag Invalid"),
        (6, "Channel Number : 0"),
        (7, "IANA PEN : 0"),
    ):
        assert words in await tool(f"chassis bootparam get {parameter}")
    assert "Unsupported parameter" in await tool("chassis bootparam get 8", fails=True)
    await tool("raw 0x00 0x08 0x03 0x08")
    assert "flag valid bit" in await tool("chassis bootparam get 3")
    await tool("chassis bootmbox set text 32473 hello")
    await tool("chassis bootmbox set block 4 32473 1 2 3")
    assert "Block 0 Data : 'hello'" in await tool("chassis bootmbox get text")
    assert "Block Data : 010203" in await tool("chassis bootmbox get block 4")
    assert "out of range" in await tool("chassis bootmbox get block 5", fails=True)


async def test_a_boot_device_for_once_is_gone_after_a_boot(tool):
    await tool("chassis bootdev pxe")
    await tool("power reset")

    assert "No override" in await tool("chassis bootparam get 5")


async def test_event_log(tool):
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


async def test_event_log_in_files(tool, tmp_path):
    (tmp_path / "add").write_text("0x04 0x09 0x01 0x6f 0x00 0xff 0xff # Power Unit, off\n")
    await tool(f"sel add {tmp_path / 'add'}")
    await tool("power reset")
    both = [["Power Unit #0x01", "Power off/down"], ["System Boot Initiated", "Initiated by hard reset"]]
    assert [line.split(" | ")[3:5] for line in (await tool("sel elist")).splitlines()] == both
    assert both[0][1] in await tool("sel list first 1")
    assert both[1][1] in await tool("sel elist last 1")
    await tool(f"sel save {tmp_path / 'saved'}")
    await tool(f"sel writeraw {tmp_path / 'raw'}")
    assert both[1][1] in await tool(f"sel readraw {tmp_path / 'raw'}")
    await tool("sel clear")
    await tool(f"sel add {tmp_path / 'saved'}")
    assert [line.split(" | ")[3:5] for line in (await tool("sel list")).splitlines()] == both


async def test_lan_channel_and_users(tool):
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


async def test_management_controller(tool):
    assert "Manufacturer ID : 32473" in await tool("mc info")
    assert "babe0000-0000-0000-0000-000000000001" in await tool("mc guid smbios")
    assert "passed" in await tool("mc selftest")
    assert "Stopped" in await tool("mc watchdog get")
    assert "System Event Logging : enabled" in await tool("mc getenables")
    assert "BMC" in await tool("sdr list all")
    before = tool.bmc.state()["manager_reset"]
    await tool("mc reset cold")
    assert tool.bmc.state()["manager_reset"] > before


async def test_every_session_is_closed_and_its_commands_are_logged_with_who_asked(tool):
    await tool("power status")

    state = tool.bmc.state()
    assert state["sessions"] == 0
    assert {tuple(each[:3]) for each in state["requests"]} == {("127.0.0.1", "admin", "")}
    assert ["GET", "/ipmi/Chassis/GetStatus", 200, "{}"] in [each[3:] for each in state["requests"]]


async def test_a_user_without_operator_privilege_may_look_and_not_touch(tool):
    await tool("-L USER power status")
    assert "nsufficient privilege" in await tool("-L USER power off", fails=True)
    assert tool.bmc.state()["power"] == "On"


async def test_wrong_credentials_are_refused(tool):
    for user, password in (("admin", "wrong"), ("nobody", "verysecret")):
        login = [user if each == CREDENTIALS.username else each for each in LOGIN]
        environment = {**ENVIRONMENT, "IPMI_PASSWORD": password}
        status, _ = await run("ipmitool", *login, "-p", str(tool.bmc.port), "power", "off", environment=environment)
        assert status
    assert tool.bmc.state()["power"] == "On"
