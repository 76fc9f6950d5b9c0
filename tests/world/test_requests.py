"""What a request to a BMC may have done: a list of what is harmless, not of what is harmful."""

import pytest

from harness.journal.facts import BmcRequest
from harness.world.bmc.requests import asked

SYSTEM = "/redfish/v1/Systems/1"
HARMLESS = [
    ("GET", SYSTEM, ""),
    ("GET", f"{SYSTEM}?$select=PowerState", ""),
    ("HEAD", "/redfish/v1/", ""),
    ("POST", "/redfish/v1/SessionService/Sessions", '{"UserName": "a", "Password": "***"}'),
    ("POST", "/redfish/v1/SessionService/Sessions/", '{"UserName": "a"}'),
    ("DELETE", "/redfish/v1/SessionService/Sessions/7", ""),
    ("POST", "/redfish/v1/EventService/Subscriptions", '{"Destination": "https://x"}'),
    ("DELETE", "/redfish/v1/EventService/Subscriptions/1", ""),
    ("POST", "/redfish/v1/EventService/Actions/EventService.SubmitTestEvent", "{}"),
    ("POST", "/redfish/v1/Managers/1/VirtualMedia/Cd/Actions/VirtualMedia.EjectMedia", "{}"),
    ("POST", "/redfish/v1/Managers/1/VirtualMedia/2/Actions/Oem/Hpe/HpeiLOVirtualMedia.EjectVirtualMedia", "{}"),
    ("PATCH", "/redfish/v1/Managers/1/VirtualMedia/Cd", '{"Image": null}'),
    ("PATCH", "/redfish/v1/Managers/1/VirtualMedia/Cd", '{"Image": "", "Inserted": false}'),
    ("PATCH", SYSTEM, '{"Boot": {"BootSourceOverrideTarget": "Hdd", "HttpBootUri": null}}'),
    ("PATCH", SYSTEM, '{"Boot": {"BootSourceOverrideTarget": "Hdd", "BootSourceOverrideMode": "UEFI"}}'),
    ("PUT", f"{SYSTEM}/SD", '{"Boot": {"BootSourceOverrideTarget": "None"}}'),
    ("PATCH", SYSTEM, '{"Boot": {"BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Disabled"}}'),
    ("PATCH", SYSTEM, '{"IndicatorLED": "Lit", "AssetTag": "r1"}'),
    ("PATCH", "/redfish/v1/Chassis/1", '{"LocationIndicatorActive": true}'),
    ("PATCH", f"{SYSTEM}/Storage/1/Drives/2", '{"LocationIndicatorActive": true}'),
    ("POST", "/redfish/v1/TelemetryService/MetricReportDefinitions", '{"Id": "temperatures"}'),
    ("PATCH", "/redfish/v1/SessionService", '{"SessionTimeout": 1800}'),
    ("GET", "/xmldata?item=All", ""),
    ("POST", "/ipmi/App/SetSessionPrivilege", '{"Data": "04"}'),
    ("POST", "/ipmi/App/CloseSession", ""),
    ("POST", "/ipmi/Chassis/Identify", '{"Data": "0f"}'),
    ("POST", "/ipmi/Chassis/SetBootOptions", '{"Data": "0308"}'),
    ("POST", "/ipmi/Chassis/SetBootOptions", '{"Boot": {"BootSourceOverrideTarget": "Hdd"}}'),
    ("POST", "/ipmi/0x2c/0x3e", '{"Data": "0002"}'),
    ("POST", "/ipmi/0x2c/0x02", '{"Data": "dc01"}'),
    ("POST", "/ipmi/Sensor/0x21", '{"Data": "00"}'),
]
HARMFUL = [
    ("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", '{"ResetType": "ForceOff"}', "Reset ForceOff"),
    ("post", f"{SYSTEM}/Actions/ComputerSystem.Reset?x=1", '{"ResetType": "ForceOff"}', "Reset ForceOff"),
    ("POST", "/REDFISH/v1//systems/1/actions/computersystem.reset/", '{"ResetType": "On"}', "Reset On"),
    ("POST", f"{SYSTEM}/Actions/ComputerSystem%2EReset", '{"ResetType": "On"}', "Reset On"),
    ("POST", f"http://10.0.0.1{SYSTEM}/Actions/ComputerSystem.Reset", "", "Reset of unknown type"),
    (
        "POST",
        f"/redfish/v1/SessionService/Sessions/../..{SYSTEM[11:]}/Actions/ComputerSystem.Reset",
        '{"ResetType": "On"}',
        "Reset On",
    ),
    ("POST", "/redfish/v1/Chassis/1/Actions/Chassis.Reset", '{"ResetType": "PowerCycle"}', "Reset PowerCycle"),
    ("POST", f"{SYSTEM}/Actions/Oem/Hpe/HpeComputerSystemExt.SystemReset", '{"ResetType": "AuxCycle"}', "Reset AuxCycle"),
    ("POST", f"{SYSTEM}/Actions/Oem/Hpe/HpeComputerSystemExt.PowerButton", '{"PushType": "Press"}', "power"),
    ("POST", "/redfish/v1/PowerEquipment/RackPDUs/1/Outlets/A1/Actions/Outlet.PowerControl", "{}", "power"),
    ("PATCH", SYSTEM, '{"PowerState": "Off"}', "PowerState"),
    ("PATCH", SYSTEM, '{"AssetTag": "x", "Boot": {"BootSourceOverrideTarget": "Pxe"}}', "boot override Pxe"),
    ("PUT", SYSTEM, '{"Boot": {"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Once"}}', "boot override Cd Once"),
    ("PATCH", f"{SYSTEM}/Settings", '{"Boot": {"BootNext": "Boot0001"}}', "BootNext"),
    ("PATCH", f"{SYSTEM}/SD", '{"Boot": {"BootOrder": ["Boot0001"]}}', "BootOrder"),
    ("PATCH", SYSTEM, '{"Boot": {"HttpBootUri": "http://x", "BootSourceOverrideTarget": "Hdd"}}', "HttpBootUri"),
    ("POST", f"{SYSTEM}/Actions/ComputerSystem.SetDefaultBootOrder", "{}", "boot"),
    ("PATCH", SYSTEM, '{"PowerRestorePolicy": "AlwaysOff"}', "PowerRestorePolicy"),
    ("POST", "/redfish/v1/Managers/1/VirtualMedia/2/Actions/Oem/Hpe/HpeiLOVirtualMedia.InsertVirtualMedia", "{}", "media"),
    ("POST", f"{SYSTEM}/Bios/Actions/Bios.ResetBios", "", "BIOS"),
    ("POST", f"{SYSTEM}/Bios/Actions/Bios.ChangePassword", "{}", "BIOS"),
    ("PUT", f"{SYSTEM}/Bios/SD", "{}", "BIOS"),
    ("POST", f"{SYSTEM}/SecureBoot/Actions/SecureBoot.ResetKeys", "{}", "secure boot"),
    ("POST", f"{SYSTEM}/SecureBoot/SecureBootDatabases/db/Certificates", "{}", "secure boot"),
    ("POST", f"{SYSTEM}/Storage/1/Volumes", "{}", "disk"),
    ("PATCH", f"{SYSTEM}/Storage/1/Volumes/1", "{}", "disk"),
    ("POST", f"{SYSTEM}/Storage/1/Drives/1/Actions/Drive.SecureErase", "{}", "disk"),
    ("POST", "/redfish/v1/Dell/Systems/1/DellRaidService/Actions/DellRaidService.ResetConfig", "{}", "disk"),
    ("POST", "/redfish/v1/UpdateService/Actions/UpdateService.StartUpdate", "", "firmware"),
    ("PUT", "/redfish/v1/UpdateService/FirmwareInventory", "", "firmware"),
    ("POST", "/redfish/v1/Managers/1/Actions/Manager.ResetToDefaults", "{}", "BMC itself"),
    ("PATCH", "/redfish/v1/Managers/1/EthernetInterfaces/1", '{"IPv4": []}', "BMC itself"),
    ("POST", "/redfish/v1/AccountService/Accounts", '{"UserName": "x"}', "accounts"),
    ("POST", "/ipmi/Chassis/Control", '{"ResetType": "ForceOff"}', "Reset ForceOff"),
    ("POST", "/ipmi/Chassis/SetRestorePolicy", '{"Data": "00"}', ""),
    ("POST", "/ipmi/App/SetWatchdog", '{"Data": "00"}', "power"),
]
UNCLEAR = [
    ("POST", "/redfish/v1/Systems/1/Oem/Acme/Actions/Acme.Frobnicate", "{}"),
    ("DELETE", "/redfish/v1/TaskService/Tasks/1", ""),
    ("BREW", "/redfish/v1/Systems/1", ""),
    ("POST", "/redfish/v1/Systems/1/LogServices/Log/Actions/LogService.ClearLog", "{}"),
    ("PATCH", SYSTEM, '{"Boot": {"BootSourceOverrideMode": "Legacy"}}'),
    ("PATCH", SYSTEM, "{}"),
    ("PATCH", "/redfish/v1/Managers/1/VirtualMedia/Cd", '{"Ima'),
    ("POST", "/ipmi/Oem/0x99", '{"Data": "00"}'),
    ("POST", "/ipmi/Undecodable", ""),
    ("POST", "/ipmi/0x2c/0x04", '{"Data": "dc"}'),
    ("GET", "/outlet.cgi?outlet=3&op=cycle", ""),
    ("GET", "/redfish/../outlet.cgi?op=off", ""),
    ("GET", "/data?set=pwState:0", ""),
]
CHASSIS, MEDIUM, BOOT = "/redfish/v1/Chassis/1", "/redfish/v1/Managers/1/VirtualMedia/Cd", "/ipmi/Chassis/SetBootOptions"
WORDS = [
    ("PATCH", CHASSIS, '{"IndicatorLED": "Lit", "@odata.etag": "1"}', "harmless", ""),
    ("PATCH", CHASSIS, '{"Weight": 1, "Height": 2}', "unclear", "Weight, Height set on /redfish/v1/chassis/1"),
    ("PATCH", CHASSIS, '{"AssetTag": "x", "PowerLimit": 1}', "harmful", "PowerLimit set on /redfish/v1/chassis/1"),
    ("PATCH", CHASSIS, "{}", "unclear", "unread set on /redfish/v1/chassis/1"),
    ("PATCH", CHASSIS, "what", "unclear", "unread set on /redfish/v1/chassis/1"),
    ("PATCH", MEDIUM, '{"Image": "http://x"}', "harmful", "media insert"),
    ("PATCH", MEDIUM, '{"Inserted": true}', "harmful", "media insert"),
    ("PATCH", MEDIUM, '{"Inserted": false, "Speed": 1, "Age": 2}', "unclear", "a change of virtual media: Speed, Age"),
    ("PATCH", MEDIUM, '{"UserName": "x"}', "unclear", "a change of virtual media: nothing that is known"),
    ("PATCH", MEDIUM, '{"Image": null, "UserName": "x"}', "harmless", ""),
    ("PATCH", MEDIUM, "what", "unclear", "a change of virtual media that cannot be read"),
    ("PATCH", SYSTEM, "[1]", "harmful", "a change of the system that cannot be read"),
    ("PATCH", SYSTEM, " ", "unclear", "a change of the system without a body"),
    ("PATCH", SYSTEM, '{"Colour": "red", "PowerMode": "x"}', "harmful", "PowerMode set to x"),
    ("PATCH", SYSTEM, '{"Colour": "red", "AssetTag": "x"}', "unclear", "Colour set to red"),
    ("PATCH", SYSTEM, '{"@odata.etag": "1", "AssetTag": "x"}', "harmless", ""),
    ("PATCH", SYSTEM, '{"Boot": "Pxe"}', "harmful", "boot settings: Boot Pxe"),
    ("PATCH", SYSTEM, '{"Boot": {}}', "unclear", "boot settings: none"),
    ("PATCH", SYSTEM, '{"Boot": {"BootOrder": null, "BootNext": ""}}', "unclear", "boot settings: BootOrder None, BootNext "),
    ("PATCH", SYSTEM, '{"Boot": {"BootSourceOverrideTarget": ""}}', "harmless", ""),
    (
        "PATCH",
        SYSTEM,
        '{"Boot": {"BootSourceOverrideEnabled": "Once"}}',
        "unclear",
        "boot settings: BootSourceOverrideEnabled Once",
    ),
    ("POST", BOOT, '{"Boot": {"BootSourceOverrideTarget": "Pxe"}}', "harmful", "boot override Pxe"),
    ("POST", BOOT, '{"Data": "8308"}', "harmless", ""),
    ("POST", BOOT, '{"Data": "0580"}', "unclear", "boot parameter 05"),
    ("POST", BOOT, "", "unclear", "boot parameter that cannot be read"),
    ("POST", "/ipmi/0x2c/0x04", '{"Data": "dc"}', "unclear", "group extension 0x04 dc"),
    ("POST", "/ipmi/0x2c/0x02", '{"Data": "aadc"}', "unclear", "group extension 0x02 aadc"),
    ("POST", "/ipmi/App/0x01", "", "harmless", ""),
    ("POST", "/ipmi/App/0x02", "", "unclear", "POST /ipmi/App/0x02, of which is not known what it does"),
    ("POST", "/ipmi/Storage/0x22", "", "harmless", ""),
    ("POST", "/ipmi/Storage/0x01", "", "unclear", "POST /ipmi/Storage/0x01, of which is not known what it does"),
    (
        "POST",
        "/ipmi/Storage/SetSelTime",
        '{"Data": "00"}',
        "unclear",
        "POST /ipmi/Storage/SetSelTime, of which is not known what it does",
    ),
    ("POST", "/ipmi/Storage/AddSelEntry", "", "unclear", "POST /ipmi/Storage/AddSelEntry, of which is not known what it does"),
    ("POST", "/acme/Actions/Acme.Reset", '{"ResetType": "On"}', "harmful", "Reset On (acme.reset)"),
    ("POST", "/acme/Actions/Acme.Reset", "{}", "harmful", "change of the power"),
    ("POST", "/acme", '{"All": [{"One": {"ResetType": "On"}}]}', "harmful", "change of the power"),
    ("POST", "/acme", "REBOOT it", "harmful", "change of the boot"),
    ("POST", "/acme", '{"All": "reset"}', "unclear", "POST /acme, of which is not known what it does"),
    ("PATCH", "/acme", '{"AssetTag": "x"}', "harmless", ""),
    ("POST", "/acme", '{"AssetTag": "x"}', "unclear", "POST /acme, of which is not known what it does"),
    ("POST", f"http://[{SYSTEM}/Actions/ComputerSystem.Reset", '{"ResetType": "On"}', "harmful", "Reset On"),
    ("GET", "/outlet.cgi?op=off", "", "unclear", "GET /outlet.cgi?op=off, which may act"),
]


