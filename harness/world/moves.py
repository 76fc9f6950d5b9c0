"""The moves of a run: from the mover's log, or inferred from the clusters if the mover was not watched; and the legs that they make."""

from itertools import pairwise
from typing import NamedTuple

import msgspec

from harness.journal.entry import Entry
from harness.journal.facts import SIDES, StepBegan, StepEnded
from harness.world.coverage import SightKey
from harness.world.told.mover_run import MoverRun
from harness.world.world import Version, World, answered_once, version_at

ROLLOUT_WORDS = ("upgrade", "upgrade_cluster")
"""The steps that roll out a Cluster: they replace Machines, and so the hosts that run something are others afterwards."""


class Move(msgspec.Struct, frozen=True):
    """One attempt to carry the objects from `origin` to `destination`.

    `since` and `until` are seconds (`until` infinite while it runs). `code` is the mover's exit code, None where it was not seen.
    `done`: it is known to have completed, by exit code 0 or, if the mover was not watched, by an un-paused Cluster in the
    destination. `begun_before`: it had begun before anybody watched.
    """

    origin: str
    destination: str
    since: float
    until: float
    code: int | None
    done: bool
    evidence: tuple[int, ...]
    begun_before: bool = False


@answered_once
def steady_since(world: World) -> float | None:
    """From when on (seconds) nothing may harm a host, with or without a move; None where only a move is promised to harm none."""
    begun = {entry.fact.step: entry.at for entry in reversed(world.steps) if isinstance(entry.fact, StepBegan)}
    if world.stage:
        return begun.get(world.stage, 0.0)
    if world.run is None or world.run.promise != "steady":
        return None
    # Clusters are looked at last, and no step is done before all of it was seen.
    first = min(begun.values(), default=float("inf"))
    sights = [sight.began.at for sight in world.coverage.sights.values() if sight.key.sight == "kube" and sight.began]
    return max((at for at in sights if at <= first), default=0.0)


def is_asked_without_move(world: World) -> bool:
    """Was anything promised that holds without a move: of the whole run, or of a block?"""
    asked = world.run is not None and any(item.steady for item in world.run.expectations)
    return asked or steady_since(world) is not None


@answered_once
def renewed_since(world: World) -> float | None:
    """Since when (seconds) all that a move promises is promised anew, as a step of this run had rolled out a Cluster; None where none had.

    What was before is judged as it was when that step began. A stage, and a run whose hosts are promised to be steady, are judged whole.
    """
    if steady_since(world) is not None:
        return None
    done = [
        entry.at for entry in world.steps if isinstance(entry.fact, StepEnded) and is_rollout(entry.fact.word, entry.fact.how)
    ]
    return done[-1] if done else None


def is_rollout(word: str, how: str = "done") -> bool:
    """Is this a step that rolls a Cluster out, and did it end well?"""
    return word in ROLLOUT_WORDS and how == "done"


@answered_once
def moves(world: World) -> list[Move]:
    """Every move of the run since it was promised anew, in order; of a stage, those that were begun in it."""
    since = (steady_since(world) or 0.0) if world.stage else (renewed_since(world) or 0.0)
    return [move for move in all_moves(world) if move.since >= since]


def was_refused(world: World) -> bool:
    """Was the run refused, by its pre-flight or for what it asks, before anything was moved?"""
    return world.ended is not None and world.ended.how == "refused" and not (moves(world) or all_moves(world))


def all_moves(world: World) -> list[Move]:
    """Every move that the journal tells of, in order."""
    if world.movers:
        return [of_mover(run) for run in world.movers.values() if is_of_this_run(world, run)]
    if world.coverage.began(SightKey("mover")):
        return []
    return inferred(world)


def is_of_this_run(world: World, run: MoverRun) -> bool:
    """Was it asked to really move, and in the namespace that the run is about? A command that does not say so is taken to be."""
    words = run.fact.command.replace("=", " ").split()
    if any(each.startswith("--dry-run") for each in words) and words[words.index("--dry-run") + 1 :][:1] != ["false"]:
        return False
    named = [after for before, after in pairwise(words) if before in ("-n", "--namespace")]
    return not named or not world.run or world.run.namespace in ("", named[-1])


def of_mover(run: MoverRun) -> Move:
    """A move, from one run of the mover."""
    until = run.ended.at if run.ended else float("inf")
    evidence = (run.started.seq, run.ended.seq) if run.ended else (run.started.seq,)
    return Move(run.fact.origin, run.fact.destination, run.started.since, until, run.code, run.code == 0, evidence)


