"""A run that is to be seen less of: its entries with whole bodies, what was looked at, and when."""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from harness.catalogue.planting.good_run import whole
from harness.catalogue.planting.sights import SIGHTS
from harness.journal.entry import Entry
from harness.journal.facts import SightBegan, SightEnded
from harness.verdict.judge import judge_entries
from harness.world.coverage import SightKey, looked_at
from harness.world.horizon import shows
from harness.world.moves import moves
from harness.world.world import World

WINDOW_SECONDS = 5.0
WINDOW_MIN_SECONDS = 0.25
"""A window of a run that is faster than life is shorter than one of real life, but not shorter than this."""
NODES = SightKey("kube", "workload", "Node")

SightKeys = tuple[SightKey, ...]
"""Sights that are taken away together."""


class Ablation(NamedTuple):
    """One way of seeing less: of what, when, and the entries that are left. `ended_at`: the sights ended then, in good order."""

    keys: SightKeys
    when: str
    left: Callable[[], list[Entry]]
    ended_at: float | None = None

    @property
    def what(self) -> str:
        """What is not seen, in words."""
        return " and ".join(str(key).removeprefix("sight on ") for key in self.keys)


class SeenRun:
    """The entries of any run, passing or not, with its verdict."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Judge the entries, and find out what they looked at."""
        self.entries = sorted(whole(list(entries)), key=lambda entry: entry.at)
        self.verdict: dict[str, Any] = judge_entries(self.entries)
        world = World(self.entries, final=True)
        self.hosts = [*self.verdict["hosts"]]
        self.moves = moves(world)
        told = [entry for entry in self.entries if isinstance(entry.fact, SIGHTS)]
        self.began = min((entry.at for entry in told if isinstance(entry.fact, SightBegan)), default=0.0)
        self.ends = max((entry.at for entry in told if isinstance(entry.fact, SightEnded)), default=world.now)
        self.told = dict.fromkeys(looked_at(entry.fact) for entry in told if isinstance(entry.fact, SIGHTS))
        self.window_seconds = max(WINDOW_SECONDS / world.speed, WINDOW_MIN_SECONDS)

    def sights(self) -> list[SightKeys]:
        """Everything that can be missing: each sight, cluster, kind and host, and those that stand in for one another."""
        shown = dict.fromkeys(key for entry in self.entries if (key := shows(entry.fact)))
        single = dict.fromkeys([*(SightKey(key.sight) for key in self.told), *self.told, *shown])
        clusters = dict.fromkeys(key.cluster for key in single if key.cluster)
        single |= dict.fromkeys(SightKey("kube", name) for name in clusters if any(key[:2] == ("kube", name) for key in single))
        # A cluster's audit log is what tells of a user's deletion where nobody watches its objects: they are not lost together.
        groups = [tuple(key for key in single if key[1:3] == (name, "") and key.sight != "audit") for name in clusters]
        groups += [tuple(key for key in single if key.host == name) for name in self.hosts]
        groups.append(tuple(key for key in single if key in (SightKey("bmc"), SightKey("bmc_requests"), NODES)))
        return [*((key,) for key in single), *dict.fromkeys(group for group in groups if len(group) > 1)]

    def is_told(self, key: SightKey) -> bool:
        """Does the run tell of this sight, or of its parts, and not only of a wider one?"""
        return any(key.covers(told) for told in self.told)

    def windows(self) -> Iterator[tuple[float, float]]:
        """The run in equal pieces, from the first sight's begin to the last one's end."""
        count = int((self.ends - self.began) / self.window_seconds) + 1
        for number in range(count):
            since = self.began + number * self.window_seconds
            yield since, since + self.window_seconds

    def edges(self) -> list[float]:
        """Times at which sights begin, end or are lost: around the moves, and between them and the ends of the run."""
        marks = [self.began, *(time for move in self.moves for time in (move.since, min(move.until, self.ends))), self.ends]
        between = [(one + other) / 2 for one, other in pairwise(marks)]
        near = [mark + shift for mark in marks[1:-1] for shift in (-0.05, 0.05)]
        return sorted(time for time in {*between, *near} if self.began < time < self.ends)