def effect(method: str, path: str, body: str, status: int = 204) -> str:
    return asked(BmcRequest(host="n", method=method, path=path, body=body, status=status)).effect


@pytest.mark.parametrize(("method", "path", "body"), HARMLESS)
def test_what_is_known_to_be_harmless_is_harmless(method, path, body):
    assert effect(method, path, body) == "harmless"


@pytest.mark.parametrize(("method", "path", "body", "says"), HARMFUL)
def test_what_names_power_boot_media_disk_or_firmware_is_harmful_and_named(method, path, body, says):
    what = asked(BmcRequest(host="n", method=method, path=path, body=body, status=204))
    assert what.effect in ("harmful", "unclear") if not says else what.effect == "harmful"
    assert says in what.says


@pytest.mark.parametrize(("method", "path", "body", "effect", "says"), WORDS)
def test_what_a_request_may_have_done_is_said(method, path, body, effect, says):
    what = asked(BmcRequest(host="n", method=method, path=path, body=body, status=204))
    assert (what.effect, what.says if effect != "harmless" else "") == (effect, says)


@pytest.mark.parametrize(("method", "path", "body"), UNCLEAR)
def test_what_nobody_knows_is_unclear(method, path, body):
    assert effect(method, path, body) == "unclear"


@pytest.mark.parametrize(("status", "expected"), [(403, "harmless"), (404, "harmless"), (409, "harmless"), (401, "harmless")])
def test_what_was_refused_did_nothing(status, expected):
    assert effect("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", "{}", status) == expected


@pytest.mark.parametrize("status", [0, 200, 202, 307, 408, 499, 500, 503, 504])
def test_what_may_have_been_done_all_the_same_counts(status):
    assert effect("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", "{}", status) == "harmful"


@pytest.mark.parametrize("path", ["/nbd/0", "/kvm/0", "/redfish/v1/Systems/1/Console"])
def test_a_line_that_was_opened_to_a_console_or_to_media_is_unclear(path):
    assert effect("GET", path, "", 101) == "unclear"