@answered_once
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
    for origin, destination in (SIDES, SIDES[::-1]):
        for key in world.keys(destination, "Cluster"):
            there = world.timeline(origin, *key[1:])
            here = world.objects[key]
            found += [move for version in here if (move := arrival(version, here, there, origin, destination))]
    return sorted(found, key=lambda move: move.since)


def arrival(version: Version, here: list[Version], there: list[Version], origin: str, destination: str) -> Move | None:
    """The move that created this version; None if it is not the object's first, or the other side did not have the Cluster."""
    elsewhere = version_at(there, version.entry.at)
    if version.change != "added" or elsewhere is None or not elsewhere.alive:
        return None
    paused = [old for old in there if old.entry.at <= version.entry.at and old.get("spec", "paused")]
    since = min([version.entry.since, *(old.entry.since for old in paused[-1:])])
    resumed = next((new for new in here if new.entry.seq >= version.entry.seq and not new.get("spec", "paused")), None)
    evidence = (version.entry.seq, resumed.entry.seq) if resumed else (version.entry.seq,)
    until = resumed.entry.at if resumed else float("inf")
    begun_before = bool(paused) and there[0].change == "listed" and bool(there[0].get("spec", "paused"))
    return Move(origin, destination, since, until, None, resumed is not None, evidence, begun_before)


def provisionings(world: World) -> list[float]:
    """When steps of this run had provisioned a Cluster from zero, or a part of one, in order."""
    return [
        entry.at
        for entry in world.steps
        if isinstance(entry.fact, StepEnded) and entry.fact.word.startswith("provision") and entry.fact.how == "done"
    ]


# --- what the moves make of a run ---


class Leg(msgspec.Struct, frozen=True):
    """One part of a run: the moves in one direction that follow each other, what led to them and what followed.

    It holds what came after `since` and not after `until` (in seconds). Without moves it is a provisioning from zero, or a whole run
    that moved nothing: then origin and destination are source and target, and it began with the run.
    """

    moves: tuple[Move, ...]
    since: float
    until: float

    @property
    def origin(self) -> str:
        """The cluster that it moves from."""
        return self.moves[0].origin if self.moves else SIDES[0]

    @property
    def destination(self) -> str:
        """The cluster that it moves to."""
        return self.moves[0].destination if self.moves else SIDES[1]

    @property
    def began(self) -> float:
        """When its first move began."""
        return self.moves[0].since if self.moves else 0.0

    def holds(self, entry: Entry) -> bool:
        """Is the entry within this leg?"""
        return self.since < entry.at <= self.until


@answered_once
def legs(world: World) -> list[Leg]:
    """The run's legs in order: a provisioning, where the run did one before it moved anything, and each move with its repetitions."""
    groups: list[list[Move]] = []
    for move in moves(world):
        if groups and (move.origin, move.destination) == (groups[-1][0].origin, groups[-1][0].destination):
            groups[-1].append(move)
        else:
            groups.append([move])
    began = max((end for end in provisionings(world) if groups and end < groups[0][0].since), default=-1.0)
    unmoved = [Leg((), -1.0, began if groups else float("inf"))] if began > 0 or not groups else []
    edges = [began, *(boundary(world, before, after) for before, after in pairwise(groups)), float("inf")]
    return unmoved + [Leg(tuple(group), *span) for group, span in zip(groups, pairwise(edges), strict=False)]


def boundary(world: World, before: list[Move], after: list[Move]) -> float:
    """The time between two legs: when the run had settled, else when the first leg's move ended."""
    settled = [
        entry.at
        for entry in world.steps
        if isinstance(entry.fact, StepEnded) and entry.fact.word == "settle" and before[-1].until <= entry.at <= after[0].since
    ]
    return max(settled, default=min(before[-1].until, after[0].since))


class JudgedMove(NamedTuple):
    """One move whose outcome is judged, and up to when: the next judged move, or the end."""

    move: Move
    until: float
    last: bool


@answered_once
def judged_moves(world: World) -> list[JudgedMove]:
    """The completed moves of all legs that had something to move; where none had, or none completed, the last that was tried."""
    tried = [move for leg in legs(world) for move in leg.moves]
    done = [move for move in tried if move.done]
    judged = [move for move in done if not is_repeated(world, move)] or done[-1:] or tried[-1:]
    ends = [*(move.since for move in judged[1:]), float("inf")]
    return [JudgedMove(move, until, last=move is judged[-1]) for move, until in zip(judged, ends, strict=False)]


def is_repeated(world: World, move: Move) -> bool:
    """Was it begun when every Cluster had been moved already, so that it had nothing to do?"""
    here, there = (world.living(side, "Cluster", at=move.since) for side in (move.origin, move.destination))
    return not here and bool(there)
