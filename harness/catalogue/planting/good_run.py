"""A run that passes, decoded and folded once: what every draft of an altered run begins with."""

from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise
from typing import Literal, get_args

import msgspec

from harness.catalogue.planting.expected import NotApplicableError
from harness.journal.entry import Entry
from harness.journal.facts import AnyFact, IronicNode, MoverSaid, ObjectSeen, Side, SightEnded, SightName
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised, unpromised
from harness.world.ironic.progress import settled_for
from harness.world.moves import Move, judged_moves, moves
from harness.world.releases import releases
from harness.world.world import ObjectKey, Version, World

MoveMoment = Literal["before", "pausing", "creating", "deleting", "settling", "late"]
MOMENTS: tuple[MoveMoment, ...] = get_args(MoveMoment)
PHASE_SHARES = {"pause": 0.1, "create": 0.35, "delete": 0.7}
"""Where a phase begins, as a share of the move, if the mover did not say so."""


class GoodRun:
    """The entries of a run with whole bodies, its world, and when its last move did what."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Fold the entries. NotApplicableError where the run has no move that ended, or no promised host."""
        self.entries = whole(list(entries))
        self.world = World(self.entries, final=True)
        self.hosts = promised(self.world)
        self.spares = unpromised(self.world)
        done = [move for move in moves(self.world) if move.done]
        if not done or not self.hosts:
            raise NotApplicableError("a move that ended, and a host that runs something")
        self.move: Move = done[-1]
        self.origin: Side = "source" if self.move.origin == "source" else "target"
        self.destination: Side = "target" if self.origin == "source" else "source"
        self.speed = self.world.speed
        self.phases = self._phases()
        self.ends = min(
            [entry.at for entry in self.entries if isinstance(entry.fact, SightEnded) and entry.fact.sight != "mover"],
            default=self.world.now,
        )

    @cached_property
    def tells_managers(self) -> bool:
        """Did this run journal who wrote its objects?"""
        return any(isinstance(entry.fact, ObjectSeen) and entry.fact.managers for entry in self.entries)

    def _phases(self) -> dict[str, float]:
        """When the phases of the move began, in seconds of the run."""
        length = self.move.until - self.move.since
        guessed = {name: self.move.since + share * length for name, share in PHASE_SHARES.items()}
        said = {
            entry.fact.phase: entry.at
            for entry in self.entries
            if isinstance(entry.fact, MoverSaid) and entry.fact.phase in guessed and entry.at >= self.move.since
        }
        return guessed | said

    def sees(self, sight: SightName, *, cluster: str = "", kind: str = "", host: str = "") -> bool:
        """Did this run have that sight, or a part of it?"""
        key = SightKey(sight, cluster, kind, host)
        return any(one.began and (one.key.covers(key) or key.covers(one.key)) for one in self.world.coverage.sights.values())

    def need(self, sight: SightName, *, cluster: str = "", kind: str = "", host: str = "") -> None:
        """NotApplicableError where this run had no such sight."""
        if not self.sees(sight, cluster=cluster, kind=kind, host=host):
            raise NotApplicableError(" ".join(part for part in ("the sight", sight, cluster, kind) if part))

    def need_time(self, host: Host, seconds: float, *, after: float | None = None) -> None:
        """NotApplicableError where nothing is promised of the host for so long after the move, or after a time (seconds of the run)."""
        leg = judged_moves(self.world)[-1]
        if settled_for(self.world, leg, since=after or 0.0, until=min(self.ends, host.until)) < seconds / self.speed:
            what = "the move" if after is None else "the defect"
            raise NotApplicableError(f"a host that is watched, and not released, for {seconds:.0f} s after {what}")

    def need_no_preflight(self) -> None:
        """NotApplicableError where a pre-flight was judged before the move: it would have stopped such a run."""
        if self.world.run and any(item.check.startswith("preflight") for item in self.world.run.expectations):
            raise NotApplicableError("a run that was not judged before the move")

    def interval(self, moment: MoveMoment, host: Host) -> tuple[float, float]:
        """Begin and end of a moment: where in it a defect may lie."""
        adopted = self.adopted_at(host)
        return {
            "before": (self.move.since - 0.2 * (self.move.since - host.baseline.entry.at), self.move.since),
            "pausing": (self.phases["pause"], self.phases["create"]),
            "creating": (self.phases["create"], self.phases["delete"]),
            "deleting": (self.phases["delete"], self.move.until),
            "settling": (self.move.until, adopted),
            "late": (adopted, min(self.ends, host.until)),
        }[moment]

    def adopted_at(self, host: Host) -> float:
        """When the destination had adopted the host: it has its new provisioning ID, and Ironic's node is active."""
        timeline = self.copies(host)
        changed = [
            after.entry.at
            for before, after in pairwise(timeline)
            if before.get("status", "provisioning", "ID") != after.get("status", "provisioning", "ID")
        ]
        uuid = timeline[-1].get("status", "provisioning", "ID") if timeline else ""
        active = [
            entry.at
            for entry in self.world.ironic[self.destination]
            if isinstance(entry.fact, IronicNode)
            and entry.fact.uuid == uuid
            and entry.fact.node.get("provision_state") == "active"
        ]
        return max([self.move.until, *changed[-1:], *active[:1]])

    def copies(self, host: Host) -> list[Version]:
        """The versions of the host's copy in the destination."""
        return self.world.timeline(self.destination, "BareMetalHost", host.namespace, host.object_name)

    def carried(self, kind: str) -> list[ObjectKey]:
        """The objects of a kind that were in the origin when the move began and arrived; keys in the destination."""
        there = self.world.living(self.origin, kind, at=self.move.since)
        held = min((release.at for release in releases(self.world).values()), default=None)
        arrived = {key[1:] for key, _ in self.world.living(self.destination, kind, at=held)}
        return [key.in_cluster(self.destination) for key, _ in there if key[1:] in arrived]


def whole(entries: list[Entry]) -> list[Entry]:
    """The entries with each object's whole body in place of its patch, so that one can be changed without the others."""
    bodies = {
        version.entry.seq: version.body
        for timeline in World(entries).objects.values()
        for version in timeline
        if isinstance(version.entry.fact, ObjectSeen) and version.entry.fact.object is None
    }
    return [with_body(entry, bodies[entry.seq]) if entry.seq in bodies else entry for entry in entries]


def with_body(entry: Entry, body: dict[str, object]) -> Entry:
    """The entry of an object with another body."""
    return replaced(entry, msgspec.structs.replace(entry.fact, object=body, patch=None))


def replaced(entry: Entry, fact: AnyFact) -> Entry:
    """The entry with another fact."""
    return Entry(entry.seq, entry.since, entry.at, fact)
