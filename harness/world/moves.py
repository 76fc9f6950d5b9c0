"""The moves of a run: from the mover's log, or inferred from the clusters if the mover was not watched."""

import msgspec

from harness.journal.facts import StepEnded
from harness.world.coverage import SightKey
from harness.world.world import MoverRun, Version, World, version_at

DELETE_FOR_MOVE = "clusterctl.cluster.x-k8s.io/delete-for-move"


class Move(msgspec.Struct, frozen=True):
    """One attempt to carry the objects from `origin` to `destination`.

    `since` and `until` are seconds (`until` infinite while it runs). `code` is the mover's exit code, None where it was not seen.
    `done`: it is known to have completed, by exit code 0 or, if the mover was not watched, by an un-paused Cluster in the
    destination.
    """

    origin: str
    destination: str
    since: float
    until: float
    code: int | None
    done: bool
    evidence: tuple[int, ...]


def moves(world: World) -> list[Move]:
    """Every move of the run, in order."""
    if world.movers:
        return [of_mover(run) for run in world.movers.values()]
    if world.coverage.began(SightKey("mover")):
        return []
    return inferred(world)


def of_mover(run: MoverRun) -> Move:
    """A move, from one run of the mover."""
    until = run.ended.at if run.ended else float("inf")
    evidence = (run.started.seq, run.ended.seq) if run.ended else (run.started.seq,)
    return Move(run.fact.origin, run.fact.destination, run.started.since, until, run.code, run.code == 0, evidence)


def tried_since(world: World, move: Move) -> float:
    """When this move was first tried: attempts before it, the same way, that did not complete belong to it."""
    since = move.since
    for earlier in reversed([it for it in moves(world) if it.since < move.since]):
        if earlier.done or (earlier.origin, earlier.destination) != (move.origin, move.destination):
            break
        since = earlier.since
    return since


def inferred(world: World) -> list[Move]:
    """Moves inferred from the clusters: a Cluster appears in one while the other still has it."""
    found: list[Move] = []
    for origin, destination in (("source", "target"), ("target", "source")):
        for key in world.keys(destination, "Cluster"):
            there = world.timeline(origin, *key[1:])
            here = world.objects[key]
            found += [move for version in here if (move := arrival(version, here, there, origin, destination))]
    return sorted(found, key=lambda move: move.since)


def arrival(version: Version, here: list[Version], there: list[Version], origin: str, destination: str) -> Move | None:
    """The move that created this version; None if it is not the object's first, or the other side did not have the Cluster."""
    fact = version.entry.fact
    elsewhere = version_at(there, version.entry.at)
    if getattr(fact, "change", "") != "added" or elsewhere is None or not elsewhere.alive:
        return None
    paused = [old for old in there if old.entry.at <= version.entry.at and old.get("spec", "paused")]
    since = min([version.entry.since, *(old.entry.since for old in paused[-1:])])
    resumed = next((new for new in here if new.entry.seq >= version.entry.seq and not new.get("spec", "paused")), None)
    evidence = (version.entry.seq, resumed.entry.seq) if resumed else (version.entry.seq,)
    until = resumed.entry.at if resumed else float("inf")
    return Move(origin, destination, since, until, None, resumed is not None, evidence)


def provisionings(world: World) -> list[float]:
    """When steps of this run had provisioned a Cluster from zero, in order."""
    return [
        entry.at
        for entry in world.steps
        if isinstance(entry.fact, StepEnded) and entry.fact.word == "provision" and entry.fact.how == "done"
    ]


def user_deletion(world: World) -> tuple[float, int] | None:
    """When a Cluster was deleted by its user (and not by a move): from then on nothing is promised; its time and entry."""
    for cluster in ("source", "target"):
        for key in world.keys(cluster, "Cluster"):
            for version in world.objects[key]:
                if version.deleting and DELETE_FOR_MOVE not in version.annotations:
                    return version.entry.since, version.entry.seq
    return None
