"""What was true together: states of several variables that were, or may have been, in force at the same time."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from harness.journal.entry import FOREVER
from harness.journal.facts import BmcRequest
from harness.verdict.promises.states import VariableState


class Situation(NamedTuple):
    """A value of each variable at one time. `certain`: they surely met; else they may have.

    It began within `since` to `at`, and was over within `gone_since` to `gone_at` (seconds).
    """

    states: tuple[VariableState, ...]
    certain: bool
    since: float
    at: float
    gone_since: float
    gone_at: float

    @property
    def latest(self) -> VariableState:
        """The state by which it began."""
        return max(self.states, key=lambda state: state.at)

    @property
    def _asker(self) -> str:
        """Who asked, where a request to a BMC is all that was."""
        fact = self.states[0].shown.fact if self.states else None
        name = (fact.client or fact.address) if isinstance(fact, BmcRequest) else ""
        return f"asked by {name}, " if name else ""

    @property
    def instant(self) -> bool:
        """Is it that of a fact, which takes no time?"""
        return any(state.instant for state in self.states)

    def surely_met(self, other: "Situation") -> bool:
        """Were both at one time? Facts take none: two of them meet where both came to be."""
        if self.instant and other.instant:
            return True
        return all(surely_met(one, two) for one in self.states for two in other.states)

    def may_meet(self, other: "Situation") -> bool:
        """May both have been at one time?"""
        if self.instant and other.instant:
            return True
        return all(_may_meet(one, two) for one in self.states for two in other.states)

    @property
    def evidence(self) -> tuple[int, ...]:
        """The entries that show it."""
        return tuple(sorted({state.seq for state in self.states}))

    @property
    def where(self) -> str:
        """By which entries, and in which cluster, for people."""
        side = next((state.where for state in self.states if state.where), "")
        seqs = ", ".join(map(str, self.evidence))
        place = f"in the {side}, " if side else self._asker
        return f"at {self.at:.1f} s ({place}{'entry' if len(self.evidence) == 1 else 'entries'} {seqs})"


def situations(tracks: Iterable[list[VariableState]]) -> list[Situation]:
    """Every combination of the variables' states that may have been, in the order in which they began."""
    found = [Situation((), certain=True, since=-FOREVER, at=-FOREVER, gone_since=FOREVER, gone_at=FOREVER)]
    for states in tracks:
        found = list(_joined(found, sorted(states, key=lambda state: state.since)))
    return sorted(found, key=lambda one: (one.at, one.evidence))


def _joined(known: list[Situation], states: list[VariableState]) -> Iterator[Situation]:
    """Each known situation with each state that may have been in force in it."""
    last_gone = list(accumulate((state.gone_at for state in states), max))
    for one in known:
        for place in range(bisect_left(last_gone, one.since), len(states)):
            state = states[place]
            if one.states and state.since > one.gone_at:
                break
            if all(_may_meet(each, state) for each in one.states):
                yield together(one, state)


def _may_meet(one: VariableState, other: VariableState) -> bool:
    """May both have been in force at one time? An entry that ended a state was not there with it."""
    if one.seq == other.seq:
        return True
    overlap = one.since <= other.gone_at and other.since <= one.gone_at
    return overlap and one.ended_by != other.seq and other.ended_by != one.seq


def together(one: Situation, state: VariableState) -> Situation:
    """The situation with one state more."""
    states = (*one.states, state)
    return Situation(
        states,
        certain=one.certain and all(surely_met(each, state) for each in one.states),
        since=max(one.since, state.since),
        at=max(one.at, state.at),
        gone_since=min(one.gone_since, state.gone_since),
        gone_at=min(one.gone_at, state.gone_at),
    )


def surely_met(one: VariableState, other: VariableState) -> bool:
    """Were both in force at one time, whenever within their intervals they came and went?"""
    if one.seq == other.seq:
        return True
    if other.instant:
        one, other = other, one
    if one.instant:
        # It happened somewhere in its interval: the other was in force in all of it.
        return other.at < one.since and one.at < other.gone_since and not other.instant
    return max(one.at, other.at) < min(one.gone_since, other.gone_since)
