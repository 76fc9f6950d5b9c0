"""Where a move stands that broke off, or whose end nobody saw: read from both clusters, for `harness recover`."""

from typing import NamedTuple

from harness.journal.entry import Entry
from harness.journal.facts import MoverEnded, MoverStarted
from harness.kube.cluster import KubeCluster
from harness.metal3 import PAUSED
from harness.move.end_state import MoveEndState, classify
from harness.move.look import keys_of
from harness.move.objects import Inventory, list_movable
from harness.processes.child import is_same_process
from harness.world.moved_objects import expected
from harness.world.moves import moves
from harness.world.world import World


class BrokenMove(NamedTuple):
    """Where the last move stands. `waiting`: hosts of the destination that are paused there, or have no state yet."""

    end: MoveEndState
    waiting: list[str]


def last_mover(entries: list[Entry]) -> tuple[MoverStarted, MoverEnded | None] | None:
    """The mover that was started last, and its end where that was seen; None where none was started."""
    started = next((entry.fact for entry in reversed(entries) if isinstance(entry.fact, MoverStarted)), None)
    if started is None:
        return None
    ended = (entry.fact for entry in entries if isinstance(entry.fact, MoverEnded) and entry.fact.mover == started.mover)
    return started, next(ended, None)


def running_mover(entries: list[Entry]) -> MoverStarted | None:
    """The last mover, where it still runs on this machine."""
    found = last_mover(entries)
    if found is None or found[1] is not None or not found[0].pid:
        return None
    return found[0] if is_same_process(found[0].pid, found[0].pid_began) else None


def is_broken_off(entries: list[Entry]) -> bool:
    """Was a move begun, and not seen to end well?"""
    found = last_mover(entries)
    return found is not None and (found[1] is None or found[1].code != 0)


async def broken_move(entries: list[Entry], clusters: dict[str, KubeCluster], namespace: str) -> BrokenMove | None:
    """Where the last move stands; None where it ended well, or none was begun. Raises ClusterError."""
    found = last_mover(entries)
    if found is None or not is_broken_off(entries):
        return None
    world = World(entries)
    move = moves(world)[-1]
    before = keys_of(expected(world, found[0].origin, move.since))
    here = await list_movable(clusters[found[0].origin], namespace)
    there = await list_movable(clusters[found[0].destination], namespace)
    return BrokenMove(classify(here, there, before, (found[0].origin, found[0].destination)), waiting_hosts(there))


def waiting_hosts(there: Inventory) -> list[str]:
    """The hosts that their new owner has not taken over yet."""
    hosts = [item for item in there.values() if item.key.kind == "BareMetalHost"]
    return sorted(item.key.name for item in hosts if PAUSED in item.annotations or not _state(item.body))


def _state(body: dict[str, object]) -> object:
    status = body.get("status")
    provisioning = status.get("provisioning") if isinstance(status, dict) else None
    return provisioning.get("state") if isinstance(provisioning, dict) else None
