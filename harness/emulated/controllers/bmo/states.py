"""BMO's provisioning states: what each does to the node in Ironic, and where it leads."""

import logging
from collections.abc import Awaitable, Callable

from harness.emulated.controllers.bmo.hardware import hardware_details
from harness.emulated.controllers.bmo.ironic_api import IronicApi, IronicError
from harness.emulated.controllers.bmo.outcome import (
    ERROR_RETRY_SECONDS,
    INSPECTION_SECONDS,
    LONG_RETRY_SECONDS,
    NOTHING,
    SAVE,
    SHORT_RETRY_SECONDS,
    ReconcileResult,
    Work,
)
from harness.emulated.controllers.bmo.power import OFF, Power
from harness.emulated.controllers.bmo.status import clear_error, enter, is_detached, is_inspection_disabled, set_error, state_of
from harness.emulated.kube.client import Json
from harness.emulated.plan.time_scale import Pace

UNMANAGED_SECONDS = 600.0
"""Recorded seconds to the next look at a host that BMO has nothing to do with: detached, or without a BMC."""
GONE = "gone"
"""Not a state: the host may lose its finalizers."""
NEVER_REGISTERED = ("", "registering", "unmanaged")
BEARING_AN_IMAGE = ("provisioning", "provisioned")
BEING_DELETED = ("deprovisioning", "powering off before delete", "deleting")
DEPLOYED = ("active", "deploy failed", "error", "wait call-back", "adopt failed")
UNDEPLOYING = ("deleting", "cleaning", "clean wait", "deploying")

UserData = Callable[[Json], Awaitable[Json]]
"""Makes a host's config drive of the secrets its spec names: `user_data`, `meta_data`, `network_data`."""
StateHandler = Callable[[Work, Json | None], Awaitable[ReconcileResult]]

log = logging.getLogger(__name__)


