"""The state that a journal describes, now and at any earlier time: the fold that every check reads.

`World.add` takes one entry after the other; nothing here reads a clock or a wire, so the same entries give the same world at any
time. Objects are kept as timelines of versions, requests and readings as lists, in the journal's order.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache, wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, cast

import msgspec

from harness.journal import facts
from harness.journal.entry import Entry
from harness.journal.facts import Body
from harness.journal.merge_patch import body_after
from harness.journal.metadata import well_formed
from harness.world.coverage import Coverage, NotCovered, SightKey
from harness.world.moved_kinds import group_of, kind_name
from harness.world.told.lag import Lag
from harness.world.told.mover_run import MoverRun

IRONICS = (facts.IronicAnswers, facts.IronicNode, facts.IronicNodeGone)
SIGHTS = (facts.SightBegan, facts.SightLost, facts.SightRegained, facts.SightEnded)
FORGETTING: list[Callable[[], None]] = []
"""Each forgets what was `remembered` of versions, and lets them go: for who looks at another world."""
Answer = TypeVar("Answer")
Given = ParamSpec("Given")


class ObjectKey(NamedTuple):
    """One object of one cluster; `kind` as `moved_kinds.kind_name` has it, `namespace` empty for cluster-scoped kinds."""

    cluster: str
    kind: str
    namespace: str
    name: str

    def in_cluster(self, cluster: str) -> "ObjectKey":
        """The same object in another cluster."""
        return ObjectKey(cluster, self.kind, self.namespace, self.name)


def key_of(fact: facts.ObjectSeen) -> ObjectKey:
    """Which object a fact is about."""
    return ObjectKey(fact.cluster, kind_name(fact.kind, group_of(fact.api_version)), fact.namespace, fact.name)


class Version(msgspec.Struct, frozen=True, eq=False):
    """An object as it was from this entry on. `alive` is false from its deletion on; `body` is then the last one seen.

    A version is equal to itself alone, and never changes.
    """

    entry: Entry
    body: Body
    alive: bool
    metadata: Body
    """The object's metadata, never None."""

    @property
    def annotations(self) -> dict[str, str]:
        """Annotations, never None."""
        return self.metadata.get("annotations") or {}

    @property
    def labels(self) -> dict[str, str]:
        """Labels, never None."""
        return self.metadata.get("labels") or {}

    @property
    def change(self) -> str:
        """How the watch reported it: `listed`, `added`, `modified` or `deleted`."""
        fact = self.entry.fact
        return fact.change if isinstance(fact, facts.ObjectSeen) else ""

    @property
    def resource_version(self) -> str:
        """The version string as the watch gave it."""
        fact = self.entry.fact
        return fact.resource_version if isinstance(fact, facts.ObjectSeen) else ""

    @property
    def deleting(self) -> bool:
        """Is it marked for deletion?"""
        return bool(self.metadata.get("deletionTimestamp"))

    def get(self, *path: str) -> Any:
        """The value at a path of member names, None where any is missing."""
        value: Any = self.body  # as `dig` does it, without one more call: no question is asked as often
        for name in path:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        return value


def version_after(before: Version | None, entry: Entry, fact: facts.ObjectSeen) -> Version:
    """The version that a fact shows, behind the one before it (None where it is the first)."""
    body = body_after(before.body if before else {}, fact.object, fact.patch)
    metadata = well_formed(body.get("metadata"), before.metadata if before else {})
    return Version(entry, body, fact.change != "deleted", metadata)


