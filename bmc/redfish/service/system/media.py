"""Virtual media, under the System or the Manager."""

from functools import partial

from aiohttp import web

from bmc.machine import Machine
from bmc.redfish.service.errors import missing_parameter
from bmc.redfish.service.metadata import typed
from bmc.redfish.service.paths import Paths
from bmc.redfish.service.resources import Body, RedfishResource, WriteRequest, collection, done, links


class Media:
    """The devices of a machine; which there are is fixed, what is in them is not. No image is ever fetched."""

    def __init__(self, machine: Machine, where: Paths) -> None:
        self._machine = machine
        self._where = where

    def resources(self) -> dict[str, RedfishResource]:
        """The collection, the devices and their actions, by path."""
        folder = self._where.media
        devices = [f"{folder}/{device}" for device in self._machine.media]
        found = {folder: RedfishResource(read=lambda: collection(folder, "VirtualMedia", links(devices)))}
        for device, path in zip(self._machine.media, devices, strict=True):
            found[path] = RedfishResource(read=partial(self._read, path, device))
            found[f"{path}/Actions/VirtualMedia.InsertMedia"] = RedfishResource(writes={"POST": partial(self._insert, device)})
            found[f"{path}/Actions/VirtualMedia.EjectMedia"] = RedfishResource(writes={"POST": partial(self._eject, device)})
        return found

    def _read(self, path: str, device: str) -> Body:
        held = self._machine.media[device]
        return {
            "@odata.id": path,
            "@odata.type": typed("VirtualMedia"),
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
                f"#VirtualMedia.{name}": {"target": f"{path}/Actions/VirtualMedia.{name}"}
                for name in ("InsertMedia", "EjectMedia")
            },
        }

    def _insert(self, device: str, call: WriteRequest) -> web.Response:
        image = call.body.get("Image")
        if not isinstance(image, str) or not image:
            return missing_parameter("VirtualMedia.InsertMedia", "Image")
        self._machine.insert(device, image, write_protected=bool(call.body.get("WriteProtected", True)))
        return done()

    def _eject(self, device: str, _call: WriteRequest) -> web.Response:
        """Ejecting an empty device succeeds."""
        self._machine.eject(device)
        return done()
