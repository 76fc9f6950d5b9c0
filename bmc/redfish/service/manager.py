"""The Manager, that is the BMC itself, and the Chassis."""

from collections.abc import Callable

from aiohttp import web

from bmc.machine import Machine
from bmc.redfish.service import paths
from bmc.redfish.service.metadata import typed
from bmc.redfish.service.paths import Paths
from bmc.redfish.service.resources import ENABLED, Body, RedfishResource, WriteRequest, collection, done, link
from bmc.redfish.service.system.system import reset_action
from bmc.redfish.vendor import Personality


class ManagerResources:
    """The Manager's and the Chassis' resources, but the Manager's logs and media. `forget` is what its restart does."""

    def __init__(self, machine: Machine, where: Paths, personality: Personality, forget: Callable[[], None]) -> None:
        self._machine = machine
        self._where = where
        self._personality = personality
        self._forget = forget

    def resources(self) -> dict[str, RedfishResource]:
        """All of them, by path."""
        where = self._where
        return {
            paths.CHASSIS: RedfishResource(read=lambda: collection(paths.CHASSIS, "Chassis", [link(where.chassis)])),
            where.chassis: RedfishResource(read=self._chassis),
            paths.MANAGERS: RedfishResource(read=lambda: collection(paths.MANAGERS, "Manager", [link(where.manager)])),
            where.manager: RedfishResource(read=self._manager),
            f"{where.manager}/Actions/Manager.Reset": RedfishResource(writes={"POST": self._reset}),
        }

    def _chassis(self) -> Body:
        where = self._where
        return {
            "@odata.id": where.chassis,
            "@odata.type": typed("Chassis"),
            "Id": where.chassis_id,
            "Name": f"Chassis of {self._machine.name}",
            "ChassisType": "RackMount",
            "Manufacturer": self._personality.manufacturer,
            "Model": self._personality.model,
            "PowerState": self._machine.power,
            "Status": ENABLED,
            "Links": {"ComputerSystems": [link(where.system)], "ManagedBy": [link(where.manager)]},
        }

    def _manager(self) -> Body:
        machine, where, personality = self._machine, self._where, self._personality
        body: Body = {
            "@odata.id": where.manager,
            "@odata.type": typed("Manager"),
            "Id": where.manager_id,
            "Name": f"BMC of {machine.name}",
            "ManagerType": "BMC",
            "UUID": machine.uuid,
            "FirmwareVersion": personality.firmware,
            "DateTime": machine.clock().isoformat(),
            "DateTimeLocalOffset": "+00:00",
            "PowerState": "On",
            "Status": ENABLED,
            "Links": {"ManagerForServers": [link(where.system)], "ManagerForChassis": [link(where.chassis)]},
            "Actions": {"#Manager.Reset": reset_action(where.manager, "Manager", ("GracefulRestart", "ForceRestart"))},
        }
        if personality.manager_tells_reset:
            body["LastResetTime"] = machine.manager_reset_time.isoformat()
        if personality.media_in == "manager":
            body["VirtualMedia"] = link(where.media)
        if personality.log_in == "manager" or personality.keeps_requests:
            body["LogServices"] = link(where.logs)
        return body

    def _reset(self, _call: WriteRequest) -> web.Response:
        """Manager.Reset: sessions, subscriptions, tasks and the log of requests are lost; the server notices nothing."""
        self._forget()
        self._machine.restart_manager()
        return done()