def dig(value: Any, *path: str) -> Any:
    """The value at a path of member names in nested JSON objects, None where any is missing or no object."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


Timeline = list[Version]


class World:
    """Everything a journal says. `final` tells that no entry will follow (the run is over, or was killed).

    `stage`: the block of the scenario that is promised to change no host, with or without a move; empty: the run's own promise.
    """

    def __init__(self, entries: Iterable[Entry] = (), *, final: bool = False, stage: str = "") -> None:
        """Fold `entries`; more may be added later."""
        self.final = final
        self.stage = stage
        self.run: facts.RunBegan | None = None
        self.ended: facts.RunEnded | None = None
        self.end_entry: Entry | None = None
        self.begins: list[Entry] = []
        """What says that a run begins: the first entry of every journal, and no other."""
        self.now = 0.0
        self.answers: dict[Any, Any] = {}
        """What was asked of the world as it is now; forgotten with the next entry."""
        self.coverage = Coverage()
        self.lag = Lag()
        self.objects: dict[ObjectKey, Timeline] = {}
        self.names: dict[tuple[str, str], list[ObjectKey]] = defaultdict(list)
        self.requests: dict[str, list[Entry]] = defaultdict(list)
        self.reads: dict[str, list[Entry]] = defaultdict(list)
        self.ironic: dict[str, list[Entry]] = defaultdict(list)
        self.movers: dict[int, MoverRun] = {}
        self.api_writes: list[Entry] = []
        self.probes: list[Entry] = []
        self.steps: list[Entry] = []
        self.faults: list[Entry] = []
        self.writes: list[Entry] = []
        self.unverified: list[facts.WireUnverified] = []
        for entry in entries:
            self._fold(entry)

    def add(self, entry: Entry) -> None:
        """Fold one entry."""
        # What was asked before may be answered otherwise now; online, checks ask between two entries.
        self.answers.clear()
        self._fold(entry)

    def _fold(self, entry: Entry) -> None:
        self.now = max(self.now, entry.at)
        if fold := FOLDS.get(type(entry.fact).__name__):
            fold(self, entry, entry.fact)

    def add_begin(self, entry: Entry, fact: facts.RunBegan) -> None:
        """Fold what says that a run begins."""
        self.run = self.run or fact
        self.begins.append(entry)
        self.coverage.may_begin = fact.mode == "run"

    def add_end(self, entry: Entry, fact: facts.RunEnded) -> None:
        """Fold what says that it is over."""
        self.ended, self.end_entry = fact, entry

    def add_probe(self, entry: Entry, fact: facts.ProbeSeen) -> None:
        """Fold what a probe of the network met."""
        self.probes.append(entry)
        self.coverage.add_probe(entry, fact)

    def add_mover(self, entry: Entry, fact: facts.MoverStarted | facts.MoverSaid | facts.MoverEnded) -> None:
        """Fold what a mover did; what one says that was never started belongs to none."""
        run = self.movers.get(fact.mover)
        if isinstance(fact, facts.MoverStarted):
            self.movers[fact.mover] = MoverRun(entry)
            self.coverage.may_begin = False
        elif run is not None:
            run.add(entry)

    def add_object(self, entry: Entry, fact: facts.ObjectSeen) -> None:
        """Fold one version of an object."""
        key = key_of(fact)
        timeline = self.objects.get(key)
        if timeline is None:
            timeline = self.objects[key] = []
            self.names[key.cluster, key.kind].append(key)
        timeline.append(version_after(timeline[-1] if timeline else None, entry, fact))

    @property
    def speed(self) -> float:
        """How much faster than life the lab runs; settling times are divided by it."""
        return self.run.speed if self.run else 1.0

    def timeline(self, cluster: str, kind: str, namespace: str, name: str) -> Timeline:
        """All versions of one object, oldest first; empty where it was never seen."""
        return self.objects.get(ObjectKey(cluster, kind, namespace, name), [])

    def version_of(self, entry: Entry) -> tuple[Version | None, Version]:
        """The version that an entry about an object shows, behind the one before it (None where it is the first)."""
        assert isinstance(entry.fact, facts.ObjectSeen)  # noqa: S101 - only such entries make versions
        timeline = self.objects[key_of(entry.fact)]
        place = bisect_left(timeline, entry.seq, key=lambda version: version.entry.seq)
        return timeline[place - 1] if place else None, timeline[place]

    def last(self, cluster: str, kind: str, namespace: str, name: str) -> Version | None:
        """The living version of one object now, None where there is none."""
        timeline = self.timeline(cluster, kind, namespace, name)
        return timeline[-1] if timeline and timeline[-1].alive else None

    def keys(self, cluster: str, kind: str) -> list[ObjectKey]:
        """Every object of a kind that was ever seen in a cluster, in order of appearance."""
        return self.names.get((cluster, kind), [])

    def living(self, cluster: str, kind: str, *, at: float | None = None) -> list[tuple[ObjectKey, Version]]:
        """The objects of a kind alive in a cluster now, or at a time (seconds)."""
        found = ((key, version_at(self.objects[key], at)) for key in self.keys(cluster, kind))
        return [(key, version) for key, version in found if version is not None and version.alive]

    def seen_until(self, *keys: SightKey) -> float:
        """Until when (seconds) all of this was looked at: until now, or until the first end of a sight of it."""
        ends = [sight.ended.at for key in keys for sight in self.coverage.of(key) if sight.ended]
        return min([self.now, *ends])

    def not_covered(self, *keys: SightKey, needed_from: float = float("inf"), needed_until: float = 0.0) -> NotCovered | None:
        """The first reason why one of these keys was not covered; None if all were. Each is needed until the last mover ended."""
        until = max([needed_until, *(run.ended.at for run in self.movers.values() if run.ended)])
        found = (self.coverage.not_covered(key, needed_from=needed_from, needed_until=until, final=self.final) for key in keys)
        return next((one for one in found if one), None)


_FOLDS: dict[type, Callable[[World, Entry, Any], object]] = {
    facts.ObjectSeen: World.add_object,
    facts.BmcRequest: lambda world, entry, fact: world.requests[fact.host].append(entry),
    facts.BmcRead: lambda world, entry, fact: world.reads[fact.host].append(entry),
    **dict.fromkeys(IRONICS, lambda world, entry, fact: world.ironic[fact.ironic].append(entry)),
    **dict.fromkeys(SIGHTS, lambda world, entry, fact: world.coverage.add(entry, fact)),
    facts.LabLagged: lambda world, entry, fact: world.lag.add(entry, fact),
    **dict.fromkeys((facts.MoverStarted, facts.MoverSaid, facts.MoverEnded), World.add_mover),
    facts.ApiWrite: lambda world, entry, _: world.api_writes.append(entry),
    facts.ProbeSeen: World.add_probe,
    **dict.fromkeys((facts.StepBegan, facts.StepEnded), lambda world, entry, _: world.steps.append(entry)),
    **dict.fromkeys((facts.FaultBegan, facts.FaultHealed), lambda world, entry, _: world.faults.append(entry)),
    **dict.fromkeys(
        (facts.WriteIntended, facts.WriteDone, facts.WriteUndone), lambda world, entry, _: world.writes.append(entry)
    ),
    facts.WireUnverified: lambda world, _, fact: world.unverified.append(fact),
    facts.RunBegan: World.add_begin,
    facts.RunEnded: World.add_end,
}
FOLDS = {kind.__name__: fold for kind, fold in _FOLDS.items()}
"""How each kind of fact is folded, by its name; the others change nothing."""


def answered_once(question: Callable[Concatenate[World, Given], Answer]) -> Callable[Concatenate[World, Given], Answer]:
    """A question that many checks ask of a world: for what is given it is answered once, until there is another entry.

    Whoever asks must leave the answer as it is.
    """

    @wraps(question)
    def answer(world: World, /, *given: Given.args, **named: Given.kwargs) -> Answer:
        key: Any = (question, given, tuple(sorted(named.items()))) if named else (question, given) if given else question
        if key not in world.answers:
            world.answers[key] = question(world, *given, **named)
        found: Answer = world.answers[key]
        return found

    return answer


def remembered(question: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """A question that is asked of one version several times in a row: nobody needs the answer for long."""
    answers = lru_cache(maxsize=1 << 14)(question)
    FORGETTING.append(answers.cache_clear)
    return cast("Callable[Given, Answer]", answers)


def version_at(timeline: Timeline, at: float | None) -> Version | None:
    """The version that was the newest at a time (by the upper end of its interval); the last one for None."""
    if at is None:
        return timeline[-1] if timeline else None
    return next((version for version in reversed(timeline) if version.entry.at <= at), None)


def versions_during(timeline: Timeline, moment: Version) -> Timeline:
    """The versions that may have been the newest at some time within another version's interval, also of another cluster."""
    following = [*timeline[1:], None]
    pairs = zip(timeline, following, strict=True)
    return [
        it for it, after in pairs if it.entry.since <= moment.entry.at and (after is None or after.entry.at >= moment.entry.since)
    ]
