"""What says where everything is: the service root, the OData documents, and services that do nothing."""

from aiohttp import web

from bmc.machine import Machine
from bmc.redfish.service import paths
from bmc.redfish.service.metadata import document
from bmc.redfish.service.resources import Body, Fixed, RedfishResource, collection, link
from bmc.redfish.vendor import Personality
from bmc.redfish.wire import ROOT, SYSTEMS

_SERVICES = {
    "Systems": SYSTEMS,
    "Chassis": paths.CHASSIS,
    "Managers": paths.MANAGERS,
    "SessionService": paths.SESSION_SERVICE,
    "AccountService": paths.ACCOUNT_SERVICE,
    "EventService": paths.EVENT_SERVICE,
    "Tasks": paths.TASK_SERVICE,
    "UpdateService": paths.UPDATE_SERVICE,
}


def root(machine: Machine, personality: Personality) -> Fixed:
    """The public resources and the UpdateService."""
    metadata = document(personality.system_version)

    async def answer_metadata(_request: web.Request) -> web.Response:
        return web.Response(body=metadata, content_type="application/xml", headers={"OData-Version": "4.0"})

    return Fixed(
        {
            "/redfish": RedfishResource(read=lambda: {"v1": f"{ROOT}/"}),
            ROOT: RedfishResource(read=lambda: _service_root(machine, personality)),
            f"{ROOT}/odata": RedfishResource(read=_odata),
            paths.METADATA: RedfishResource(answer=answer_metadata),
            paths.UPDATE_SERVICE: RedfishResource(read=_update_service),
            paths.FIRMWARE: RedfishResource(read=lambda: collection(paths.FIRMWARE, "SoftwareInventory", ())),
        }
    )


def _service_root(machine: Machine, personality: Personality) -> Body:
    body: Body = {
        "@odata.id": f"{ROOT}/",
        "@odata.type": "#ServiceRoot.v1_9_0.ServiceRoot",
        "Id": "RootService",
        "Name": "Root Service",
        "RedfishVersion": "1.18.0",
        "UUID": machine.uuid,
        **{name: link(path) for name, path in _SERVICES.items()},
        "Links": {"Sessions": link(paths.SESSIONS)},
        "ProtocolFeaturesSupported": {"ExpandQuery": {"ExpandAll": False, "Levels": False, "Links": False, "NoLinks": False}},
    }
    named = {"Product": personality.product, "Vendor": personality.vendor}
    return body | {name: value for name, value in named.items() if value}


def _odata() -> Body:
    services = [{"name": name, "kind": "Singleton", "url": path} for name, path in _SERVICES.items()]
    return {"@odata.context": paths.METADATA, "value": [{"name": "Service", "kind": "Singleton", "url": f"{ROOT}/"}, *services]}


def _update_service() -> Body:
    """An UpdateService that updates nothing, as sushy and Ironic want to see one."""
    return {
        "@odata.id": paths.UPDATE_SERVICE,
        "@odata.type": "#UpdateService.v1_8_0.UpdateService",
        "Id": "UpdateService",
        "Name": "Update Service",
        "ServiceEnabled": False,
        "Status": {"State": "Disabled"},
        "Actions": {"Oem": {}},
        "FirmwareInventory": link(paths.FIRMWARE),
    }
