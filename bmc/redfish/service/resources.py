"""The bodies of the emulated resources: pure functions from the machine to JSON.

Types and property names: DMTF's CSDL, bundle 2026.2 and older; versions are chosen as old as the properties in use allow.
"""

from collections.abc import Iterable
from typing import Any

from bmc.machine import RESET_TYPES, Machine, Medium
from bmc.redfish.service import paths
from bmc.redfish.service.paths import Paths
from bmc.redfish.service.sessions import Session
from bmc.redfish.wire import OEM, REQUESTS_LOG, ROOT
from bmc.request_log import LoggedRequest

Body = dict[str, Any]

BOOT_TARGETS = ("None", "Pxe", "Cd", "Hdd", "Usb", "UefiHttp", "BiosSetup")
BOOT_ENABLED = ("Disabled", "Once", "Continuous")
BOOT_MODES = ("UEFI", "Legacy")
_ENABLED = {"State": "Enabled", "Health": "OK"}


def link(path: str) -> Body:
    """A reference to another resource."""
    return {"@odata.id": path}


def collection(path: str, kind: str, members: Iterable[Body], count: int | None = None) -> Body:
    """A resource collection; `count` where it has more members than are shown."""
    shown = list(members)
    return {
        "@odata.id": path,
        "@odata.type": f"#{kind}Collection.{kind}Collection",
        "Name": f"{kind} Collection",
        "Members": shown,
        "Members@odata.count": len(shown) if count is None else count,
    }


def service_root(machine: Machine) -> Body:
    """ServiceRoot; public."""
    return {
        "@odata.id": f"{ROOT}/",
        "@odata.type": "#ServiceRoot.v1_9_0.ServiceRoot",
        "Id": "RootService",
        "Name": "Root Service",
        "RedfishVersion": "1.18.0",
        "UUID": machine.uuid,
        "Product": "Emulated BMC",
        "Systems": link(paths.SYSTEMS),
        "Chassis": link(paths.CHASSIS),
        "Managers": link(paths.MANAGERS),
        "SessionService": link(paths.SESSION_SERVICE),
        "UpdateService": link(paths.UPDATE_SERVICE),
        "Links": {"Sessions": link(paths.SESSIONS)},
        "ProtocolFeaturesSupported": {"ExpandQuery": {"ExpandAll": False, "Levels": False, "Links": False, "NoLinks": False}},
    }


def odata() -> Body:
    """The OData service document; public."""
    names = ("Systems", "Chassis", "Managers", "SessionService", "UpdateService")
    services = [{"name": name, "kind": "Singleton", "url": f"{ROOT}/{name}"} for name in names]
    return {"@odata.context": f"{ROOT}/$metadata", "value": services}


def system(machine: Machine, where: Paths) -> Body:
    """The ComputerSystem."""
    progress = machine.boot_progress
    return {
        "@odata.id": where.system,
        "@odata.type": "#ComputerSystem.v1_13_0.ComputerSystem",
        "Id": where.system_id,
        "Name": machine.name,
        "SystemType": "Physical",
        "Manufacturer": "Emulated",
        "Model": "Emulated Server",
        "SerialNumber": machine.uuid[-12:],
        "UUID": machine.uuid,
        "PowerState": machine.power,
        "PowerRestorePolicy": machine.power_restore_policy,
        "LastResetTime": machine.last_reset_time.isoformat(),
        "BootProgress": {"LastState": progress.last_state, "LastStateTime": progress.last_state_time.isoformat()},
        "Boot": boot(machine),
        "Status": _ENABLED if machine.power == "On" else {"State": "StandbyOffline", "Health": "OK"},
        "ProcessorSummary": {"Count": 2, "Model": "Emulated Processor"},
        "MemorySummary": {"TotalSystemMemoryGiB": 64},
        "EthernetInterfaces": link(where.interfaces),
        "SecureBoot": link(where.secure_boot),
        "VirtualMedia": link(where.media),
        "Links": {"Chassis": [link(where.chassis)], "ManagedBy": [link(where.manager)]},
        "Actions": {"#ComputerSystem.Reset": _reset_action(where.system, "ComputerSystem", RESET_TYPES)},
        "Oem": {OEM: {"@odata.type": f"#{OEM}.v1_0_0.ComputerSystem", "ResetCount": machine.reset_count}},
    }


def boot(machine: Machine) -> Body:
    """The `Boot` object of the ComputerSystem."""
    return {
        "BootSourceOverrideTarget": machine.boot.target,
        "BootSourceOverrideTarget@Redfish.AllowableValues": list(BOOT_TARGETS),
        "BootSourceOverrideEnabled": machine.boot.enabled,
        "BootSourceOverrideEnabled@Redfish.AllowableValues": list(BOOT_ENABLED),
        "BootSourceOverrideMode": machine.boot.mode,
        "BootSourceOverrideMode@Redfish.AllowableValues": list(BOOT_MODES),
        "HttpBootUri": machine.boot.http_uri,
    }


def _reset_action(path: str, kind: str, reset_types: Iterable[str]) -> Body:
    return {"target": f"{path}/Actions/{kind}.Reset", "ResetType@Redfish.AllowableValues": list(reset_types)}


