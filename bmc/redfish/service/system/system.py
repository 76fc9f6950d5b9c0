"""The ComputerSystem: its state, its boot override, its reset."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from aiohttp import web

from bmc.redfish.history import History
from bmc.redfish.service.errors import bad_value, missing_parameter, unknown_property
from bmc.redfish.service.metadata import typed
from bmc.redfish.service.paths import Paths
from bmc.redfish.service.resources import ENABLED, Body, RedfishResource, WriteRequest, collection, done, link, links
from bmc.redfish.service.system.power import PowerSequence
from bmc.redfish.service.system.processors import COUNT, MODEL
from bmc.redfish.service.tasks import Tasks
from bmc.redfish.vendor import Personality
from bmc.redfish.wire import SYSTEMS

BOOT_MODES = ("UEFI", "Legacy")


class System:
    """The System's resources, but its media, its BIOS and its logs."""

    def __init__(self, history: History, where: Paths, personality: Personality, *, power: PowerSequence, tasks: Tasks) -> None:
        self._history = history
        self._machine = history.machine
        self._where = where
        self._personality = personality
        self._power = power
        self._tasks = tasks
        self._settable = {
            "BootSourceOverrideTarget": ("target", personality.boot_targets),
            "BootSourceOverrideEnabled": ("enabled", personality.boot_enabled),
            "BootSourceOverrideMode": ("mode", BOOT_MODES),
            "HttpBootUri": ("http_uri", None),
        }

    def resources(self) -> dict[str, RedfishResource]:
        """All of them, by path."""
        where = self._where
        interfaces = {f"{where.interfaces}/{address}": address for address in self._machine.mac_addresses}
        return {
            SYSTEMS: RedfishResource(read=lambda: collection(SYSTEMS, "ComputerSystem", [link(where.system)])),
            where.system: RedfishResource(read=self._read, writes={"PATCH": self._change}),
            f"{where.system}/Actions/ComputerSystem.Reset": RedfishResource(writes={"POST": self._reset}),
            where.secure_boot: RedfishResource(read=self._secure_boot),
            where.interfaces: RedfishResource(read=lambda: collection(where.interfaces, "EthernetInterface", links(interfaces))),
            **{path: RedfishResource(read=_Interface(path, address)) for path, address in interfaces.items()},
        }

    def _read(self) -> Body:
        machine, where, personality = self._machine, self._where, self._personality
        body: Body = {
            "@odata.id": where.system,
            "@odata.type": f"#ComputerSystem.{personality.system_version}.ComputerSystem",
            "Id": where.system_id,
            "Name": machine.name,
            "SystemType": "Physical",
            "Manufacturer": personality.manufacturer,
            "Model": personality.model,
            "SerialNumber": machine.uuid[-12:],
            "UUID": machine.uuid,
            "PowerState": machine.power,
            "Boot": self._boot(),
            "Status": ENABLED if machine.power == "On" else {"State": "StandbyOffline", "Health": "OK"},
            "ProcessorSummary": {"Count": COUNT, "Model": MODEL},
            "MemorySummary": {"TotalSystemMemoryGiB": 64},
            "Processors": link(where.processors),
            "EthernetInterfaces": link(where.interfaces),
            "SecureBoot": link(where.secure_boot),
            "Links": {"Chassis": [link(where.chassis)], "ManagedBy": [link(where.manager)]},
            "Actions": {"#ComputerSystem.Reset": reset_action(where.system, "ComputerSystem", personality.reset_types)},
        }
        if personality.has_bios:
            body["Bios"] = link(where.bios)
        if personality.media_in == "system":
            body["VirtualMedia"] = link(where.media)
        if personality.log_in == "system":
            body["LogServices"] = link(where.system_logs)
        return body | personality.marks(self._history)

    def _boot(self) -> Body:
        boot, personality = self._machine.boot, self._personality
        return {
            "BootSourceOverrideTarget": boot.target,
            "BootSourceOverrideTarget@Redfish.AllowableValues": list(personality.boot_targets),
            "BootSourceOverrideEnabled": boot.enabled,
            "BootSourceOverrideEnabled@Redfish.AllowableValues": list(personality.boot_enabled),
            "BootSourceOverrideMode": boot.mode,
            "BootSourceOverrideMode@Redfish.AllowableValues": list(BOOT_MODES),
            "HttpBootUri": boot.http_uri,
        }

    def _secure_boot(self) -> Body:
        return {
            "@odata.id": self._where.secure_boot,
            "@odata.type": typed("SecureBoot"),
            "Id": "SecureBoot",
            "Name": "UEFI Secure Boot",
            "SecureBootEnable": False,
            "SecureBootCurrentBoot": "Disabled",
            "SecureBootMode": "UserMode",
        }

    def _change(self, call: WriteRequest) -> web.Response:
        """PATCH the boot override; nothing else of the system can be written."""
        boot = call.body.get("Boot")
        if not isinstance(boot, dict) or len(call.body) != 1:
            return unknown_property(next((name for name in call.body if name != "Boot"), "Boot"))
        changes: dict[str, Any] = {}
        for name, value in boot.items():
            if name not in self._settable:
                return unknown_property(name)
            field, allowed = self._settable[name]
            if allowed is not None and value not in allowed:
                return bad_value(name, value)
            changes[field] = value
        self._machine.set_boot(replace(self._machine.boot, **changes))
        return done()

    def _reset(self, call: WriteRequest) -> web.Response:
        """ComputerSystem.Reset: 204 at once, or 202 and a Task where the client prefers (RFC 7240); the power follows in its time."""
        wanted = call.body.get("ResetType")
        if wanted is None:
            return missing_parameter("ComputerSystem.Reset", "ResetType")
        if wanted not in self._personality.reset_types:
            return bad_value("ResetType", wanted)
        if "respond-async" not in call.request.headers.get("Prefer", ""):
            self._power.ask(wanted)
            return done()
        task = self._tasks.begin(f"Reset {wanted}")
        self._power.ask(wanted, lambda: self._tasks.finish(task))
        return self._tasks.accepted(task)


class _Interface:
    """Reads one EthernetInterface of the server; its id is its MAC address."""

    __slots__ = ("_address", "_path")

    def __init__(self, path: str, address: str) -> None:
        self._path = path
        self._address = address

    def __call__(self) -> Body:
        return {
            "@odata.id": self._path,
            "@odata.type": typed("EthernetInterface"),
            "Id": self._address,
            "Name": f"Interface {self._address}",
            "MACAddress": self._address,
            "PermanentMACAddress": self._address,
            "LinkStatus": "LinkUp",
            "SpeedMbps": 25_000,
            "Status": ENABLED,
        }


def reset_action(path: str, kind: str, reset_types: Iterable[str]) -> Body:
    """The entry under `Actions` that tells how to reset."""
    return {"target": f"{path}/Actions/{kind}.Reset", "ResetType@Redfish.AllowableValues": list(reset_types)}
