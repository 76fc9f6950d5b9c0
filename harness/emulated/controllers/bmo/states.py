"""BMO's provisioning states: what each does to the node in Ironic, and where it leads."""

import logging
from collections.abc import Awaitable, Callable

from harness.emulated.controllers.bmo.hardware import hardware_details
from harness.emulated.controllers.bmo.ironic_api import IronicApi, IronicError
from harness.emulated.controllers.bmo.outcome import (
    INSPECTION_SECONDS,
    LONG_RETRY_SECONDS,
    NOTHING,
    SAVE,
    SHORT_RETRY_SECONDS,
    ReconcileResult,
    Work,
)
from harness.emulated.controllers.bmo.power import OFF, Power
from harness.emulated.controllers.bmo.status import clear_error, enter, is_detached, is_inspection_disabled, state_of
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
UNDEPLOY_TROUBLES = {"clean failed": "Cleaning failed: ", "error": ""}
"""States of a node that could not be undeployed -> what BMO says before Ironic's error."""
GIVES_UP_AFTER = 3
"""A host that is to be deleted is let go after so many failures."""

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

    def leave(self, work: Work) -> ReconcileResult:
        """A host that is to be deleted turns to that before all else; NOTHING where it need not."""
        state = state_of(work.status)
        if not _is_deleted(work):
            return NOTHING
        if state not in BEING_DELETED:
            return self._go(work, _way_out(state))
        lost = state != "deleting" and work.failed_by("registration error") and work.status["errorCount"] > GIVES_UP_AFTER
        return self._go(work, "deleting") if lost else NOTHING

    async def step(self, work: Work) -> ReconcileResult:
        """One step of the host's state."""
        state = state_of(work.status)
        if is_detached(work.host):
            return await self._detach(work)
        if work.status["operationalStatus"] == "detached":
            work.status["operationalStatus"] = "error" if work.status.get("errorType") else "OK"
            return SAVE
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

    def _done(self, work: Work, state: str) -> ReconcileResult:
        """What Ironic had to do is done: errors of it are forgotten, and their count."""
        clear_error(work.status)
        work.status["errorCount"] = 0
        return self._go(work, state)

    def _wait(self, recorded_seconds: float = LONG_RETRY_SECONDS) -> ReconcileResult:
        return ReconcileResult(after=self._pace.jitter(recorded_seconds))

    def _going(self, work: Work, recorded_seconds: float = LONG_RETRY_SECONDS) -> ReconcileResult:
        """Ironic has something to do, so what failed before is over."""
        return ReconcileResult(dirty=clear_error(work.status), after=self._pace.jitter(recorded_seconds))

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
            return self._done(work, "preparing")
        if state == "available":
            await self._ironic.provision(ident, "manage")
        if state == "inspect failed" and not work.failed_by("inspection error"):
            return work.fail("inspection error", node.get("last_error") or "Inspection failed", self._pace)
        if state in ("manageable", "inspect failed"):
            await self._ironic.provision(ident, "inspect")
            work.tell("InspectionStarted", "Hardware inspection started")
        return ReconcileResult(dirty=clear_error(work.status), after=INSPECTION_SECONDS)

    async def _available(self, work: Work, node: Json | None) -> ReconcileResult:
        if work.spec.get("externallyProvisioned"):
            return self._go(work, "externally provisioned")
        wanted = work.spec.get("image", {}).get("url")
        if wanted and work.spec.get("online") and not work.status["provisioning"]["image"]["url"]:
            if work.spec["image"] != work.status.get("lastAttemptedImage"):
                work.status["provisioningFailCount"] = 0
            clear_error(work.status)
            return self._go(work, "provisioning")
        if not wanted and work.status["provisioningFailCount"]:
            work.status["provisioningFailCount"] = 0
            work.status.pop("lastAttemptedImage", None)
        if "rootDeviceHints" not in work.status["provisioning"]:
            work.status["provisioning"]["rootDeviceHints"] = {"deviceName": "/dev/sda"}
            return SAVE
        return await self._power.manage(work, node) if node else self._wait()

    async def _provisioning(self, work: Work, node: Json | None) -> ReconcileResult:
        failed = bool(work.status.get("errorType"))
        if failed or not work.spec.get("image", {}).get("url"):
            work.status["provisioningFailCount"] += failed
            return self._go(work, "deprovisioning")
        match node["provision_state"] if node else "":
            case "manageable":
                await self._ironic.provision(work.node_id, "provide")
            case "available" if node:
                return await self._deploy(work, node)
            case "active":
                work.status["provisioning"]["image"] = dict(work.spec["image"])
                work.status["provisioningFailCount"] = 0
                work.tell("ProvisioningComplete", f"Image provisioning completed for {work.spec['image']['url']}")
                return self._done(work, "provisioned")
            case "clean failed":
                await self._ironic.provision(work.node_id, "manage")
            case "deploy failed" if node:
                image = work.spec["image"]
                asked = ", ".join(f"{key}: {image[key]}" for key in ("url", "checksum") if image.get(key))
                text = f"Image provisioning failed ({asked}): {node.get('last_error')}"
                return work.fail("provisioning error", text, self._pace)
        return self._going(work)

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
            case "adopt failed" if not work.failed_by("provisioned registration error"):
                return work.fail("provisioned registration error", f"Host adoption failed: {node.get('last_error')}", self._pace)
            case "manageable" | "adopt failed":
                await self._ironic.provision(node["uuid"], "adopt")
        return self._going(work, SHORT_RETRY_SECONDS)

    async def _deprovisioning(self, work: Work, node: Json | None) -> ReconcileResult:
        if node is None:
            # Without credentials it cannot be made known again, so nobody can clean it any more.
            return self._go(work, "deleting") if _is_deleted(work) and work.secret is None else self._wait()
        if trouble := self._undeploy_trouble(work, node):
            return trouble
        state = node["provision_state"]
        if state in UNDEPLOYING:
            return self._going(work)
        if state in ("manageable", "clean failed"):
            await self._ironic.provision(node["uuid"], "provide" if state == "manageable" else "manage")
            return self._going(work)
        return await self._undeploy(work, node) if state in DEPLOYED else self._undeployed(work)

    async def _undeploy(self, work: Work, node: Json) -> ReconcileResult:
        await self._ironic.provision(node["uuid"], "deleted")
        again = "restarted" if node["provision_state"] == "error" else "started"
        work.tell("DeprovisioningStarted", f"Image deprovisioning {again}")
        return self._going(work, INSPECTION_SECONDS)

    def _undeployed(self, work: Work) -> ReconcileResult:
        work.status["provisioning"]["image"] = {"url": ""}
        work.status["provisioning"].pop("rootDeviceHints", None)
        work.tell("DeprovisioningComplete", "Image deprovisioning completed")
        return self._done(work, "powering off before delete" if _is_deleted(work) else "available")

    def _undeploy_trouble(self, work: Work, node: Json) -> ReconcileResult | None:
        """What Ironic could not do, where that was not told yet; None else: then it is tried again."""
        kind = "provisioning error"
        if node["provision_state"] in UNDEPLOY_TROUBLES and not work.failed_by(kind):
            text = f"{UNDEPLOY_TROUBLES[node['provision_state']]}{node.get('last_error') or ''}"
            failed = work.fail(kind, text or "Deprovisioning failed", self._pace)
            gives_up = _is_deleted(work) and work.status["errorCount"] > GIVES_UP_AFTER
            return self._go(work, "powering off before delete") if gives_up else failed
        return None

    async def _powering_off(self, work: Work, node: Json | None) -> ReconcileResult:
        if node is None or node.get("power_state") in (OFF, None):
            work.status["errorCount"] = 0
            return self._go(work, "deleting")
        if node.get("last_error") and not node.get("target_power_state") and not work.failed_by("power management error"):
            failed = work.fail("power management error", node["last_error"], self._pace)
            return self._go(work, "deleting") if work.status["errorCount"] > GIVES_UP_AFTER else failed
        if not node.get("target_power_state"):
            await self._ironic.power(node["uuid"], OFF)
            work.tell("PowerOff", "Host powered off")
        return self._going(work, SHORT_RETRY_SECONDS)

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


def _is_deleted(work: Work) -> bool:
    return bool(work.host["metadata"].get("deletionTimestamp"))


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
