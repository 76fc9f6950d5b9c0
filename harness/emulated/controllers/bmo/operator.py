"""BMO's reconcile of a BareMetalHost, in upstream's order (recorded, see docs/fidelity.md)."""

import copy
import logging

from harness.emulated.controllers import events
from harness.emulated.controllers.bmo.firmware import Firmware
from harness.emulated.controllers.bmo.ironic_api import IronicApi
from harness.emulated.controllers.bmo.outcome import (
    AT_ONCE,
    ERROR_RETRY_SECONDS,
    NOT_READY_SECONDS,
    NOTHING,
    ReconcileResult,
    Work,
)
from harness.emulated.controllers.bmo.registration import UNREGISTERED_STATES, VALIDATED, Registration, secret_data
from harness.emulated.controllers.bmo.secrets import Secrets
from harness.emulated.controllers.bmo.states import GONE, States
from harness.emulated.controllers.bmo.status import (
    FINALIZER,
    PAUSED,
    STATUS,
    empty,
    from_annotation,
    set_conditions,
    set_error,
    state_of,
)
from harness.emulated.controllers.informer import Informer, NamespacedName, key_of
from harness.emulated.controllers.runtime import ControllerManager, RetryError, owner_keys
from harness.emulated.kube.client import Client, Json, NotFoundError, StatusError
from harness.emulated.kube.resources import HARDWARE_DATA, HOSTS, SECRETS
from harness.emulated.kube.times import timestamp

HARDWARE_FINALIZER = "baremetalhost.metal3.io/hardwareData"
LATENCY_SECONDS = 0.03
"""Recorded seconds from BMO's wake-up by a host or secret under deletion to its status write.

A change of the host meanwhile makes that write fail. Not divided by the lab's speed, because the mover runs in real time.
"""
WORKERS = 3
INCOMPLETE = {
    "address": "Empty BMC address Missing BMC connection detail 'Address'",
    "username": "Validation error with BMC credentials: Missing BMC connection detail 'username' in credentials",
    "password": "Validation error with BMC credentials: Missing BMC connection details 'password' in credentials",
}
ABSENT = "BMC CredentialsName secret doesn't exist"

log = logging.getLogger(__name__)


