"""Registration of a host in Ironic: find its node or make one, give it credentials, bring it to `manageable`."""

import base64

from harness.emulated.controllers.bmo.access import access, driver
from harness.emulated.controllers.bmo.ironic_api import IronicApi, IronicError
from harness.emulated.controllers.bmo.outcome import NOTHING, SAVE, SHORT_RETRY_SECONDS, ReconcileResult, Work
from harness.emulated.controllers.bmo.status import (
    begin,
    clear_error,
    end,
    is_detached,
    is_inspection_disabled,
    matches,
    state_of,
    used,
)
from harness.emulated.kube.client import Json
from harness.emulated.plan.time_scale import Pace

ENROL_SECONDS = 0.9
"""Recorded seconds (up to half as much more) from the first call for a new node to the status write.

Other writes to the host meanwhile make that write fail.
"""
LOCKED_TRIES_MAX = 5
LOCKED_PAUSE_SECONDS = 1.0
ERROR = "registration error"
VALIDATED = ("BMCAccessValidated", "Verified access to BMC")
UNREGISTERED_STATES = ("", "unmanaged")
LEAVING_STATES = ("powering off before delete", "deleting")
"""A host that is to be forgotten is not made known again."""


class Registration:
    """Keeps hosts registered, at every reconcile as BMO does."""

    def __init__(self, ironic: IronicApi, pace: Pace) -> None:
        self._ironic = ironic
        self._pace = pace

    async def ensure(self, work: Work) -> ReconcileResult:
        """NOTHING if the host is registered with valid credentials; else the result of the registration step."""
        status, state = work.status, state_of(work.status)
        secret = work.secret
        if state in (*UNREGISTERED_STATES, *LEAVING_STATES) or secret is None or is_detached(work.host):
            return NOTHING
        again = state != "registering" and (work.failed_by(ERROR) or not matches(status["goodCredentials"], secret))
        started = status["operationHistory"]["register"]
        if again and (started["end"] or not started["start"]):
            begin(status, "registering")
        outcome = await self._register(work, secret)
        return self._accept(work, secret, again=again) if outcome == NOTHING else outcome

    async def _register(self, work: Work, secret: Json) -> ReconcileResult:
        """Ironic's side of it: NOTHING once the node is manageable or beyond."""
        status = work.status
        changed = not matches(status["triedCredentials"], secret)
        if changed:
            meta = secret["metadata"]
            status["triedCredentials"] = used(meta["name"], meta["namespace"], meta["resourceVersion"])
        node = await self._find(work)
        if refusal := needs_boot_mac(work.host):
            return work.fail(ERROR, refusal, self._pace)
        if node is None:
            node = await self._enrol(work)
        elif changed:
            await self._renew_credentials(work, node)
        dirty = changed or work.node_id != node["uuid"]
        status["provisioning"]["ID"] = node["uuid"]
        waiting = await self._bring_to_manageable(work, node, again=changed or work.failed_by(ERROR))
        if waiting is None:
            return NOTHING
        if waiting.dirty:
            return waiting
        dirty |= clear_error(status)
        return ReconcileResult(dirty=dirty, after=waiting.after)

    async def _find(self, work: Work) -> Json | None:
        """By id, by its name with and without the namespace, by the port with its MAC address, if it has one: BMO's order."""
        for ident in (work.node_id, work.name, work.host["metadata"]["name"]):
            if ident and (node := await self._ironic.node(ident)):
                return node
        boot = work.spec.get("bootMACAddress")
        return await self._ironic.node_with_port(boot) if boot else None

    async def _enrol(self, work: Work) -> Json:
        node = await self._ironic.create_node(node_body(work))
        await self._pace.sleep(self._pace.jitter(ENROL_SECONDS, 0.5))
        work.tell("Registered", "Registered new host")
        nics = (work.status.get("hardware") or {}).get("nics", [])
        boot = work.spec.get("bootMACAddress")
        if boot:
            await self._ironic.create_port(node["uuid"], boot, pxe=True)
        for mac in sorted({nic["mac"] for nic in nics} - {boot}):
            await self._ironic.create_port(node["uuid"], mac, pxe=False)
        return node

    async def _renew_credentials(self, work: Work, node: Json) -> None:
        """Write them again; a locked node (409) is asked again a few times, as the real client does."""
        operations = [{"op": "replace", "path": "/driver_info", "value": node_body(work)["driver_info"]}]
        for _ in range(LOCKED_TRIES_MAX):
            try:
                await self._ironic.patch_node(node["uuid"], operations)
            except IronicError as error:
                if error.code != 409:
                    raise
                await self._pace.sleep(LOCKED_PAUSE_SECONDS)
            else:
                return

    async def _bring_to_manageable(self, work: Work, node: Json, *, again: bool) -> ReconcileResult | None:
        """None when it is there; the next look otherwise, or the error that Ironic reports. `again`: it is to be tried once more."""
        match node["provision_state"]:
            case "enroll" if node.get("last_error") and not again:
                return work.fail(ERROR, node["last_error"], self._pace)
            case "enroll" if node.get("target_provision_state") != "manageable":
                await self._ironic.provision(node["uuid"], "manage")
            case "enroll" | "verifying":
                pass
            case _:
                return None
        return ReconcileResult(after=self._pace.jitter(SHORT_RETRY_SECONDS))

    def _accept(self, work: Work, secret: Json, *, again: bool) -> ReconcileResult:
        """The node is manageable: note the profile, take the credentials for good, end a registration that was repeated.

        A first registration ends with the state: its handler saves.
        """
        status = work.status
        if not status.get("hardwareProfile"):
            status["hardwareProfile"] = "unknown"
            status["provisioning"]["rootDeviceHints"] = {"deviceName": "/dev/sda"}
            clear_error(status)
            work.tell("ProfileSet", "Hardware profile set: unknown")
            return SAVE
        if matches(status["goodCredentials"], secret) and not work.failed_by(ERROR):
            return NOTHING
        status["goodCredentials"] = dict(status["triedCredentials"])
        status["errorCount"] = 0
        clear_error(status)
        if again:
            end(status, "registering")
        work.tell(*VALIDATED)
        return SAVE if again else NOTHING


def needs_boot_mac(host: Json) -> str:
    """Why BMO refuses a host without `bootMACAddress`; empty where it can do without.

    Inspection discovers the addresses, so it can unless that is disabled; the BMCs of libvirt's machines always need one.
    """
    kind = driver(host["spec"]["bmc"])
    needed = kind == "libvirt" or is_inspection_disabled(host)
    return f"BMC driver {kind} requires a BootMACAddress value" if needed and not host["spec"].get("bootMACAddress") else ""


def node_body(work: Work) -> Json:
    """What BMO enrols: driver and credentials from the BMC address."""
    return {
        "name": work.name,
        **access(work.spec["bmc"], secret_data(work.secret or {})),
        "automated_clean": work.spec.get("automatedCleaningMode", "metadata") != "disabled",
        "properties": {"capabilities": "boot_mode:uefi", "cpu_arch": work.spec.get("architecture") or "x86_64"},
    }


def secret_data(secret: Json) -> dict[str, str]:
    """A Secret's data, decoded."""
    return {key: base64.b64decode(value).decode() for key, value in (secret.get("data") or {}).items()}
