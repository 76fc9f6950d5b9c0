"""The emulated BMC judged by ipmitool: every command of LAN settings and alerts."""

import json

import pytest

pytestmark = pytest.mark.real


async def test_lan_settings_are_kept(tool):
    for setting, words in (
        ("ipsrc dhcp", "IP Address Source : DHCP Address"),
        ("snmp watchword", "SNMP Community String : watchword"),
        ("arp respond on", "ARP Responses Enabled"),
        ("arp generate on", "Gratuitous ARP Enabled"),
        ("arp interval 5", "Intrvl : 5.0 seconds"),
        ("defgw ipaddr 127.0.0.9", "Default Gateway IP : 127.0.0.9"),
        ("defgw macaddr 52:54:00:00:00:09", "Default Gateway MAC : 52:54:00:00:00:09"),
        ("bakgw ipaddr 127.0.0.8", "Backup Gateway IP : 127.0.0.8"),
        ("bakgw macaddr 52:54:00:00:00:08", "Backup Gateway MAC : 52:54:00:00:00:08"),
        ("vlan id 5", "VLAN ID : 5"),
        ("vlan priority 3", "VLAN Priority : 3"),
        ("vlan id off", "VLAN ID : Disabled"),
        ("auth admin md5", "Admin : MD5"),
        ("cipher_privs aXXXXXXXXXXXXXX", "Priv Max : aXXXXXXXXXXXXXX"),
        ("bad_pass_thresh 3 1 60 60", "Bad Password Threshold : 3"),
    ):
        await tool(f"lan set 1 {setting}")
        assert words in await tool("lan print 1"), setting
    assert b"watchword".hex() not in json.dumps(tool.bmc.state()["requests"])


async def test_lan_access_and_alerting_are_kept(tool):
    assert "Access Mode : always available" in await tool("channel info 1")
    await tool("lan set 1 access off")
    assert "Access Mode : disabled" in await tool("channel info 1")
    before = await tool("channel info 1")
    await tool("lan set 1 alert on")
    assert before != await tool("channel info 1")


async def test_where_a_bmc_is_reached_and_by_whom_is_not_set_by_lan(tool):
    before = await tool("lan print 1")
    for setting in (
        *("ipaddr 10.0.0.1", "netmask 255.255.255.0", "macaddr 52:54:00:00:00:09"),
        *("password other", "user", "access sometimes"),
    ):
        await tool(f"lan set 1 {setting}", fails=True)
    assert await tool("lan print 1") == before
    assert "Invalid command" in await tool("lan stats get 1", fails=True)
    await tool("lan stats clear 1", fails=True)
    assert "Invalid channel" in await tool("lan print 2", fails=True)


async def test_lan_alert_destinations_are_kept(tool):
    for setting, words in (
        ("ipaddr 10.0.0.9", "Alert IP Address : 10.0.0.9"),
        ("macaddr 52:54:00:00:00:09", "Alert MAC Address : 52:54:00:00:00:09"),
        ("gateway backup", "Alert Gateway : Backup"),
        ("ack on", "Alert Acknowledge : Acknowledged"),
        ("type pet", "Destination Type : PET Trap"),
        ("time 5", "Acknowledge Timeout : 5"),
        ("retry 3", "Number of Retries : 3"),
    ):
        await tool(f"lan alert set 1 1 {setting}")
        assert words in await tool("lan alert print 1 1"), setting
    assert "10.0.0.9" not in await tool("lan alert print 1 0")
    assert "not a valid destination" in await tool("lan alert print 1 2", fails=True)
    assert (await tool("lan alert print")).count("Alert Destination :") == 2