class Operator:
    """One BMO: its hosts' reconciler."""

    def __init__(self, manager: ControllerManager, ironic: IronicApi) -> None:
        self._client: Client = manager.client
        self._ironic = ironic
        self._hosts: Informer = manager.informer(HOSTS)
        self._hardware: Informer = manager.informer(HARDWARE_DATA)
        self._secrets = Secrets(manager.client, manager.informer(SECRETS))
        self._registration = Registration(ironic, manager.pace)
        self._states = States(ironic, manager.pace, self._secrets.config_drive)
        self._firmware = Firmware(manager.client, ironic)
        queue = manager.controller(HOSTS, self.reconcile, workers=WORKERS, watch_status=False)
        manager.maps(SECRETS, queue, owner_keys("BareMetalHost"))

    async def reconcile(self, key: NamespacedName) -> float | None:
        """Reconcile one host. A paused host is skipped until it changes."""
        seen = self._hosts.get(key)
        if seen is None or PAUSED in seen["metadata"].get("annotations", {}):
            return None
        host = copy.deepcopy(seen)
        for step in (self._end_hardware, self._restore, self._drop_annotation, self._take_hardware, self._add_finalizer):
            if await step(host):
                return AT_ONCE
        host["status"] = empty() | host.get("status", {})
        secret, problem = await self._credentials(host)
        if problem:
            return await self._tell_missing_secret(host, problem)
        if not await self._ironic.ready():
            log.info("provisioner is not ready: %s/%s", *key)
            return NOT_READY_SECONDS
        return await self._work(Work(host, secret))

    async def _work(self, work: Work) -> float | None:
        """Register the host, take one step of its state and save; events are published only after a successful save."""
        initial = state_of(work.status)
        outcome = self._states.leave(work)
        if outcome == NOTHING:
            outcome = await self._registration.ensure(work)
        if VALIDATED in work.events:
            await self._firmware.ensure(work.host)
        if outcome == NOTHING:
            outcome = await self._states.step(work)
        if state_of(work.status) == GONE:
            await self._let_go(work.host)
            return None
        if work.hardware is not None:
            await self._renew_hardware(work.host, work.hardware)
        await self._save(work, outcome, initial)
        for reason, message in work.events:
            await self._publish(work.host, reason, message)
        return outcome.after

    async def _save(self, work: Work, outcome: ReconcileResult, initial: str) -> None:
        before = copy.deepcopy(work.status.get("conditions"))
        if outcome.dirty or work.healthy is not None:
            set_conditions(work.host, healthy=work.healthy)
        if not outcome.dirty and before == work.status.get("conditions"):
            return
        if work.host["metadata"].get("deletionTimestamp"):
            await self._outlast(work.host)
        try:
            await self._put_status(work.host)
        except StatusError as error:
            raise RetryError(f"failed to save host status after {initial!r}: {error}") from error

    async def _outlast(self, host: Json) -> None:
        """Wait BMO's recorded latency. Raises RetryError if the host changes meanwhile, because the write would conflict."""
        await self._hosts.change_of(key_of(host), LATENCY_SECONDS)
        latest = self._hosts.get(key_of(host))
        if latest and latest["metadata"]["resourceVersion"] != host["metadata"]["resourceVersion"]:
            raise RetryError("failed to save host status: the object has been modified")

    async def _put_status(self, host: Json) -> None:
        host["status"]["lastUpdated"] = timestamp()
        self._hosts.learn(await self._client.put_status(HOSTS, host))

    async def _publish(self, host: Json, reason: str, message: str) -> None:
        made = events.event(host, events.BMO, reason, message, related=host["spec"].get("consumerRef"))
        await events.publish(self._client, made)

    async def _end_hardware(self, host: Json) -> bool:
        """A deleted host lets go of its HardwareData."""
        data = self._hardware.get(key_of(host))
        if host["metadata"].get("deletionTimestamp") and data and data["metadata"].get("finalizers"):
            wanted = copy.deepcopy(data)
            wanted["metadata"]["finalizers"] = []
            self._hardware.learn(await self._client.put(HARDWARE_DATA, wanted))
        return False

    async def _restore(self, host: Json) -> bool:
        """Restore an empty status from the status annotation; without the annotation the host is treated as new."""
        if host.get("status", {}).get("lastUpdated"):
            return False
        hardware = (self._hardware.get(key_of(host)) or {}).get("spec", {}).get("hardware")
        status = from_annotation(host["metadata"].get("annotations", {}).get(STATUS), hardware)
        if status is None:
            log.debug("no status cache found: %s/%s", *key_of(host))
            return False
        try:
            self._hosts.learn(await self._client.put_status(HOSTS, {**host, "status": status}))
        except StatusError as error:
            raise RetryError(f"could not restore status from annotation: {error}") from error
        return True

    async def _drop_annotation(self, host: Json) -> bool:
        if STATUS not in host["metadata"].get("annotations", {}):
            return False
        del host["metadata"]["annotations"][STATUS]
        self._hosts.learn(await self._client.put(HOSTS, host))
        return True

    async def _take_hardware(self, host: Json) -> bool:
        """What inspection found before: its architecture into the spec, its details into the status."""
        hardware = (self._hardware.get(key_of(host)) or {}).get("spec", {}).get("hardware")
        if not hardware:
            return False
        if not host["spec"].get("architecture"):
            host["spec"]["architecture"] = hardware["cpu"]["arch"]
            self._hosts.learn(await self._client.put(HOSTS, host))
            return True
        if host.get("status", {}).get("hardware"):
            return False
        host["status"] = empty() | host.get("status", {}) | {"hardware": hardware}
        await self._put_status(host)
        await self._publish(host, "UpdateHardwareDetails", "Set HardwareDetails from hardware data or annotation")
        return True

    async def _add_finalizer(self, host: Json) -> bool:
        meta = host["metadata"]
        if meta.get("deletionTimestamp") or FINALIZER in meta.get("finalizers", []):
            return False
        meta["finalizers"] = [*meta.get("finalizers", []), FINALIZER]
        self._hosts.learn(await self._client.put(HOSTS, host))
        return True

    async def _credentials(self, host: Json) -> tuple[Json | None, str]:
        """The Secret, or what is wrong with it. A host that is being deleted does without."""
        if state_of(host["status"]) in UNREGISTERED_STATES:
            return None, ""
        secret = self._secrets.credentials(host)
        bmc = host["spec"].get("bmc") or {}
        if host["metadata"].get("deletionTimestamp"):
            return secret, ""
        if not bmc.get("credentialsName"):
            return None, "No BMC CredentialsName defined The BMC secret reference is empty"
        if secret is None:
            return None, f"{ABSENT} The BMC secret {host['metadata']['namespace']}/{bmc['credentialsName']} does not exist"
        secret = await self._secrets.claim(host, secret)
        given = {"address": bmc.get("address"), **secret_data(secret)}
        problem = next((says for key, says in INCOMPLETE.items() if not given.get(key)), "")
        return (None, problem) if problem else (secret, "")

    async def _tell_missing_secret(self, host: Json, problem: str) -> float | None:
        """Count and tell it, each time; a Secret may come at any time, what else is wrong must be changed by somebody."""
        set_error(host["status"], "registration error", problem)
        await self._outlast(host)
        await self._put_status(host)
        await self._publish(host, "BMCCredentialError", problem)
        return ERROR_RETRY_SECONDS if problem.startswith(ABSENT) else None

    async def _renew_hardware(self, host: Json, hardware: Json) -> None:
        """HardwareData cannot be changed: the old one is deleted, a new one made."""
        old = self._hardware.get(key_of(host))
        if old is not None:
            released = {**copy.deepcopy(old), "metadata": {**old["metadata"], "finalizers": []}}
            await self._client.put(HARDWARE_DATA, released)
            await self._client.delete(HARDWARE_DATA, old["metadata"]["name"], old["metadata"]["namespace"])
        owner = {**HOSTS.reference(host), "controller": True, "blockOwnerDeletion": True}
        meta = {
            "name": host["metadata"]["name"],
            "namespace": host["metadata"]["namespace"],
            "finalizers": [HARDWARE_FINALIZER],
            "ownerReferences": [owner],
        }
        made = {"apiVersion": HARDWARE_DATA.api_version, "kind": HARDWARE_DATA.kind, "metadata": meta}
        await self._client.create(HARDWARE_DATA, {**made, "spec": {"hardware": hardware}})

    async def _let_go(self, host: Json) -> None:
        """The host's node is gone: so may its secret and the host itself."""
        await self._secrets.release(host)
        host["metadata"]["finalizers"] = [name for name in host["metadata"].get("finalizers", []) if name != FINALIZER]
        try:
            await self._client.put(HOSTS, host)
        except NotFoundError:
            log.info("host %s/%s is gone already", *key_of(host))
