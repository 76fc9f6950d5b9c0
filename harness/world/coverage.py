"""Coverage: folds all sight facts, and answers the checks' questions about gaps.

Law 3: a check is unknown if a sight that it needs had a gap. A gap is recovered if the source itself delivered afterwards what
had happened (a watch resumed at its last version, a numbered log); only then is nothing lost.
"""

from itertools import product
from typing import NamedTuple

import msgspec

from harness.journal.entry import Entry
from harness.journal.facts import ProbeSeen, SightBegan, SightEnded, SightLost, SightName, SightRegained
from harness.world.moved_kinds import bare_name

SightFact = SightBegan | SightLost | SightRegained | SightEnded


class SightKey(NamedTuple):
    """What is looked at; an empty field stands for all of them."""

    sight: SightName
    cluster: str = ""
    kind: str = ""
    host: str = ""

    def __str__(self) -> str:
        where = [part for part in self[1:] if part]
        return " ".join(["sight on", self._said if where else self._said.removesuffix(" of"), *where])

    def covers(self, narrow: "SightKey") -> bool:
        """Is this that sight, or a wider one?"""
        pairs = zip(self[1:], narrow[1:], strict=True)
        return self.sight == narrow.sight and all(not mine or mine == theirs for mine, theirs in pairs)

    @property
    def _said(self) -> str:
        """What is looked at, for people; a sight that is not known here is told by its name."""
        return _SAID.get(self.sight, f"the {self.sight.replace('_', ' ')} of")


def looked_at(fact: SightFact) -> SightKey:
    """What a fact about a sight is about."""
    return SightKey(fact.sight, fact.cluster, fact.kind, fact.host)


_SAID = {
    "kube": "the API server of",
    "audit": "the audit log of",
    "bmc": "the BMC of",
    "bmc_requests": "the requests to the BMC of",
    "ironic": "the Ironic of",
    "mover": "the mover",
    "probe": "the network from",
}


class Gap(msgspec.Struct, frozen=True):
    """An interval without coverage. `until` is infinite if it never ended; `recovered`: nothing was missed in it."""

    key: SightKey
    since: float
    until: float
    says: str
    evidence: tuple[int, ...]
    recovered: bool = False

    def __str__(self) -> str:
        end = "the end" if self.until == float("inf") else f"{self.until:.1f} s"
        return f"{self.key} was lost from {self.since:.1f} s to {end}" + (f" ({self.says})" if self.says else "")


class SightCoverage:
    """One key's history: when it began, its gaps, how it ended."""

    def __init__(self, key: SightKey, order: int = 0) -> None:
        """A sight that has not begun; `order` counts the sights of a run as they appeared."""
        self.key = key
        self.order = order
        self.began: Entry | None = None
        self.ended: Entry | None = None
        self.complete = False
        self.gaps: list[Gap] = []
        self.lost: Entry | None = None

    def add(self, entry: Entry, fact: SightFact) -> None:
        """Fold one sight fact of this key."""
        match fact:
            case SightBegan():
                self._begin(entry)
            case SightLost():
                self.lost = self.lost or entry
            case SightRegained():
                self._close(entry, fact)
            case SightEnded():
                # It ends once, until it begins again.
                if self.ended is None:
                    self.ended, self.complete = entry, fact.complete

    def begin_anew(self, entry: Entry) -> None:
        """Begin here: there was nothing to be seen before."""
        self.began, self.lost = entry, None

    def _begin(self, entry: Entry) -> None:
        """Begin, or begin again after an end: what was in between was not seen. Between two movers there is nothing to see.

        A sight that was told to be impossible and then begins is one that began late.
        """
        if self.began is None:
            self.lost = None
        self.began = self.began or entry
        if self.ended and self.key.sight != "mover":
            between = (self.ended.seq, entry.seq)
            self.gaps.append(Gap(self.key, self.ended.at, entry.at, "it had ended, and began again", between))
        self.ended, self.complete = None, False

    def _close(self, entry: Entry, fact: SightRegained) -> None:
        if self.lost is None:
            gap = Gap(self.key, entry.since, entry.at, fact.says, (entry.seq,), recovered=fact.complete)
        else:
            evidence = (self.lost.seq, entry.seq)
            gap = Gap(self.key, self.lost.since, entry.at, _says(self.lost), evidence, recovered=fact.complete)
        self.gaps.append(gap)
        self.lost = None

    def all_gaps(self) -> list[Gap]:
        """Closed gaps, and the one that is still open."""
        if self.lost is None:
            return self.gaps
        return [*self.gaps, Gap(self.key, self.lost.since, float("inf"), _says(self.lost), (self.lost.seq,))]


def _says(entry: Entry) -> str:
    fact = entry.fact
    if isinstance(fact, ProbeSeen):
        return f"it was not reached any more, {fact.layer}: {fact.says}"
    return fact.says if isinstance(fact, SightLost) else ""


