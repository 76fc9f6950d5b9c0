"""Puts back what a move deleted from its origin, from a backup: so the move is given up although its point of no return is past.

Each object is made as a mover makes it in its target: without status, hosts with theirs as an annotation, owners by their new uids.
The copies in the destination are deleted only when all is back; until then no host is without its pause on either side.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.bench.bench import Bench
from harness.errors import StepFailedError, UsageError
from harness.journal.facts import Body, Side
from harness.kube.errors import ClusterError
from harness.metal3 import DELETE_FOR_MOVE
from harness.move.backup import read_backup
from harness.move.broken.known import KnownMove
from harness.move.broken.repair import delete_moved, finish_deletion, quieten, unpause
from harness.move.look import inventories, inventory
from harness.move.objects import Inventory, MovableObject, deletion_order, movable_kinds

MADE_BY_SERVER = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink", "deletionTimestamp")


async def restore(bench: Bench, known: KnownMove, directory: Path) -> None:
    """Put the origin back as the backup has it, and delete the copies in the destination. UsageError where it is not of this move."""
    here, there = await inventories(bench, known.origin, known.destination)
    saved = await _saved(bench, known, directory, here)
    await quieten(bench, known.origin)
    await put_back(bench, known.origin, saved, here)
    whole = await inventory(bench, known.origin)
    copies = {key: item for key, item in there.items() if key in known.before and key not in known.resident}
    await finish_deletion(bench, known.destination, copies, whole, copies)
    await unpause(bench, known.origin, whole)


async def _saved(bench: Bench, known: KnownMove, directory: Path, here: Inventory) -> Inventory:
    """The backup, when it is one of what this move carries."""
    try:
        saved = read_backup(directory, await movable_kinds(bench.clusters[known.origin]))
    except ClusterError as error:
        raise StepFailedError(str(error)) from error
    lacking = [str(key) for key in known.before if key not in saved]
    if lacking:
        raise UsageError(f"{directory}: not a backup of this move, it lacks {', '.join(sorted(lacking)[:5])}")
    others = [str(key) for key, item in saved.items() if key in here and not is_going(here[key]) and here[key].uid != item.uid]
    if others:
        raise UsageError(
            f"{directory}: not a backup of this move, others of that name are there: {', '.join(sorted(others)[:5])}"
        )
    return {key: item for key, item in saved.items() if key in known.before}


async def put_back(bench: Bench, side: Side, saved: Inventory, here: Inventory) -> None:
    """Make each object that is not there, owners first; one that the mover had begun to delete is deleted first."""
    uids: dict[str, str] = {}
    for item in reversed(deletion_order(saved, saved)):
        found = here.get(item.key)
        if found is not None and not is_going(found):
            uids[item.uid] = found.uid
            continue
        if found is not None:
            await delete_moved(bench, side, found)
        made = await _make(bench, side, item, fresh(item, uids))
        uids[item.uid] = str(made["metadata"]["uid"])


def is_going(item: MovableObject) -> bool:
    """Has its deletion begun?"""
    return item.deleting or DELETE_FOR_MOVE in item.annotations


def fresh(item: MovableObject, uids: Mapping[str, str]) -> Body:
    """The object as it is created: what a server sets is left out, and each owner has its new uid."""
    metadata = {name: value for name, value in item.body["metadata"].items() if name not in MADE_BY_SERVER}
    owners: list[Any] = item.body["metadata"].get("ownerReferences") or []
    if owners:
        metadata["ownerReferences"] = [owner | {"uid": uids.get(str(owner["uid"]), owner["uid"])} for owner in owners]
    return {name: value for name, value in item.body.items() if name != "status"} | {"metadata": metadata}


async def _make(bench: Bench, side: Side, item: MovableObject, body: Body) -> Body:
    host = item.key.name if item.key.kind == "BareMetalHost" else ""
    collection = item.kind.resource.path(item.key.namespace)
    async with bench.writing(f"cluster {side}", f"put back {item.key}", host=host):
        return await bench.ask(bench.clusters[side].create(collection, body))
