"""Compares two runs of the same scenario, host by host and lane by lane.

Pure functions over two traces. An entry is missing from the second trace, extra in it, or in another order; accepted differences,
each with its reason, are separated, and the rest is new.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from harness.compare.accepted import AcceptedDifference, DifferenceKind, accepting, for_scenarios
from harness.compare.lanes import TraceEntry
from harness.compare.trace import HostTrace, Trace

CLUSTERS = "clusters"
COUNTS = "watch events"
HOSTS = "hosts"


class Difference(msgspec.Struct, frozen=True):
    """One entry of a lane in which the two runs differ.

    `first` is the entry in the reference, `second` in the other run (None if absent; for `order` both are set). `after` is the
    last common entry before it. `last`: no common entry follows. `amounts` are the two numbers of a count.
    """

    role: str
    lane: str
    kind: DifferenceKind
    text: str
    first: TraceEntry | None = None
    second: TraceEntry | None = None
    after: str = ""
    last: bool = False
    amounts: tuple[int, int] = (0, 0)
    accepted: str = ""

    @property
    def at(self) -> float:
        """Seconds after the move began, in the run that has it earlier; counts come last."""
        return min((word.at for word in (self.first, self.second) if word), default=float("inf"))


class Pair(msgspec.Struct, frozen=True):
    """Two hosts of one role (a name is empty where the run has no such host), or the clusters, and all that differs.

    `unseen` are the lanes that could not be compared, since one of the runs did not see them wholly.
    """

    role: str
    names: tuple[str, str]
    differences: tuple[Difference, ...]
    unseen: tuple[str, ...] = ()

    @property
    def new(self) -> list[Difference]:
        """What no accepted difference explains, the first divergence first."""
        return sorted((each for each in self.differences if not each.accepted), key=lambda each: each.at)


class Comparison(msgspec.Struct, frozen=True):
    """The whole report. `reference` tells which of the two runs is taken as the truth: 0 or 1."""

    pairs: tuple[Pair, ...]
    reference: Literal[0, 1]

    @property
    def new(self) -> list[Difference]:
        """Every difference that is not accepted."""
        return [each for pair in self.pairs for each in pair.new]

    @property
    def unseen(self) -> bool:
        """Is there anything that could not be compared?"""
        return any(pair.unseen for pair in self.pairs)


def compare(first: Trace, second: Trace, accepted: Sequence[AcceptedDifference] = ()) -> Comparison:
    """Compare two traces; the first is the reference unless only the second is a recording."""
    swapped = second.imported and not first.imported
    reference, other = (second, first) if swapped else (first, second)
    symmetric = reference.imported == other.imported
    told = for_scenarios(accepted, (reference.scenario, other.scenario))
    pairs = [*paired(reference, other, told), clusters(reference, other)]
    judged = tuple(judge(pair, told, symmetric=symmetric) for pair in pairs)
    return Comparison(judged, 1 if swapped else 0)


def judge(pair: Pair, accepted: Sequence[AcceptedDifference], *, symmetric: bool) -> Pair:
    """The pair, with the name of the matching accepted difference set on each difference."""
    differences = tuple(
        msgspec.structs.replace(each, accepted=accepting(accepted, each, symmetric=symmetric)) for each in pair.differences
    )
    return msgspec.structs.replace(pair, differences=differences)


def paired(reference: Trace, other: Trace, accepted: Sequence[AcceptedDifference]) -> Iterator[Pair]:
    """Pair the hosts of both runs by role; a host without a counterpart is itself a difference."""
    found = [{host.role: host for host in story.hosts} for story in (reference, other)]
    for role in dict.fromkeys(role for hosts in found for role in hosts):
        first, second = found[0].get(role), found[1].get(role)
        names = first.name if first else "", second.name if second else ""
        if first and second:
            unseen = tuple(lane for lane in [*first.lanes, *second.lanes] if (lane in first.lanes) != (lane in second.lanes))
            yield Pair(role, names, tuple(between_hosts(first, second, accepted)), unseen)
        else:
            yield Pair(role, names, (Difference(role, HOSTS, "missing" if first else "extra", "the host", last=True),))


def between_hosts(first: HostTrace, second: HostTrace, accepted: Sequence[AcceptedDifference]) -> Iterator[Difference]:
    """What differs in the lanes that both have."""
    for lane in [lane for lane in first.lanes if lane in second.lanes]:
        words = first.lanes[lane], second.lanes[lane]
        yield from between_lanes(first.role, lane, words, unordered(accepted, first.role, lane, words))


def unordered(accepted: Sequence[AcceptedDifference], role: str, lane: str, words: Iterable[Sequence[TraceEntry]]) -> set[str]:
    """The words of a lane that may stand anywhere in it."""
    texts = {word.text for each in words for word in each}
    moves = (Difference(role, lane, "order", text) for text in texts)
    return {move.text for move in moves if accepting(accepted, move, symmetric=False)}


def clusters(reference: Trace, other: Trace) -> Pair:
    """The counts of watch events that differ, of kinds that both watched."""
    differences = []
    counted = {text for text in {*reference.counts, *other.counts} if reference.watches(text) and other.watches(text)}
    for text in sorted(counted):
        amounts = reference.counts.get(text, 0), other.counts.get(text, 0)
        if amounts[0] != amounts[1]:
            kind: DifferenceKind = "missing" if amounts[1] < amounts[0] else "extra"
            differences.append(Difference(CLUSTERS, COUNTS, kind, text, amounts=amounts))
    return Pair(CLUSTERS, ("", ""), tuple(differences))


def between_lanes(
    role: str, lane: str, words: tuple[Sequence[TraceEntry], Sequence[TraceEntry]], unordered: Container[str] = ()
) -> Iterator[Difference]:
    """What differs between two lanes: their longest common sequence is what they share, and unordered words count last in it."""
    first, second = words
    shared = common([word.text for word in first], [word.text for word in second], unordered)
    missing = unshared(first, [pair[0] for pair in shared])
    extra = unshared(second, [pair[1] for pair in shared])
    elsewhere: dict[str, list[TraceEntry]] = defaultdict(list)
    for word, _, _ in extra:
        elsewhere[word.text].append(word)
    moved: set[TraceEntry] = set()
    for word, after, last in missing:
        there = elsewhere[word.text].pop(0) if elsewhere[word.text] else None
        if there:
            moved.add(there)
        yield Difference(role, lane, "order" if there else "missing", word.text, word, there, after, last)
    for word, after, last in extra:
        if word not in moved:
            yield Difference(role, lane, "extra", word.text, None, word, after, last)


def unshared(words: Sequence[TraceEntry], shared: Iterable[int]) -> list[tuple[TraceEntry, str, bool]]:
    """Each word that is not shared, the shared one before it, and whether no shared one follows."""
    places = set(shared)
    end = max(places, default=-1)
    found, after = [], ""
    for number, word in enumerate(words):
        if number in places:
            after = word.text
        else:
            found.append((word, after, number > end))
    return found


def common(first: Sequence[str], second: Sequence[str], unordered: Container[str] = ()) -> list[tuple[int, int]]:
    """The places of a longest common subsequence, as pairs of indices; all unordered words together count less than any other."""
    weights = [1 if text in unordered else len(first) + 1 for text in first]
    longest = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in range(len(first) - 1, -1, -1):
        for j in range(len(second) - 1, -1, -1):
            both = longest[i + 1][j + 1] + weights[i] * (first[i] == second[j])
            longest[i][j] = max(both, longest[i + 1][j], longest[i][j + 1])
    found, i, j = [], 0, 0
    while i < len(first) and j < len(second):
        if first[i] == second[j] and longest[i][j] == longest[i + 1][j + 1] + weights[i]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i][j] == longest[i + 1][j]:
            i += 1
        else:
            j += 1
    return found