def interface(path: str, mac_address: str) -> Body:
    """One EthernetInterface of the server; its id is its MAC address."""
    return {
        "@odata.id": path,
        "@odata.type": "#EthernetInterface.v1_5_0.EthernetInterface",
        "Id": mac_address,
        "Name": f"Interface {mac_address}",
        "MACAddress": mac_address,
        "PermanentMACAddress": mac_address,
        "LinkStatus": "LinkUp",
        "SpeedMbps": 25_000,
        "Status": _ENABLED,
    }


def secure_boot(path: str) -> Body:
    """SecureBoot: supported, and switched off."""
    return {
        "@odata.id": path,
        "@odata.type": "#SecureBoot.v1_1_0.SecureBoot",
        "Id": "SecureBoot",
        "Name": "UEFI Secure Boot",
        "SecureBootEnable": False,
        "SecureBootCurrentBoot": "Disabled",
        "SecureBootMode": "UserMode",
    }


def medium(path: str, device: str, held: Medium) -> Body:
    """One VirtualMedia device."""
    return {
        "@odata.id": path,
        "@odata.type": "#VirtualMedia.v1_4_0.VirtualMedia",
        "Id": device,
        "Name": f"Virtual {device}",
        "MediaTypes": ["CD", "DVD"],
        "Image": held.image,
        "ImageName": held.image.rpartition("/")[2] if held.image else None,
        "ConnectedVia": "URI" if held.inserted else "NotConnected",
        "Inserted": held.inserted,
        "WriteProtected": held.write_protected,
        "TransferMethod": "Stream",
        "Actions": {
            f"#VirtualMedia.{name}": {"target": f"{path}/Actions/VirtualMedia.{name}"} for name in ("InsertMedia", "EjectMedia")
        },
    }


def chassis(machine: Machine, where: Paths) -> Body:
    """The Chassis."""
    return {
        "@odata.id": where.chassis,
        "@odata.type": "#Chassis.v1_14_0.Chassis",
        "Id": where.system_id,
        "Name": f"Chassis of {machine.name}",
        "ChassisType": "RackMount",
        "Manufacturer": "Emulated",
        "Model": "Emulated Server",
        "PowerState": machine.power,
        "Status": _ENABLED,
        "Links": {"ComputerSystems": [link(where.system)], "ManagedBy": [link(where.manager)]},
    }


def manager(machine: Machine, where: Paths) -> Body:
    """The Manager: the BMC itself."""
    return {
        "@odata.id": where.manager,
        "@odata.type": "#Manager.v1_9_0.Manager",
        "Id": where.system_id,
        "Name": f"BMC of {machine.name}",
        "ManagerType": "BMC",
        "UUID": machine.uuid,
        "FirmwareVersion": "1.0",
        "DateTime": machine.clock().isoformat(),
        "DateTimeLocalOffset": "+00:00",
        "LastResetTime": machine.manager_reset_time.isoformat(),
        "PowerState": "On",
        "Status": _ENABLED,
        "LogServices": link(where.logs),
        "Links": {"ManagerForServers": [link(where.system)], "ManagerForChassis": [link(where.chassis)]},
        "Actions": {"#Manager.Reset": _reset_action(where.manager, "Manager", ("GracefulRestart", "ForceRestart"))},
    }


def requests_log(where: Paths) -> Body:
    """The LogService of requests."""
    return {
        "@odata.id": where.requests,
        "@odata.type": "#LogService.v1_2_0.LogService",
        "Id": REQUESTS_LOG,
        "Name": "Requests made to this BMC",
        "LogEntryType": "Event",
        "OverWritePolicy": "WrapsWhenFull",
        "ServiceEnabled": True,
        "Entries": link(where.entries),
    }


def entry(where: Paths, logged: LoggedRequest) -> Body:
    """One LogEntry of the requests."""
    said = (logged.address, logged.user_agent, logged.user, logged.method, logged.path, str(logged.status), logged.body)
    return {
        "@odata.id": f"{where.entries}/{logged.id}",
        "@odata.type": "#LogEntry.v1_6_0.LogEntry",
        "Id": str(logged.id),
        "Name": f"Request {logged.id}",
        "EntryType": "Event",
        "Severity": "OK",
        "Created": logged.created.isoformat(),
        "Message": f"{logged.method} {logged.path} {logged.status}",
        "MessageArgs": list(said),
    }


def session_service() -> Body:
    """The SessionService."""
    return {
        "@odata.id": paths.SESSION_SERVICE,
        "@odata.type": "#SessionService.v1_1_0.SessionService",
        "Id": "SessionService",
        "Name": "Session Service",
        "ServiceEnabled": True,
        "SessionTimeout": 3600,
        "Status": _ENABLED,
        "Sessions": link(paths.SESSIONS),
    }


def session(held: Session) -> Body:
    """One Session; never its token."""
    return {
        "@odata.id": f"{paths.SESSIONS}/{held.id}",
        "@odata.type": "#Session.v1_4_0.Session",
        "Id": held.id,
        "Name": f"Session {held.id}",
        "UserName": held.user,
        "CreatedTime": held.created.isoformat(),
    }


def update_service() -> Body:
    """An UpdateService that updates nothing, as sushy and Ironic want to see one."""
    return {
        "@odata.id": paths.UPDATE_SERVICE,
        "@odata.type": "#UpdateService.v1_8_0.UpdateService",
        "Id": "UpdateService",
        "Name": "Update Service",
        "ServiceEnabled": False,
        "Status": {"State": "Disabled"},
        "Actions": {"Oem": {}},
        "FirmwareInventory": link(f"{paths.UPDATE_SERVICE}/FirmwareInventory"),
    }
