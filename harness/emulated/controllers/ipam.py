"""The simulated IPAM: gives every IPClaim of a pool its IPAddress, by the addresses there are, and keeps the pool's indexes."""

import ipaddress
from collections.abc import Iterator

from harness.emulated.controllers.informer import Informer, NamespacedName
from harness.emulated.controllers.objects import (
    CLUSTER_LABEL,
    add_finalizer,
    cluster_of,
    drop_finalizers,
    is_deleted,
    is_paused,
    owner_of,
    patch_status,
)
from harness.emulated.controllers.runtime import ControllerManager
from harness.emulated.kube.client import AlreadyExistsError, Client, Json
from harness.emulated.kube.resources import CLUSTERS, IP_ADDRESSES, IP_CLAIMS, IP_POOLS
from harness.emulated.kube.times import timestamp

REQUEUE_SECONDS = 30.0
CLAIM_FINALIZER = "ipclaim.ipam.metal3.io"
ADDRESS_FINALIZER = "ipaddress.ipam.metal3.io"
POOL_FINALIZER = "ippool.ipam.metal3.io"
PROVIDER_LABEL = {"cluster.x-k8s.io/provider": "ipam-metal3"}


class IpPoolReconciler:
    """The reconciler of IPPools."""

    def __init__(self, manager: ControllerManager) -> None:
        self._client: Client = manager.client
        self._clusters: Informer = manager.informer(CLUSTERS)
        self._ours: Informer = manager.informer(IP_POOLS)
        self._claims: Informer = manager.informer(IP_CLAIMS)
        self._addresses: Informer = manager.informer(IP_ADDRESSES)
        queue = manager.controller(IP_POOLS, self.reconcile, workers=1)
        manager.maps(IP_CLAIMS, queue, _pool_of)

    async def reconcile(self, key: NamespacedName) -> float | None:
        """One pool. A pool without `clusterName` is paused by nothing."""
        ours = self._ours.get(key)
        if ours is None:
            return None
        cluster = cluster_of(self._clusters, ours, ours["spec"].get("clusterName", ""))
        if cluster is not None and is_paused(cluster):
            return REQUEUE_SECONDS
        if not is_deleted(ours):
            ours = await self._adopt(ours, cluster)
        taken = {each["spec"]["claim"]["name"]: each for each in self._addresses.items(key[0]) if _pool_of(each) == [key]}
        claims = [each for each in self._claims.items(key[0]) if _pool_of(each) == [key]]
        for claim in claims:
            await (self._end if is_deleted(claim) else self._serve)(ours, claim, taken)
        indexes = {name: each["spec"]["address"] for name, each in sorted(taken.items())}
        if indexes != ours.get("status", {}).get("indexes", {}) or not ours.get("status"):
            told = {"indexes": indexes} if indexes else {}
            await patch_status(self._client, self._ours, ours, {**told, "lastUpdated": timestamp()})
        if is_deleted(ours) and not claims and POOL_FINALIZER in ours["metadata"].get("finalizers", []):
            await drop_finalizers(self._client, IP_POOLS, ours, POOL_FINALIZER)
        return None

    async def _adopt(self, ours: Json, cluster: Json | None) -> Json:
        """Finalizer, labels, and the Cluster as owner, where they are missing; the pool as it is then."""
        meta = ours["metadata"]
        wanted: Json = {"finalizers": [*meta.get("finalizers", []), POOL_FINALIZER]}
        if cluster is not None and not owner_of(ours, "Cluster"):
            wanted["labels"] = {**PROVIDER_LABEL, CLUSTER_LABEL: cluster["metadata"]["name"]}
            wanted["ownerReferences"] = [*meta.get("ownerReferences", []), {**CLUSTERS.reference(cluster), "controller": False}]
        elif POOL_FINALIZER in meta.get("finalizers", []):
            return ours
        wanted["finalizers"] = sorted(set(wanted["finalizers"]))
        return self._ours.learn(await self._client.merge_patch(IP_POOLS, ours, {"metadata": wanted}))

    async def _serve(self, ours: Json, claim: Json, taken: dict[str, Json]) -> None:
        name = claim["metadata"]["name"]
        if name not in taken:
            taken[name] = await self._allocate(ours, claim, {each["spec"]["address"] for each in taken.values()})
        claim = await add_finalizer(self._client, self._claims, claim, CLAIM_FINALIZER)
        address = {"name": taken[name]["metadata"]["name"], "namespace": claim["metadata"]["namespace"]}
        await patch_status(self._client, self._claims, claim, {"address": address})

    async def _allocate(self, ours: Json, claim: Json, used: set[str]) -> Json:
        spec, meta = ours["spec"], claim["metadata"]
        address = next(each for each in _range(spec["pools"]) if each not in used)
        made = {
            "apiVersion": IP_ADDRESSES.api_version,
            "kind": IP_ADDRESSES.kind,
            "metadata": {
                "name": f"{spec['namePrefix']}-{address.replace('.', '-')}",
                "namespace": meta["namespace"],
                "labels": meta.get("labels", {}),
                "finalizers": [ADDRESS_FINALIZER],
                "ownerReferences": [IP_POOLS.reference(ours), IP_CLAIMS.reference(claim)],
            },
            "spec": {
                "address": address,
                "claim": {"name": meta["name"], "namespace": meta["namespace"]},
                "gateway": spec.get("gateway"),
                "pool": {"name": ours["metadata"]["name"], "namespace": meta["namespace"]},
                "prefix": spec.get("prefix"),
            },
        }
        try:
            return self._addresses.learn(await self._client.create(IP_ADDRESSES, made))
        except AlreadyExistsError:
            return await self._client.get(IP_ADDRESSES, f"{spec['namePrefix']}-{address.replace('.', '-')}", meta["namespace"])

    async def _end(self, _: Json, claim: Json, taken: dict[str, Json]) -> None:
        """The address goes, then the claim."""
        address = taken.pop(claim["metadata"]["name"], None)
        if address is not None and not is_deleted(address):
            released = self._addresses.learn(await drop_finalizers(self._client, IP_ADDRESSES, address, ADDRESS_FINALIZER))
            await self._client.delete(IP_ADDRESSES, released["metadata"]["name"], released["metadata"]["namespace"])
        if CLAIM_FINALIZER in claim["metadata"].get("finalizers", []):
            self._claims.learn(await drop_finalizers(self._client, IP_CLAIMS, claim, CLAIM_FINALIZER))


def _range(pools: list[Json]) -> Iterator[str]:
    for pool in pools:
        first, last = (int(ipaddress.ip_address(pool[end])) for end in ("start", "end"))
        for number in range(first, last + 1):
            yield str(ipaddress.ip_address(number))


def _pool_of(obj: Json) -> list[NamespacedName]:
    pool = obj["spec"]["pool"]
    return [(pool.get("namespace") or obj["metadata"]["namespace"], pool["name"])]
