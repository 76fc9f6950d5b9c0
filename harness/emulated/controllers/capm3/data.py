"""Metal3Data: claims addresses, renders the secrets of a host's config drive, gives both back at its end."""

import json

from harness.emulated.controllers.informer import Informer, NamespacedName
from harness.emulated.controllers.objects import (
    CLUSTER_LABEL,
    cluster_of,
    drop_finalizers,
    is_deleted,
    is_paused,
    owner_of,
    patch_status,
)
from harness.emulated.controllers.runtime import ControllerManager, owner_keys
from harness.emulated.kube.client import AlreadyExistsError, Client, Json
from harness.emulated.kube.resources import (
    CLUSTERS,
    IP_ADDRESSES,
    IP_CLAIMS,
    METAL3_DATA,
    METAL3_DATA_TEMPLATES,
    METAL3_MACHINES,
    SECRETS,
)

REQUEUE_SECONDS = 30.0
RENDER_SECONDS = 1.5
"""Recorded between new data and their secrets."""
FINALIZER = "metal3data.infrastructure.cluster.x-k8s.io"
HOST_ANNOTATION = "metal3.io/BareMetalHost"


class Metal3DataReconciler:
    """The reconciler of Metal3Data."""

    def __init__(self, manager: ControllerManager) -> None:
        self._client: Client = manager.client
        self._pace = manager.pace
        self._clusters: Informer = manager.informer(CLUSTERS)
        self._ours: Informer = manager.informer(METAL3_DATA)
        self._templates: Informer = manager.informer(METAL3_DATA_TEMPLATES)
        self._machines: Informer = manager.informer(METAL3_MACHINES)
        self._claims: Informer = manager.informer(IP_CLAIMS)
        self._addresses: Informer = manager.informer(IP_ADDRESSES)
        self._secrets: Informer = manager.informer(SECRETS)
        queue = manager.controller(METAL3_DATA, self.reconcile)
        manager.maps(IP_CLAIMS, queue, owner_keys("Metal3Data"))

    async def reconcile(self, key: NamespacedName) -> float | None:
        """One Metal3Data."""
        ours = self._ours.get(key)
        if ours is None:
            return None
        cluster = cluster_of(self._clusters, ours)
        if cluster is not None and is_paused(cluster):
            return REQUEUE_SECONDS
        if is_deleted(ours):
            await self._end(ours)
            return None
        template = self._templates.get((key[0], ours["spec"]["template"]["name"]))
        if template is None:
            return REQUEUE_SECONDS
        leases = [await self._lease(ours, pool) for pool in _pools(template)]
        ours = await self._name(ours)
        if any(lease is None for lease in leases):
            return REQUEUE_SECONDS
        await self._render(ours, [lease for lease in leases if lease is not None])
        await patch_status(self._client, self._ours, ours, {"ready": True})
        return None

    async def _name(self, ours: Json) -> Json:
        """Name the secrets of new data, which are not ready yet; the data as they are then."""
        meta, claim = ours["metadata"], ours["spec"]["claim"]["name"]
        if FINALIZER in meta.get("finalizers", []):
            return ours
        names = {"metaData": f"{claim}-metadata", "networkData": f"{claim}-networkdata"}
        spec = {field: {"name": name, "namespace": meta["namespace"]} for field, name in names.items()}
        patch = {"metadata": {"finalizers": [*meta.get("finalizers", []), FINALIZER]}, "spec": spec}
        ours = self._ours.learn(await self._client.merge_patch(METAL3_DATA, ours, patch))
        await patch_status(self._client, self._ours, ours, {"ready": False})
        return self._ours.get((meta["namespace"], meta["name"])) or ours

    async def _lease(self, ours: Json, pool: str) -> Json | None:
        """The IPAddress of this data in that pool, or None as long as there is none; its claim is made where missing."""
        namespace, name = ours["metadata"]["namespace"], f"{ours['metadata']['name']}-{pool}"
        claim = self._claims.get((namespace, name))
        if claim is None:
            await self._claim(ours, name, pool)
            return None
        address = claim.get("status", {}).get("address", {}).get("name")
        return self._addresses.get((namespace, address)) if address else None

    async def _claim(self, ours: Json, name: str, pool: str) -> None:
        meta = {
            "name": name,
            "namespace": ours["metadata"]["namespace"],
            "labels": ours["metadata"].get("labels", {}),
            "finalizers": [FINALIZER],
            "ownerReferences": [{**METAL3_DATA.reference(ours), "controller": True}],
        }
        spec = {"pool": {"name": pool, "namespace": meta["namespace"]}}
        made = {"apiVersion": IP_CLAIMS.api_version, "kind": IP_CLAIMS.kind, "metadata": meta, "spec": spec}
        try:
            self._claims.learn(await self._client.create(IP_CLAIMS, made))
        except AlreadyExistsError:
            return

    async def _render(self, ours: Json, leases: list[Json]) -> None:
        """The two secrets; those that are there already stay as they are."""
        spec, meta = ours["spec"], ours["metadata"]
        machine = self._machines.get((meta["namespace"], owner_of(ours, "Metal3Machine")))
        _, _, host = ((machine or {}).get("metadata", {}).get("annotations") or {}).get(HOST_ANNOTATION, "").partition("/")
        provider = f"{meta['namespace']}/{host}/{spec['claim']['name']}"
        address = leases[0]["spec"]["address"] if leases else ""
        contents = {
            "metaData": {
                "local-hostname": host,
                "name": spec["claim"]["name"],
                "providerid": provider,
                "provisioningIP": address,
            },
            "networkData": {
                "links": [],
                "networks": [{"id": "provisioning", "type": "ipv4", "ip_address": address}],
                "services": [],
            },
        }
        if any(self._secrets.get((meta["namespace"], spec[field]["name"])) is None for field in contents):
            await self._pace.sleep(RENDER_SECONDS)
        for field, content in contents.items():
            if self._secrets.get((meta["namespace"], spec[field]["name"])) is None:
                await self._secret(ours, spec[field]["name"], {field: json.dumps(content, sort_keys=True)})

    async def _secret(self, ours: Json, name: str, content: dict[str, str]) -> None:
        meta = {
            "name": name,
            "namespace": ours["metadata"]["namespace"],
            "labels": {CLUSTER_LABEL: ours["metadata"]["labels"][CLUSTER_LABEL]},
            "ownerReferences": [{**METAL3_DATA.reference(ours), "controller": True}],
        }
        kind = {"apiVersion": "v1", "kind": "Secret", "type": "infrastructure.cluster.x-k8s.io/secret"}
        try:
            await self._client.create(SECRETS, {**kind, "metadata": meta, "stringData": content})
        except AlreadyExistsError:
            return

    async def _end(self, ours: Json) -> None:
        """Give the addresses back, then go; the secrets follow their owner."""
        for claim in list(self._claims.items(ours["metadata"]["namespace"])):
            if owner_of(claim, "Metal3Data") != ours["metadata"]["name"]:
                continue
            latest = claim
            if FINALIZER in claim["metadata"].get("finalizers", []):
                latest = self._claims.learn(await drop_finalizers(self._client, IP_CLAIMS, claim, FINALIZER))
            if not is_deleted(latest):
                await self._client.delete(IP_CLAIMS, claim["metadata"]["name"], claim["metadata"]["namespace"])
        if FINALIZER in ours["metadata"].get("finalizers", []):
            self._ours.learn(await drop_finalizers(self._client, METAL3_DATA, ours, FINALIZER))


def _pools(template: Json) -> list[str]:
    """Names of the pools that the template takes addresses from."""
    meta, network = template["spec"].get("metaData", {}), template["spec"].get("networkData", {})
    named = [each["name"] for each in meta.get("ipAddressesFromPool", [])]
    named += [
        each["ipAddressFromIPPool"] for each in network.get("networks", {}).get("ipv4", []) if "ipAddressFromIPPool" in each
    ]
    return sorted(set(named))
