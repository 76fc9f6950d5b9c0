"""The BIOS' settings: what is written takes effect at the next boot."""

from aiohttp import web

from bmc.machine import Machine, PowerChange
from bmc.redfish.service.errors import unknown_property
from bmc.redfish.service.metadata import typed
from bmc.redfish.service.paths import Paths
from bmc.redfish.service.resources import Body, RedfishResource, WriteRequest, done, link

DEFAULTS: Body = {"BootMode": "Uefi", "LogicalProc": "Enabled", "ProcVirtualization": "Enabled"}


class Bios:
    """Bios and its settings object."""

    def __init__(self, machine: Machine, where: Paths) -> None:
        self._where = where
        self._present: Body = DEFAULTS
        self._pending: Body = {}
        machine.on_power.append(self._booted)

    def resources(self) -> dict[str, RedfishResource]:
        """Both, and the action, by path."""
        where = self._where
        return {
            where.bios: RedfishResource(read=self._read),
            where.bios_settings: RedfishResource(read=self._settings, writes={"PATCH": self._change}),
            f"{where.bios}/Actions/Bios.ResetBios": RedfishResource(writes={"POST": self._reset}),
        }

    def _read(self) -> Body:
        settings = {"@odata.type": "#Settings.v1_3_0.Settings", "SettingsObject": link(self._where.bios_settings)}
        return {
            **self._body(self._where.bios, "Bios", self._present),
            "@Redfish.Settings": settings,
            "Actions": {"#Bios.ResetBios": {"target": f"{self._where.bios}/Actions/Bios.ResetBios"}},
        }

    def _settings(self) -> Body:
        return self._body(self._where.bios_settings, "Settings", self._pending)

    def _body(self, path: str, name: str, attributes: Body) -> Body:
        return {"@odata.id": path, "@odata.type": typed("Bios"), "Id": name, "Name": f"BIOS {name}", "Attributes": attributes}

    def _change(self, call: WriteRequest) -> web.Response:
        wanted = call.body.get("Attributes")
        if not isinstance(wanted, dict) or len(call.body) != 1:
            return unknown_property(next((name for name in call.body if name != "Attributes"), "Attributes"))
        unknown = [name for name in wanted if name not in DEFAULTS]
        if unknown:
            return unknown_property(unknown[0])
        self._pending = {**self._pending, **wanted}
        return done()

    def _reset(self, _call: WriteRequest) -> web.Response:
        self._pending = dict(DEFAULTS)
        return done()

    def _booted(self, _machine: Machine, change: PowerChange) -> None:
        if change.after == "On" and self._pending:
            self._present, self._pending = {**self._present, **self._pending}, {}