class States:
    """The state machine of one BMO."""

    def __init__(self, ironic: IronicApi, pace: Pace, user_data: UserData) -> None:
        self._ironic = ironic
        self._pace = pace
        self._user_data = user_data
        self._power = Power(ironic, pace)
        self._handlers: dict[str, StateHandler] = {
            "": self._discovered,
            "unmanaged": self._unmanaged,
            "inspecting": self._inspecting,
            "available": self._available,
            "ready": self._available,
            "provisioning": self._provisioning,
            "provisioned": self._provisioned,
            "externally provisioned": self._steady,
            "deprovisioning": self._deprovisioning,
            "powering off before delete": self._powering_off,
            "deleting": self._deleting,
        }

    async def step(self, work: Work) -> ReconcileResult:
        """One step of the host's state. A host that wants to be deleted turns to that first."""
        state = state_of(work.status)
        if work.host["metadata"].get("deletionTimestamp") and state not in BEING_DELETED:
            return self._go(work, _way_out(state))
        if is_detached(work.host):
            return await self._detach(work)
        if onward := _onward(work, state):
            return self._go(work, onward)
        handler = self._handlers.get(state)
        return await handler(work, await self._node(work)) if handler else NOTHING

    async def _node(self, work: Work) -> Json | None:
        return await self._ironic.node(work.node_id or work.name)

    def _go(self, work: Work, state: str) -> ReconcileResult:
        log.info("changing provisioning state: %s %r -> %r", work.name, state_of(work.status), state)
        enter(work.status, state)
        return SAVE

    def _wait(self, recorded_seconds: float = LONG_RETRY_SECONDS) -> ReconcileResult:
        return ReconcileResult(after=self._pace.jitter(recorded_seconds))

    def _failed(self, work: Work, type_: str, node: Json) -> ReconcileResult:
        dirty = set_error(work.status, type_, node.get("last_error") or f"node is in state {node['provision_state']}")
        return ReconcileResult(dirty=dirty, after=self._pace.jitter(ERROR_RETRY_SECONDS))

    async def _detach(self, work: Work) -> ReconcileResult:
        """Forget the node, not the host: Ironic deletes without touching the server."""
        if work.status["operationalStatus"] == "detached":
            return ReconcileResult(after=UNMANAGED_SECONDS)
        if node := await self._node(work):
            await self._ironic.delete_node(node["uuid"])
        work.status["operationalStatus"] = "detached"
        return SAVE

    async def _discovered(self, work: Work, _: Json | None) -> ReconcileResult:
        """A host without a BMC is noted, no more."""
        work.tell("Discovered", "Discovered host with no BMC details")
        work.status["operationalStatus"] = "discovered"
        return self._go(work, "unmanaged")

    async def _unmanaged(self, work: Work, _: Json | None) -> ReconcileResult:  # noqa: ARG002 - it waits for its user
        return ReconcileResult(after=UNMANAGED_SECONDS)

    async def _inspecting(self, work: Work, node: Json | None) -> ReconcileResult:
        if node is None:
            return self._wait()
        ident, state = node["uuid"], node["provision_state"]
        if state == "manageable" and (found := await self._ironic.inventory(ident)) is not None:
            work.hardware = work.status["hardware"] = hardware_details(found)
            work.tell("InspectionComplete", "Hardware inspection completed")
            clear_error(work.status)
            return self._go(work, "preparing")
        if state == "available":
            await self._ironic.provision(ident, "manage")
        if state == "inspect failed":
            outcome = self._failed(work, "inspection error", node)
            await self._ironic.provision(ident, "inspect")
            return outcome
        if state == "manageable":
            await self._ironic.provision(ident, "inspect")
            work.tell("InspectionStarted", "Hardware inspection started")
        return ReconcileResult(after=INSPECTION_SECONDS)

    async def _available(self, work: Work, node: Json | None) -> ReconcileResult:
        if work.spec.get("externallyProvisioned"):
            return self._go(work, "externally provisioned")
        wanted = work.spec.get("image", {}).get("url")
        if wanted and work.spec.get("online") and not work.status["provisioning"]["image"]["url"]:
            return self._go(work, "provisioning")
        if "rootDeviceHints" not in work.status["provisioning"]:
            work.status["provisioning"]["rootDeviceHints"] = {"deviceName": "/dev/sda"}
            return SAVE
        return await self._power.manage(work, node) if node else self._wait()

    async def _provisioning(self, work: Work, node: Json | None) -> ReconcileResult:
        if not work.spec.get("image", {}).get("url"):
            return self._go(work, "deprovisioning")
        match node["provision_state"] if node else "":
            case "manageable":
                await self._ironic.provision(work.node_id, "provide")
            case "available" if node:
                return await self._deploy(work, node)
            case "active":
                work.status["provisioning"]["image"] = dict(work.spec["image"])
                work.tell("ProvisioningComplete", f"Image provisioning completed for {work.spec['image']['url']}")
                clear_error(work.status)
                return self._go(work, "provisioned")
            case "clean failed" if node:
                await self._ironic.provision(work.node_id, "manage")
                return self._failed(work, "preparation error", node)
            case "deploy failed" if node:
                work.status["provisioningFailCount"] += 1
                self._failed(work, "provisioning error", node)
                return self._go(work, "deprovisioning")
        return self._wait()

    async def _deploy(self, work: Work, node: Json) -> ReconcileResult:
        image = work.spec["image"]
        info = {
            "image_source": image["url"],
            "image_os_hash_algo": image.get("checksumType", "sha256"),
            "image_os_hash_value": image.get("checksum", ""),
            "image_disk_format": image.get("format", "raw"),
        }
        await self._ironic.patch_node(node["uuid"], [{"op": "replace", "path": "/instance_info", "value": info}])
        await self._ironic.provision(node["uuid"], "active", configdrive=await self._user_data(work.host))
        work.status["lastAttemptedImage"] = dict(image)
        work.healthy = True
        work.tell("ProvisioningStarted", f"Image provisioning started for {image['url']}")
        return ReconcileResult(dirty=True, after=self._pace.jitter(LONG_RETRY_SECONDS))

    async def _provisioned(self, work: Work, node: Json | None) -> ReconcileResult:
        wanted = work.spec.get("image", {}).get("url", "")
        there = work.status["provisioning"]["image"].get("url", "")
        if there and wanted != there:
            return self._go(work, "deprovisioning")
        return await self._steady(work, node)

    async def _steady(self, work: Work, node: Json | None) -> ReconcileResult:
        """Adopt what runs into an Ironic that does not know it yet; then keep its power as wanted."""
        if node is None:
            return self._wait()
        match node["provision_state"]:
            case "active":
                return await self._power.manage(work, node)
            case "manageable":
                await self._ironic.provision(node["uuid"], "adopt")
            case "adopt failed":
                outcome = self._failed(work, "provisioned registration error", node)
                await self._ironic.provision(node["uuid"], "adopt")
                return outcome
        return self._wait(SHORT_RETRY_SECONDS)

    async def _deprovisioning(self, work: Work, node: Json | None) -> ReconcileResult:
        state = node["provision_state"] if node else ""
        if state in DEPLOYED:
            await self._ironic.provision(work.node_id, "deleted")
            work.tell("DeprovisioningStarted", "Image deprovisioning started")
            return self._wait(INSPECTION_SECONDS)
        if state in UNDEPLOYING:
            return self._wait()
        if state == "clean failed":
            await self._ironic.provision(work.node_id, "manage")
            return self._wait()
        work.status["provisioning"]["image"] = {"url": ""}
        work.status["provisioning"].pop("rootDeviceHints", None)
        work.tell("DeprovisioningComplete", "Image deprovisioning completed")
        clear_error(work.status)
        deleted = bool(work.host["metadata"].get("deletionTimestamp"))
        return self._go(work, "powering off before delete" if deleted else "available")

    async def _powering_off(self, work: Work, node: Json | None) -> ReconcileResult:
        if node is None or node.get("power_state") in (OFF, None):
            return self._go(work, "deleting")
        if not node.get("target_power_state"):
            await self._ironic.power(node["uuid"], OFF)
            work.tell("PowerOff", "Host powered off")
        return self._wait(SHORT_RETRY_SECONDS)

    async def _deleting(self, work: Work, node: Json | None) -> ReconcileResult:
        if node is None:
            work.status["provisioning"]["state"] = GONE
            return NOTHING
        try:
            await self._ironic.delete_node(node["uuid"])
        except IronicError as error:
            if error.code != 409:
                raise
        return self._wait(SHORT_RETRY_SECONDS)


def _onward(work: Work, state: str) -> str:
    """Where a host goes from a state in which Ironic has nothing to do; empty for all other states."""
    if state in ("", "unmanaged") and work.spec.get("bmc"):
        work.status["provisioning"]["bootMode"] = work.spec.get("bootMode", "UEFI")
        return "registering"
    if state == "registering" and work.spec.get("externallyProvisioned"):
        return "externally provisioned"
    if state == "registering":
        return "preparing" if is_inspection_disabled(work.host) else "inspecting"
    return "available" if state == "preparing" else ""


def _way_out(state: str) -> str:
    if state in NEVER_REGISTERED:
        return "deleting"
    return "deprovisioning" if state in BEARING_AN_IMAGE else "powering off before delete"
