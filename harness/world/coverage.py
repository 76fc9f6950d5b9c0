"""Where we were blind: the fold of all sight facts, and the questions that checks ask of it.

Law 3: a check that needed a sight says unknown where that sight had a hole. A hole is bridged when the source itself told
afterwards what had happened (a watch resumed at its last version, a numbered log read on); only a bridged hole proves nothing lost.
"""

from typing import NamedTuple

import msgspec

from harness.journal.entry import Entry
from harness.journal.facts import SightBegan, SightEnded, SightLost, SightName, SightRegained

SightFact = SightBegan | SightLost | SightRegained | SightEnded


class SightKey(NamedTuple):
    """What is looked at; an empty field stands for all of them."""

    sight: SightName
    cluster: str = ""
    kind: str = ""
    host: str = ""

    def covers(self, other: "SightKey") -> bool:
        """Does a fact about this key speak of `other` too?"""
        return self.sight == other.sight and all(
            not mine or mine == theirs for mine, theirs in zip(self[1:], other[1:], strict=True)
        )

    def __str__(self) -> str:
        return " ".join(part for part in ("sight on", _SAID[self.sight], *self[1:]) if part)


_SAID = {
    "kube": "the API server of",
    "audit": "the audit log of",
    "bmc": "the BMC of",
    "bmc_requests": "the requests to the BMC of",
    "ironic": "the Ironic of",
    "mover": "the mover",
    "probe": "the network from",
}


class Hole(msgspec.Struct, frozen=True):
    """An interval without sight. `until` is infinite where it never came back; `bridged`: nothing was missed in it."""

    key: SightKey
    since: float
    until: float
    says: str
    evidence: tuple[int, ...]
    bridged: bool = False

    def __str__(self) -> str:
        end = "the end" if self.until == float("inf") else f"{self.until:.1f} s"
        return f"{self.key} was lost from {self.since:.1f} s to {end}" + (f" ({self.says})" if self.says else "")


class Sight:
    """One key's history: when it began, its holes, how it ended."""

    def __init__(self, key: SightKey) -> None:
        """A sight that has not begun."""
        self.key = key
        self.began: Entry | None = None
        self.ended: Entry | None = None
        self.complete = False
        self.holes: list[Hole] = []
        self.lost: Entry | None = None

    def add(self, entry: Entry, fact: SightFact) -> None:
        """Fold one sight fact of this key."""
        match fact:
            case SightBegan():
                self.began = self.began or entry
            case SightLost():
                self.lost = self.lost or entry
            case SightRegained():
                self._close(entry, fact)
            case SightEnded():
                self.ended, self.complete = entry, fact.complete

    def _close(self, entry: Entry, fact: SightRegained) -> None:
        if self.lost is None:
            hole = Hole(self.key, entry.since, entry.at, fact.says, (entry.seq,), bridged=fact.complete)
        else:
            evidence = (self.lost.seq, entry.seq)
            hole = Hole(self.key, self.lost.since, entry.at, _says(self.lost), evidence, bridged=fact.complete)
        self.holes.append(hole)
        self.lost = None

    def all_holes(self) -> list[Hole]:
        """Closed holes, and the one that is still open."""
        if self.lost is None:
            return self.holes
        return [*self.holes, Hole(self.key, self.lost.since, float("inf"), _says(self.lost), (self.lost.seq,))]


def _says(entry: Entry) -> str:
    return entry.fact.says if isinstance(entry.fact, SightLost) else ""


class Blindness(msgspec.Struct, frozen=True):
    """Why a check cannot say pass: words, and the entries that show it."""

    says: str
    evidence: tuple[int, ...] = ()


class Sightlines:
    """All sights of a run."""

    def __init__(self) -> None:
        """Nothing is seen yet."""
        self.sights: dict[SightKey, Sight] = {}

    def add(self, entry: Entry, fact: SightFact) -> None:
        """Fold one sight fact."""
        key = SightKey(fact.sight, fact.cluster, fact.kind, fact.host)
        self.sights.setdefault(key, Sight(key)).add(entry, fact)

    def of(self, key: SightKey) -> list[Sight]:
        """The sights that a question about `key` depends on."""
        return [sight for sight in self.sights.values() if sight.key.covers(key)]

    def began(self, key: SightKey) -> bool:
        """Did anybody look at this at all?"""
        return any(sight.began for sight in self.of(key))

    def holes(self, key: SightKey, *, bridged: bool = False) -> list[Hole]:
        """The holes that touch `key`, in order; with `bridged` also those that lost nothing."""
        holes = [hole for sight in self.of(key) for hole in sight.all_holes() if bridged or not hole.bridged]
        return sorted(holes, key=lambda hole: hole.since)

    def blindness(self, key: SightKey, *, needed_from: float, final: bool) -> Blindness | None:
        """Why `key` was not wholly seen from `needed_from` to now, or None where it was.

        `final`: the journal is complete, so a sight that nobody ended with a barrier is blind at its end.
        """
        sights = [sight for sight in self.of(key) if sight.began]
        if not sights:
            return Blindness(f"there was no {key}")
        holes = self.holes(key)
        if holes:
            return Blindness("; ".join(str(hole) for hole in holes[:3]), tuple(seq for hole in holes for seq in hole.evidence))
        first = min((sight.began for sight in sights if sight.began), key=lambda entry: entry.at)
        if first.at > needed_from:
            return Blindness(f"{key} began only at {first.at:.1f} s", (first.seq,))
        open_ends = [sight for sight in sights if not sight.complete]
        if final and open_ends:
            ended = open_ends[0].ended
            return Blindness(f"{key} did not end with a complete look", (ended.seq,) if ended else ())
        return None
