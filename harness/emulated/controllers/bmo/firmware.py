"""HostFirmwareSettings, HostFirmwareComponents and FirmwareSchema of a host: made as soon as its node is manageable."""

import contextlib

from harness.emulated.controllers.bmo.ironic_api import IronicApi
from harness.emulated.kube.client import AlreadyExistsError, Client, ConflictError, Json, NotFoundError
from harness.emulated.kube.conditions import Condition, set_condition
from harness.emulated.kube.resources import FIRMWARE_COMPONENTS, FIRMWARE_SCHEMAS, FIRMWARE_SETTINGS, HOSTS, ResourceMapping
from harness.emulated.kube.times import timestamp

SCHEMA = "schema-4f53cda1"
"""Named by upstream after a hash of the schema's content; every server of a lab has the same, empty one."""
UNKNOWN_COMPONENT = {"component": "bmc", "currentVersion": "1.00", "initialVersion": "1.00"}


class Firmware:
    """Keeps the firmware objects of hosts."""

    def __init__(self, client: Client, ironic: IronicApi) -> None:
        self._client = client
        self._ironic = ironic

    async def ensure(self, host: Json) -> None:
        """Make what is missing, empty in its spec; then, where it has none yet, its status from what Ironic tells."""
        settings = await self._made(FIRMWARE_SETTINGS, host, {"settings": {}})
        components = await self._made(FIRMWARE_COMPONENTS, host, {"updates": []})
        if "status" not in components:
            await self._report_components(components, host["status"]["provisioning"]["ID"])
        if "status" not in settings:
            await self._join_schema(host, settings)
            await self._report_settings(settings, host["status"]["provisioning"]["ID"])

    async def _made(self, resource: ResourceMapping, host: Json, spec: Json) -> Json:
        """The host's object, made where it is not there already."""
        meta = {
            "name": host["metadata"]["name"],
            "namespace": host["metadata"]["namespace"],
            "ownerReferences": [HOSTS.reference(host)],
        }
        made = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": meta, "spec": spec}
        try:
            return await self._client.create(resource, made)
        except AlreadyExistsError:
            return await self._client.get(resource, meta["name"], meta["namespace"])

    async def _report_components(self, components: Json, node: str) -> None:
        found = [
            {
                "component": each.get("component"),
                "currentVersion": each.get("current_version"),
                "initialVersion": each.get("initial_version"),
            }
            for each in await self._ironic.firmware(node)
        ]
        components["status"] = {"components": found or [dict(UNKNOWN_COMPONENT)], **_verdict(components, "OK")}
        await self._client.put_status(FIRMWARE_COMPONENTS, components)

    async def _report_settings(self, settings: Json, node: str) -> None:
        values = {each["name"]: each.get("value") for each in await self._ironic.bios(node)}
        schema = {"name": SCHEMA, "namespace": settings["metadata"]["namespace"]}
        settings["status"] = {**_verdict(settings, "Success"), "schema": schema, "settings": values}
        await self._client.put_status(FIRMWARE_SETTINGS, settings)

    async def _join_schema(self, host: Json, settings: Json) -> None:
        """One schema for all: the first host makes it, the others become owners too. They race, and whoever loses tries again."""
        namespace, owner = host["metadata"]["namespace"], FIRMWARE_SETTINGS.reference(settings)
        joined = False
        while not joined:
            with contextlib.suppress(AlreadyExistsError, ConflictError):
                await self._own_schema(_schema(host, namespace, owner), owner)
                joined = True

    async def _own_schema(self, schema: Json, owner: Json) -> None:
        """Make the schema, or become an owner of the one that is there. AlreadyExistsError, ConflictError: another was faster."""
        try:
            there = await self._client.get(FIRMWARE_SCHEMAS, SCHEMA, schema["metadata"]["namespace"])
        except NotFoundError:
            await self._client.create(FIRMWARE_SCHEMAS, schema)
            return
        owners = there["metadata"].setdefault("ownerReferences", [])
        if all(each["uid"] != owner["uid"] for each in owners):
            owners.append(owner)
            await self._client.put(FIRMWARE_SCHEMAS, there)


def _schema(host: Json, namespace: str, owner: Json) -> Json:
    vendor = (host["status"].get("hardware") or {}).get("systemVendor", {})
    named = {"hardwareModel": vendor.get("productName"), "hardwareVendor": vendor.get("manufacturer")}
    spec = {**{key: value for key, value in named.items() if value}, "schema": {}}
    meta = {"name": SCHEMA, "namespace": namespace, "ownerReferences": [owner]}
    return {"apiVersion": FIRMWARE_SCHEMAS.api_version, "kind": FIRMWARE_SCHEMAS.kind, "metadata": meta, "spec": spec}


def _verdict(obj: Json, reason: str) -> Json:
    status: Json = {}
    for said in (Condition("Valid", "True", reason), Condition("ChangeDetected", "False", reason)):
        set_condition(status, said, obj["metadata"]["generation"])
    return {**status, "lastUpdated": timestamp()}
