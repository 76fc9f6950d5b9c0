"""Helpers of many controllers: owner, deletion and pause of an object, and writing only differences."""

from typing import Any

from harness.emulated.controllers.informer import Informer
from harness.emulated.kube.client import Client, Json
from harness.emulated.kube.resources import ResourceMapping

CLUSTER_LABEL = "cluster.x-k8s.io/cluster-name"


def is_deleted(obj: Json) -> bool:
    """Is it on its way out?"""
    return bool(obj["metadata"].get("deletionTimestamp"))


def is_paused(cluster: Json) -> bool:
    """`spec.paused` of a Cluster."""
    return bool(cluster["spec"].get("paused"))


def has_infrastructure(cluster: Json) -> bool:
    """Is a Cluster's infrastructure provisioned?"""
    return bool(cluster.get("status", {}).get("initialization", {}).get("infrastructureProvisioned"))


def owner_of(obj: Json, kind: str) -> str:
    """Name of the object's owner of that kind, or empty."""
    return next((ref["name"] for ref in obj["metadata"].get("ownerReferences", []) if ref["kind"] == kind), "")


def cluster_of(clusters: Informer, obj: Json, name: str = "") -> Json | None:
    """The object's Cluster by `name` or by its label, or None."""
    meta = obj["metadata"]
    return clusters.get((meta["namespace"], name or meta.get("labels", {}).get(CLUSTER_LABEL, "")))


def status_copy(obj: Json) -> Json:
    """A status that may be changed."""
    status: Json = copied(obj.get("status") or {})
    return status


def copied(value: Any) -> Any:
    """A copy of JSON that may be changed: much cheaper than a copy of anything, and made a thousand times a second."""
    if isinstance(value, dict):
        return {name: copied(it) for name, it in value.items()}
    return [copied(it) for it in value] if isinstance(value, list) else value


async def patch_status(client: Client, informer: Informer, obj: Json, status: Json) -> bool:
    """Write the difference as merge patches (lists whole), conditions before everything else as Cluster API's patch helper does.

    False when there is none.
    """
    changes = merge_difference(obj.get("status") or {}, status)
    conditions = {"conditions": changes.pop("conditions")} if "conditions" in changes else {}
    for part in (conditions, changes):
        if part:
            informer.learn(await client.merge_patch(informer.resource, obj, {"status": part}, subresource="status"))
    return bool(conditions or changes)


def merge_difference(before: Json, after: Json) -> Json:
    """The RFC 7386 patch that makes `after` of `before`."""
    patch: Json = {key: None for key in before if key not in after}
    for key, value in after.items():
        there = before.get(key)
        if isinstance(there, dict) and isinstance(value, dict):
            if inner := merge_difference(there, value):
                patch[key] = inner
        elif key not in before or there != value:
            patch[key] = value
    return patch


async def add_finalizer(client: Client, informer: Informer, obj: Json, name: str) -> Json:
    """Put a finalizer on, where it is missing; the object as it is then."""
    meta = obj["metadata"]
    if name in meta.get("finalizers", []):
        return obj
    patch = {"metadata": {"finalizers": [*meta.get("finalizers", []), name], "resourceVersion": meta["resourceVersion"]}}
    return informer.learn(await client.merge_patch(informer.resource, obj, patch))


async def drop_finalizers(client: Client, resource: ResourceMapping, obj: Json, *names: str) -> Json:
    """Take finalizers off (all, if none is named)."""
    meta = obj["metadata"]
    kept = [name for name in meta.get("finalizers", []) if names and name not in names]
    patch = {"metadata": {"finalizers": kept or None, "resourceVersion": meta["resourceVersion"]}}
    return await client.merge_patch(resource, obj, patch)
