"""How CAPM3 gives a new Metal3Machine its host: claims one, lets its data be rendered, and hands the host image and data.

Every step is a reconcile of its own, woken by what the one before it wrote, in the recorded order of writes.
"""

from collections.abc import Awaitable, Callable

from harness.emulated.controllers.capm3.choice import choose
from harness.emulated.controllers.informer import Informer
from harness.emulated.controllers.objects import CLUSTER_LABEL
from harness.emulated.controllers.runtime import ControllerManager
from harness.emulated.kube.client import AlreadyExistsError, Client, Json
from harness.emulated.kube.conditions import NOT_PAUSED, Condition
from harness.emulated.kube.resources import HOSTS, MACHINES, METAL3_DATA_CLAIMS, METAL3_MACHINES, SECRETS

HOST_ANNOTATION = "metal3.io/BareMetalHost"
FINALIZER = "metal3machine.infrastructure.cluster.x-k8s.io"
REQUEUE_SECONDS = 30.0
NO_HOST_IS_FREE = (
    "failed to associate the Metal3Machine to a BareMetalHost: "
    "no available host found. Requeuing. Object will be requeued after 30s"
)
ASSOCIATED = Condition("AssociateBareMetalHost", "True", "AssociateBareMetalHostSuccess")
NONE_FREE = Condition("AssociateBareMetalHost", "False", "AssociateBareMetalHostFailed", NO_HOST_IS_FREE)
NO_BOOTSTRAP = Condition(
    "AssociateBareMetalHost", "False", "WaitingForBootstrapReady", "Waiting for bootstrap data to be available"
)

Say = Callable[..., Awaitable[None]]
"""Writes conditions of a Metal3Machine, then `main` (its metadata and spec), then `more` (the rest of its status)."""


class Association:
    """The first steps of a Metal3Machine with its host."""

    def __init__(self, manager: ControllerManager, say: Say) -> None:
        self._client: Client = manager.client
        self._dice = manager.pace.random
        self._say = say
        self._ours: Informer = manager.informer(METAL3_MACHINES)
        self._machines: Informer = manager.informer(MACHINES)
        self._hosts: Informer = manager.informer(HOSTS)
        self._secrets: Informer = manager.informer(SECRETS)
        self._claims: Informer = manager.informer(METAL3_DATA_CLAIMS)

    async def begin(self, ours: Json, machine_name: str) -> float | None:
        """Claim a host, or report that none is free. Returns seconds to the next try; None if the write itself triggers it."""
        meta = ours["metadata"]
        changed: Json = {}
        if FINALIZER not in meta.get("finalizers", []):
            changed["finalizers"] = [*meta.get("finalizers", []), FINALIZER]
        machine = self._machines.get((meta["namespace"], machine_name)) or {}
        boot = machine.get("spec", {}).get("bootstrap", {}).get("dataSecretName")
        host = choose(self._hosts.items(meta["namespace"]), ours, self._dice) if boot else None
        if host is None:
            said = NONE_FREE if boot else NO_BOOTSTRAP
            await self._say(ours, said, NOT_PAUSED, main={"metadata": changed} if changed else {})
            return REQUEUE_SECONDS
        await self._claim_host(ours, host)
        changed["annotations"] = {HOST_ANNOTATION: f"{meta['namespace']}/{host['metadata']['name']}"}
        user_data = {"userData": {"name": boot, "namespace": meta["namespace"]}}
        await self._say(ours, ASSOCIATED, NOT_PAUSED, main={"metadata": changed}, more=user_data)
        return None

    async def _claim_host(self, ours: Json, host: Json) -> None:
        """Name ourselves the host's consumer, unless somebody changed the host meanwhile; and label it and its BMC's secret."""
        meta = ours["metadata"]
        label = {CLUSTER_LABEL: meta["labels"][CLUSTER_LABEL]}
        consumer = {
            "apiVersion": METAL3_MACHINES.api_version,
            "kind": METAL3_MACHINES.kind,
            "name": meta["name"],
            "namespace": meta["namespace"],
        }
        claimed = {"resourceVersion": host["metadata"]["resourceVersion"], "labels": label}
        patch = {"metadata": claimed, "spec": {"consumerRef": consumer, "online": True}}
        self._hosts.learn(await self._client.merge_patch(HOSTS, host, patch))
        secret = self._secrets.get((meta["namespace"], host["spec"]["bmc"]["credentialsName"]))
        if secret is not None:
            self._secrets.learn(await self._client.merge_patch(SECRETS, secret, {"metadata": {"labels": label}}))

    async def claim_data(self, ours: Json) -> None:
        """Ask for the data that the machine's template describes; a claim that is there already is well."""
        meta, template = ours["metadata"], ours["spec"]["dataTemplate"]
        made = {
            "apiVersion": METAL3_DATA_CLAIMS.api_version,
            "kind": METAL3_DATA_CLAIMS.kind,
            "metadata": {
                "name": meta["name"],
                "namespace": meta["namespace"],
                "labels": meta.get("labels", {}),
                "finalizers": [FINALIZER],
                "ownerReferences": [{**METAL3_MACHINES.reference(ours), "controller": True}],
            },
            "spec": {"template": {"name": template["name"], "namespace": template.get("namespace") or meta["namespace"]}},
        }
        try:
            self._claims.learn(await self._client.create(METAL3_DATA_CLAIMS, made))
        except AlreadyExistsError:
            return

    async def hand_over(self, ours: Json, host: Json, names: Json) -> Json:
        """Give the host what it lacks: power, and image and data where it has no image yet; the host as it is then."""
        spec: Json = {} if host["spec"].get("online") else {"online": True}
        user_data = (ours.get("status") or {}).get("userData")
        if user_data and not host["spec"].get("image"):
            spec |= {"image": _image(ours["spec"]["image"]), "userData": user_data}
            spec |= {field: names[field] for field in ("metaData", "networkData")}
        return self._hosts.learn(await self._client.merge_patch(HOSTS, host, {"spec": spec})) if spec else host


def _image(wanted: Json) -> Json:
    """A Metal3Machine's image as a BareMetalHost has it."""
    names = {"url": "url", "checksum": "checksum", "checksumType": "checksumType", "diskFormat": "format"}
    return {theirs: wanted[ours] for ours, theirs in names.items() if wanted.get(ours)}