class NotCovered(msgspec.Struct, frozen=True):
    """Why a check cannot pass: the reason, and the entries that show it."""

    says: str
    evidence: tuple[int, ...] = ()


class Coverage:
    """All sights of a run."""

    def __init__(self) -> None:
        """Nothing is seen yet."""
        self.may_begin = False
        """May the sight on a kind begin that was not served before? Only before a move, and in a run that knows when that is."""
        self.sights: dict[SightKey, SightCoverage] = {}
        self._found: dict[SightKey, list[SightCoverage]] = {}
        """The sights that each question asked so far depends on; forgotten when there is another sight."""

    def add(self, entry: Entry, fact: SightFact) -> None:
        """Fold one sight fact."""
        key = looked_at(fact)
        sight = self.sights.get(key)
        if sight is None:
            sight = self.sights[key] = SightCoverage(key, len(self.sights))
            self._found.clear()
        if isinstance(fact, SightRegained) and fact.begins and self.may_begin:
            sight.begin_anew(entry)
        else:
            sight.add(entry, fact)

    def add_probe(self, entry: Entry, fact: ProbeSeen) -> None:
        """Fold a probe: while an API server is not reached, nothing is seen of its cluster, whatever a watch says.

        What is reached again lost nothing by that: whether its watches did, they tell themselves.
        """
        known = self.sights.get(SightKey("kube", fact.vantage))
        if fact.what != "kube":
            return
        if not fact.ok:
            self.add(entry, SightLost(sight="kube", cluster=fact.vantage))
        elif known and known.lost and isinstance(known.lost.fact, ProbeSeen):
            self.add(entry, SightRegained(sight="kube", cluster=fact.vantage, complete=True))

    def of(self, key: SightKey) -> list[SightCoverage]:
        """The sights that a question about `key` depends on: those whose fields are each the key's own, or empty for all.

        A sight on a kind of which it does not tell the group, and which has no home group, is one on that kind in any group.
        """
        found = self._found.get(key)
        if found is None:
            places = product({key.cluster, ""}, {key.kind, bare_name(key.kind), ""}, {key.host, ""})
            known = [sight for place in places if (sight := self.sights.get(SightKey(key.sight, *place)))]
            found = self._found[key] = sorted(known, key=lambda sight: sight.order)
        return found

    def began(self, key: SightKey) -> bool:
        """Was this watched at all?"""
        return any(sight.began for sight in self.of(key))

    def watched_from(self, at: float, *keys: SightKey) -> list[SightKey]:
        """Those of these keys that somebody looked at by a time (seconds): what nobody watched is no sight that could be lost since."""
        return [key for key in keys if any(sight.began and sight.began.at <= at for sight in self.of(key))]

    def refusal(self, key: SightKey) -> NotCovered | None:
        """Why a sight of this could not begin, where that was told."""
        lost = next((sight.lost for sight in self.of(key) if sight.lost and not sight.began), None)
        return NotCovered(_says(lost), (lost.seq,)) if lost else None

    def gaps(self, key: SightKey, *, recovered: bool = False) -> list[Gap]:
        """The gaps that touch `key`, in order; with `recovered` also those that lost nothing."""
        gaps = [gap for sight in self.of(key) for gap in sight.all_gaps() if recovered or not gap.recovered]
        return sorted(gaps, key=lambda gap: gap.since)

    def not_covered(self, key: SightKey, *, needed_from: float, needed_until: float = 0.0, final: bool) -> NotCovered | None:
        """Why `key` was not covered from `needed_from` to now, or at least to `needed_until`; None if it was. In seconds.

        `final`: the journal is complete, so a sight that did not end with a barrier is not covered at its end.
        """
        sights = [sight for sight in self.of(key) if sight.began]
        if not sights:
            why = self.refusal(key)
            return NotCovered(f"there was no {key} ({why.says})", why.evidence) if why else NotCovered(f"there was no {key}")
        gaps = self.gaps(key)
        if gaps:
            return NotCovered("; ".join(str(gap) for gap in gaps[:3]), tuple(seq for gap in gaps for seq in gap.evidence))
        first = min((sight.began for sight in sights if sight.began), key=lambda entry: entry.at)
        if first.at > needed_from:
            early = ", when the move had begun already: what was before was not seen" if needed_from < 0 else ""
            return NotCovered(f"{key} began only at {first.at:.1f} s{early}", (first.seq,))
        open_ends = [sight for sight in sights if not sight.complete]
        if final and open_ends:
            ended = open_ends[0].ended
            return NotCovered(f"{key} did not end with a complete look", (ended.seq,) if ended else ())
        ends = [sight.ended for sight in sights if sight.ended and sight.ended.at < needed_until]
        if ends:
            says = f"{key} ended at {ends[0].at:.1f} s, and was needed until {needed_until:.1f} s"
            return NotCovered(says, (ends[0].seq,))
        return None
