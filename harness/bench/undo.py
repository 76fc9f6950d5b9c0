"""Undoes a run's writes: after an interruption, and by `harness recover` after a kill.

Before a move has begun, all writes are undone, newest first. After that, restarting what was stopped could give a server two
owners, so only faults are removed; the rest is reported.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

import msgspec

from bmc.redfish.event_listener import EventSubscription
from harness.bench.bench import Bench, deployment_path
from harness.bench.network_control import ask
from harness.journal.facts import Body, MoverStarted, WriteIntended, WriteUndone
from harness.journal.journal import Entry
from harness.kube.client import ClusterError, KubeCluster
from harness.lab.access import BmcAccess
from harness.sight.event_subscriptions import UNSUBSCRIBE

GONE_SECONDS = 1800.0
GONE_POLL_SECONDS = 1.0
HARMLESS = ("network", "labels", UNSUBSCRIBE)
"""Undos that are allowed after a move has begun: they change no server's owner."""


class Undoing(msgspec.Struct, frozen=True):
    """One write that may be taken back."""

    write: str
    what: str
    undo: Body


def unfinished(entries: Iterable[Entry]) -> list[Undoing]:
    """Writes that were not undone, newest first; after a move has begun only the HARMLESS ones."""
    writes: dict[str, Undoing] = {}
    moved = False
    for entry in entries:
        match entry.fact:
            case WriteIntended(undo=undo) as fact if undo:
                writes[fact.write] = Undoing(fact.write, fact.what, undo)
            case WriteUndone(write=write):
                writes.pop(write, None)
            case MoverStarted():
                moved = True
            case _:
                pass
    return [item for item in reversed(writes.values()) if not moved or item.undo.get("do") in HARMLESS]


async def undo_unfinished(bench: Bench, how: str, *, embedded: bool) -> None:
    """At the end of a run: undo its writes, unless the scenario ended, was refused, or ran on an embedded lab."""
    if how in ("done", "refused") or embedded:
        return
    for item in unfinished(bench.journal.entries):
        if item.undo.get("do") == UNSUBSCRIBE:
            continue  # the sight that listens gives it up when it closes
        await undo(item, bench.clusters, bench.bmcs)
        bench.undone(item.write, f"taken back: {item.what}")


async def undo(item: Undoing, clusters: Mapping[str, KubeCluster], bmcs: Mapping[str, BmcAccess]) -> None:
    """Undo one write; idempotent. Raises ClusterError or BmcError if that fails."""
    match item.undo:
        case {"do": "scale", "cluster": str(side), "deployment": str(deployment), "replicas": int(replicas)}:
            await clusters[side].patch_merge(deployment_path(deployment), {"spec": {"replicas": replicas}})
        case {"do": "create", "cluster": str(side), "path": str(path), "body": dict(body)}:
            await _unless(409, lambda: clusters[side].create(path, body))
        case {"do": "delete", "cluster": str(side), "path": str(path), "until_gone": True}:
            await _unless(404, lambda: clusters[side].delete(path))
            await _gone(clusters[side], path)
        case {"do": "delete", "cluster": str(side), "path": str(path)}:
            await _unless(404, lambda: clusters[side].delete(path))
        case {"do": "patch", "cluster": str(side), "path": str(path), "operations": list(operations)}:
            await _unless(404, lambda: clusters[side].patch_json(path, operations))
        case {"do": "labels", "cluster": str(side), "path": str(path), "labels": dict(labels)}:
            await _unless(404, lambda: clusters[side].patch_merge(path, {"metadata": {"labels": labels}}))
        case {"do": "network", "url": str(url), "collection": str(collection)}:
            await ask("DELETE", f"{url}/{collection}/{item.write}")
        case {"do": "unsubscribe", "host": str(host), "context": str(context)}:
            access = bmcs[host]
            await EventSubscription(access.address, access.credentials, tls=access.tls, context=context).find_and_delete()
        case other:
            raise ValueError(f"nobody knows how to undo {other}")


async def _gone(cluster: KubeCluster, path: str) -> None:
    """Wait until a deleted object is gone; a host takes as long as cleaning its disk. Raises ClusterError."""
    limit = asyncio.get_running_loop().time() + GONE_SECONDS
    while asyncio.get_running_loop().time() < limit:
        try:
            await cluster.get_json(path)
        except ClusterError as error:
            if error.status == 404:
                return
            raise
        await asyncio.sleep(GONE_POLL_SECONDS)
    raise ClusterError(cluster.place, f"{path} is being deleted, and still there after {GONE_SECONDS:.0f} s; look why")


async def _unless(status: int, call: Callable[[], Awaitable[Body]]) -> None:
    try:
        await call()
    except ClusterError as error:
        if error.status != status:
            raise
