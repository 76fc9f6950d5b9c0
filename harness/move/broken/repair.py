"""Finishes an interrupted move: each write is journaled first, and made only after its precondition was read.

The writes have no undo: after a mover has run, undoing could give a server two owners. Instead, no object is deleted before its
copy was seen, and no Cluster is un-paused while a host lacks its status.
"""

from collections.abc import Collection, Iterable

from harness.bench.bench import Bench, replicas_of
from harness.bench.ironic import stop_ironic
from harness.bench.operator import stop_operator
from harness.errors import StepFailedError
from harness.journal.facts import Body, Side
from harness.kube.errors import ClusterError
from harness.metal3 import BLOCK_MOVE, CLUSTER_PAUSED, DELETE_FOR_MOVE, PAUSED, PAUSED_BY_CAPM3, STATUS
from harness.move.broken.known import KnownHost
from harness.move.end_state import clusters, is_paused
from harness.move.objects import CLUSTER_CLASS, Inventory, Key, MovableObject, deletion_order
from harness.world.world import World

BLOCKED_SECONDS = 120.0
DELETE_TRIES = 5
HOST_KIND = "BareMetalHost"


async def unpause(bench: Bench, side: Side, inventory: Inventory) -> None:
    """Un-pause every Cluster and ClusterClass of these."""
    for item in inventory.values():
        if item.key[:2] == CLUSTER_CLASS and CLUSTER_PAUSED in item.annotations:
            await _patch(bench, side, item, "un-pause", {"metadata": {"annotations": {CLUSTER_PAUSED: None}}})
    for item in clusters(inventory):
        if is_paused(item):
            await _patch(bench, side, item, "un-pause", {"spec": {"paused": None}})


async def until_blocked_again(bench: Bench, side: Side, hosts: Iterable[KnownHost]) -> None:
    """Wait until each host that blocked the move before does so again, un-paused.

    A mover that starts sooner finds no block-move, waits for nobody, and may copy a host between two of CAPM3's writes.
    """
    blocked = [host for host in hosts if host.blocked]

    def holds(world: World) -> bool:
        versions = [world.last(side, HOST_KIND, host.namespace, host.object_name) for host in blocked]
        return all(it is not None and BLOCK_MOVE in it.annotations and PAUSED not in it.annotations for it in versions)

    await bench.until(holds, BLOCKED_SECONDS, f"CAPM3 of the {side} to block the move of every host again")


async def quieten(bench: Bench, side: Side) -> None:
    """Stop the Baremetal Operator and the Ironic of a side, where they run: either would act on a host that lost its pause."""
    runs_as = bench.ironic_runs_as(side)
    if replicas_of(bench.world, side, bench.bmo_deployment(side)):
        await stop_operator(bench, side)
    if runs_as.kind == "deployment" and replicas_of(bench.world, side, f"{runs_as.namespace}/{runs_as.name}"):
        await stop_ironic(bench, side)


async def finish_deletion(bench: Bench, side: Side, here: Inventory, there: Inventory, before: Collection[Key]) -> None:
    """Delete from a side what was moved: what is in flight first, then owners after what they own.

    Raises StepFailedError at the first object that has no copy on the other side.
    """
    order = deletion_order(here, before)
    in_flight = [item for item in order if DELETE_FOR_MOVE in item.annotations]
    for item in [*in_flight, *(item for item in order if item not in in_flight)]:
        if item.key not in there:
            raise StepFailedError(f"{item.key} of the {side} has no copy on the other side, so it is not deleted; look why")
        await delete_moved(bench, side, item)


async def delete_moved(bench: Bench, side: Side, item: MovableObject) -> None:
    """Pause, mark and remove finalizers in one write before the deletion, so that no controller can act in between."""
    annotations = {DELETE_FOR_MOVE: "", **({PAUSED: PAUSED_BY_CAPM3} if item.key.kind == HOST_KIND else {})}
    patch: Body = {"metadata": {"uid": item.uid, "annotations": annotations, "finalizers": None}}
    cluster = bench.clusters[side]
    host = item.key.name if item.key.kind == HOST_KIND else ""
    async with bench.writing(f"cluster {side}", f"free {item.key} of its finalizers, and delete it", host=host):
        for _ in range(DELETE_TRIES):
            try:
                await cluster.patch_merge(item.path, patch)
                await cluster.delete(item.path, {"preconditions": {"uid": item.uid}})
                await cluster.get_json(item.path)  # still there: somebody put a finalizer back meanwhile
            except ClusterError as error:
                if error.status == 404:
                    return
                raise StepFailedError(str(error)) from error
    raise StepFailedError(f"{item.key} stays in the {side}: somebody puts a finalizer back again and again")


async def secure_hosts(bench: Bench, side: Side, there: Inventory, hosts: Iterable[KnownHost]) -> None:
    """See that no promised host comes up in its new cluster without its status; StepFailedError where one cannot be saved."""
    by_name = {(item.key.namespace, item.key.name): item for item in there.values() if item.key.kind == HOST_KIND}
    for host in hosts:
        item = by_name.get((host.namespace, host.object_name))
        if item is None:
            raise StepFailedError(f"{host.name} is not in the {side}, so un-pausing its Cluster there would lose it")
        if not has_status(item):
            await _give_back_status(bench, side, item, host)
        elif DELETE_FOR_MOVE in item.annotations:
            await _patch(bench, side, item, "take the mover's mark from", {"metadata": {"annotations": {DELETE_FOR_MOVE: None}}})


def has_status(item: MovableObject) -> bool:
    """Does its owner know what became of the server: by the host's status, or by the annotation that it is restored from?"""
    status: Body = item.body.get("status") or {}
    return bool((status.get("provisioning") or {}).get("state")) or STATUS in item.annotations


async def _give_back_status(bench: Bench, side: Side, item: MovableObject, host: KnownHost) -> None:
    """Write the newest status annotation that was seen of this host."""
    if not host.status:
        raise StepFailedError(
            f"{host.name} has lost its status in the {side}, and its status annotation was never seen: keep it paused"
        )
    annotations = {STATUS: host.status, PAUSED: PAUSED_BY_CAPM3, DELETE_FOR_MOVE: None}
    await _patch(bench, side, item, "give its status annotation back to", {"metadata": {"annotations": annotations}})


async def _patch(bench: Bench, side: Side, item: MovableObject, what: str, patch: Body) -> None:
    host = item.key.name if item.key.kind == HOST_KIND else ""
    async with bench.writing(f"cluster {side}", f"{what} {item.key}", host=host):
        await bench.ask(bench.clusters[side].patch_merge(item.path, patch))
