"""How CAPM3 lets a host go when its Metal3Machine is deleted, with what upstream leaves behind on the host.

Left behind by upstream: the block-move annotation, `metaData`, `networkData`, and `userData` where the machine has forgotten it (after
a pivot).
"""

from harness.emulated.controllers.informer import Informer
from harness.emulated.controllers.objects import CLUSTER_LABEL, drop_finalizers, is_deleted, patch_status, status_copy
from harness.emulated.controllers.runtime import ControllerManager
from harness.emulated.kube.client import Client, Json
from harness.emulated.kube.conditions import Condition, set_condition
from harness.emulated.kube.resources import HOSTS, METAL3_DATA_CLAIMS, METAL3_MACHINES, SECRETS

MACHINE_FINALIZER = "metal3machine.infrastructure.cluster.x-k8s.io"
REQUEUE_SECONDS = 30.0
FREE_STATES = ("available", "ready", "")
WAITING = "failed to delete Metal3Machine: deprovisioning BareMetalHost. Object will be requeued after 30s"


class MachineRelease:
    """The steps of a Metal3Machine's deletion; each is done again until it has nothing left to do."""

    def __init__(self, manager: ControllerManager) -> None:
        self._client: Client = manager.client
        self._ours: Informer = manager.informer(METAL3_MACHINES)
        self._hosts: Informer = manager.informer(HOSTS)
        self._claims: Informer = manager.informer(METAL3_DATA_CLAIMS)
        self._secrets: Informer = manager.informer(SECRETS)

    async def step(self, ours: Json, host: Json | None) -> float | None:
        """Let the data go, have the host deprovisioned, free the host, end the machine."""
        await self._drop_claim(ours)
        if host is not None and host["spec"].get("consumerRef", {}).get("name") == ours["metadata"]["name"]:
            await self._unlabel_secret(host)
            host = await self._clear_image(ours, host)
            if not _is_free(host):
                await self._say(ours, "DeletionFailed", WAITING)
                return REQUEUE_SECONDS
            await self._free(host)
        await self._say(ours, "Deleting")
        ours = self._ours.get((ours["metadata"]["namespace"], ours["metadata"]["name"])) or ours
        self._ours.learn(await drop_finalizers(self._client, METAL3_MACHINES, ours, MACHINE_FINALIZER))
        return None

    async def _drop_claim(self, ours: Json) -> None:
        claim = self._claims.get((ours["metadata"]["namespace"], ours["metadata"]["name"]))
        if claim is None or is_deleted(claim):
            return
        if MACHINE_FINALIZER in claim["metadata"].get("finalizers", []):
            claim = self._claims.learn(await drop_finalizers(self._client, METAL3_DATA_CLAIMS, claim, MACHINE_FINALIZER))
        await self._client.delete(METAL3_DATA_CLAIMS, claim["metadata"]["name"], claim["metadata"]["namespace"])

    async def _unlabel_secret(self, host: Json) -> None:
        secret = self._secrets.get((host["metadata"]["namespace"], host["spec"]["bmc"]["credentialsName"]))
        if secret and CLUSTER_LABEL in secret["metadata"].get("labels", {}):
            patch = {"metadata": {"labels": {CLUSTER_LABEL: None}}}
            self._secrets.learn(await self._client.merge_patch(SECRETS, secret, patch))

    async def _clear_image(self, ours: Json, host: Json) -> Json:
        spec = host["spec"]
        known = ours.get("status", {}).get("userData", {}).get("name")
        forgotten = known is not None and spec.get("userData", {}).get("name") == known
        changes: Json = {"image": None} if "image" in spec else {}
        if forgotten:
            changes["userData"] = None
        if spec.get("online") and "image" in spec:
            changes["online"] = False
        if not changes:
            return host
        return self._hosts.learn(await self._client.merge_patch(HOSTS, host, {"spec": changes}))

    async def _say(self, ours: Json, reason: str, message: str = "") -> None:
        status, generation = status_copy(ours), ours["metadata"]["generation"]
        for field in ("metaData", "networkData", "renderedData", "userData"):
            status.pop(field, None)
        set_condition(status, Condition("AssociateMetal3MachineMetaData", "False", reason, message), generation)
        text = f"* AssociateMetal3MachineMetaData: {message or reason}"
        set_condition(status, Condition("Ready", "False", "NotReady", text), generation)
        await patch_status(self._client, self._ours, ours, status)

    async def _free(self, host: Json) -> None:
        patch = {"metadata": {"labels": {CLUSTER_LABEL: None}}, "spec": {"consumerRef": None}}
        self._hosts.learn(await self._client.merge_patch(HOSTS, host, patch))


def _is_free(host: Json) -> bool:
    provisioning = host.get("status", {}).get("provisioning", {})
    return provisioning.get("state", "") in FREE_STATES and not provisioning.get("image", {}).get("url")
