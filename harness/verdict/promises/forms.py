"""The six forms of a promise: what breaks each, what keeps it, and what leaves it unsure.

Broken is only what was surely so. What may have been so, and a condition without a value, leave a promise unsure.
"""

import json
from collections.abc import Callable, Iterator
from itertools import combinations, product
from typing import Any, NamedTuple

from harness.files.durations import format_duration
from harness.journal.facts import OwnPromise
from harness.judgement import VerdictWord
from harness.verdict.promises.situations import Situation
from harness.verdict.promises.states import VariableState
from harness.world.told.lag import Lag

SHOWN_MAX = 4
PROVEN_MAX = 8
"""So many of the findings of one judgement are proven by their entries; the others are as many more."""
TEXT_MAX = 100


class Seen(NamedTuple):
    """What a condition was in one situation; `trouble` tells why it had no value there, `missing` which member."""

    situation: Situation
    value: Any = None
    trouble: str = ""
    missing: str = ""

    def truth(self) -> bool | None:
        """Surely true, surely false, or unsure."""
        return self.value if isinstance(self.value, bool) and self.situation.certain and not self.trouble else None

    def may_be(self, truth: bool) -> bool:
        """May it have been so?"""
        return not isinstance(self.value, bool) or self.value is truth


class Group(NamedTuple):
    """What was seen of one host, one object or the run: for each condition of the promise, in order. `label` names the object."""

    label: str
    seen: list[list[Seen]]


class PromiseFinding(NamedTuple):
    """What became of a promise: `pass` only as far as it was seen. `last` is the state that broke it."""

    verdict: VerdictWord
    says: str
    evidence: tuple[int, ...] = ()
    last: VariableState | None = None


ByWhom = Callable[[VariableState], str]


class Frame(NamedTuple):
    """From when a promise holds, and until when it was looked (seconds). `end`: when its block ended; what came later is none of it.

    `lag` is how far the lab fell behind: what is promised within a time has longer then.
    """

    begin: float
    until: float
    end: float
    lag: Lag

    def used(self, at: float) -> float:
        """How many seconds from the begin on the lab could use up to a time."""
        return self.lag.kept(self.begin, at)


def find(promise: OwnPromise, groups: list[Group], frame: Frame, by_whom: ByWhom = lambda _: "") -> PromiseFinding:
    """What became of a promise; `by_whom` tells who brought a state about, to be put behind it."""
    found = list(FORMS[promise.form](promise, groups, frame))
    for verdict in ("fail", "unknown"):
        same = [finding for finding in found if finding.verdict == verdict]
        if same:
            more = f"; and {len(same) - 1} more of this kind" if len(same) > 1 else ""
            evidence = tuple(sorted({seq for finding in same[:PROVEN_MAX] for seq in finding.evidence}))
            last = same[0].last
            # What was so before the promise began, nobody did then.
            whose = by_whom(last) if verdict == "fail" and last and last.at >= frame.begin else ""
            return same[0]._replace(says=same[0].says + whose + more, evidence=evidence)
    if promise.form == "eventually" and len(groups) == 1:
        first = next(seen for seen in groups[0].seen[0] if seen.truth() is True)
        says = f"{code(promise.conditions[0])} became true {first.situation.where}, promised within {format_duration(promise.within)}"
        return PromiseFinding("pass", says, first.situation.evidence)
    return PromiseFinding("pass", kept(promise, groups, frame))


def kept(promise: OwnPromise, groups: list[Group], frame: Frame) -> str:
    """The sentence of a promise that nothing broke."""
    what = " and ".join(code(text) for text in promise.conditions)
    looked = f"{frame.begin:.1f} s to {frame.until:.1f} s" if frame.until < float("inf") else f"{frame.begin:.1f} s on"
    said = {
        "never": f"{what} was never true",
        "always": f"{what} was always true",
        "stable": f"{what} stayed as it was",
        "eventually": f"{what} became true in time",
        "at_most": f"{what} was true no more than {promise.count} time{'s' * (promise.count != 1)}",
        "exclusive": f"{what} were never true at once",
    }[promise.form]
    return f"{said}, from {looked} ({counted(promise, groups)})"


def counted(promise: OwnPromise, groups: list[Group]) -> str:
    """What the conditions were asked of, and how often."""
    seen = [one for group in groups for ones in group.seen[:1] for one in ones]
    facts = bool(seen) and all(one.situation.instant for one in seen)
    number, what = len(seen), "fact" if facts or promise.over == "run" else "state"
    text = f"{number or 'no'} {what}{'s' * (number != 1)}"
    return f"{text} of {len(groups)} object{'s' * (len(groups) != 1)}" if promise.over == "kind" else text


def code(text: str) -> str:
    """A condition in a sentence: on one line, and not longer than one reads."""
    line = " ".join(text.split())
    return f"`{line if len(line) <= TEXT_MAX else line[: TEXT_MAX - 1] + '…'}`"


def value_of(value: Any) -> str:
    """A value in a sentence, of limited length."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1] + "…"


def _never(promise: OwnPromise, groups: list[Group], _: Frame, *, wrong: bool = True) -> Iterator[PromiseFinding]:
    what = code(promise.conditions[0])
    for group in groups:
        for seen in group.seen[0]:
            if seen.truth() is wrong:
                text = f"{group.label}{what} was {value_of(wrong)} {seen.situation.where}"
                yield PromiseFinding("fail", text, seen.situation.evidence, seen.situation.latest)
            elif seen.truth() is None and seen.may_be(wrong):
                yield unsure(group, what, seen)


def _always(promise: OwnPromise, groups: list[Group], frame: Frame) -> Iterator[PromiseFinding]:
    return _never(promise, groups, frame, wrong=False)


def unsure(group: Group, what: str, seen: Seen) -> PromiseFinding:
    """Why a condition is neither surely true nor surely false."""
    why = f"{what} has no value {seen.situation.where}: {seen.trouble}" if seen.trouble else ""
    if not why and not isinstance(seen.value, bool):
        why = f"{what} is {value_of(seen.value)} {seen.situation.where}, and not true or false"
    why = why or f"{what} may have been {value_of(seen.value)} {seen.situation.where}: which came first was not seen"
    return PromiseFinding("unknown", group.label + why, seen.situation.evidence)


def _stable(promise: OwnPromise, groups: list[Group], _: Frame) -> Iterator[PromiseFinding]:
    what = code(promise.conditions[0])
    for group in groups:
        first: Seen | None = None
        for seen in group.seen[0]:
            if seen.trouble:
                yield unsure(group, what, seen)
            elif first is None:
                first = seen
            elif seen.value != first.value or isinstance(seen.value, bool) is not isinstance(first.value, bool):
                both = tuple(sorted({*first.situation.evidence, *seen.situation.evidence}))
                said = f"{value_of(seen.value)} {seen.situation.where} from {value_of(first.value)} {first.situation.where}"
                sure = first.situation.certain and seen.situation.certain
                text = f"{group.label}{what} {'became' if sure else 'may have become'} {said}"
                yield PromiseFinding("fail" if sure else "unknown", text, both, seen.situation.latest)


def _eventually(promise: OwnPromise, groups: list[Group], frame: Frame) -> Iterator[PromiseFinding]:
    what, within = code(promise.conditions[0]), promise.within
    lost = frame.until - frame.begin - frame.used(frame.until) if frame.until < float("inf") else 0.0
    behind = f", and {lost:.1f} s longer, as the lab fell behind" if lost > 0 else ""
    limit = f"within {format_duration(within)} ({frame.begin:.1f} s to {frame.begin + within:.1f} s{behind})"
    for group in groups:
        good = [seen for seen in group.seen[0] if seen.truth() is True]
        if any(frame.used(seen.situation.at) <= within for seen in good):
            continue
        doubts = [
            seen
            for seen in group.seen[0]
            if seen.truth() is None and seen.may_be(truth=True) and frame.used(seen.situation.since) <= within
        ]
        late = [seen for seen in good if frame.used(seen.situation.since) <= within]
        last = group.seen[0][-1:]
        if doubts:
            yield unsure(group, what, doubts[0])
        elif late:
            text = f"{group.label}{what} became true {late[0].situation.where}, and whether {limit} was not seen"
            yield PromiseFinding("unknown", text, late[0].situation.evidence)
        elif frame.used(frame.until) < within:
            text = f"{group.label}{what} is not true yet; it was looked until {frame.until:.1f} s, and is promised {limit}"
            yield PromiseFinding("unknown", text, last[0].situation.evidence if last else ())
        else:
            then = (
                f"; it became true {good[0].situation.where}"
                if good
                else f"; last seen {last[0].situation.where}"
                if last
                else ""
            )
            shown = good or last
            yield PromiseFinding(
                "fail", f"{group.label}{what} was not true {limit}{then}", shown[0].situation.evidence if shown else ()
            )


def _at_most(promise: OwnPromise, groups: list[Group], _: Frame) -> Iterator[PromiseFinding]:
    what = code(promise.conditions[0])
    sure = [seen for group in groups for seen in rises(group.seen[0], doubts=False)]
    possible = [seen for group in groups for seen in rises(group.seen[0], doubts=True)]
    found = sure if len(sure) > promise.count else possible
    if len(found) <= promise.count:
        return
    whose = {id(seen): group.label.removesuffix(": ") for group in groups for seen in group.seen[0]}
    places = [f"{whose[id(seen)]} {seen.situation.where}".lstrip() for seen in found[:SHOWN_MAX]]
    shown = ", ".join(places) + (", …" if len(found) > SHOWN_MAX else "")
    evidence = tuple(sorted({seq for seen in found[: promise.count + PROVEN_MAX] for seq in seen.situation.evidence}))
    number = f"{len(found)} time{'s' * (len(found) != 1)}"
    if found is sure:
        text = f"{what} was true {number}, more than {promise.count}: {shown}"
        yield PromiseFinding("fail", text, evidence, found[-1].situation.latest)
    else:
        why = next((f": {seen.trouble}" for seen in found if seen.trouble), "")
        text = f"{what} may have been true {number}, more than {promise.count}: {shown}{why}"
        yield PromiseFinding("unknown", text, evidence)


def rises(seen: list[Seen], *, doubts: bool) -> list[Seen]:
    """Where a condition became true, after it was not; of facts every one. With `doubts` also wherever it may have been.

    What is true of one copy of an object is true of the object: its other copy, made meanwhile, makes it no second time.
    """
    found: list[Seen] = []
    reach = -float("inf")
    for one in sorted(seen, key=lambda it: it.situation.at):
        situation, maybe = one.situation, one.truth() is None and one.may_be(truth=True)
        if one.truth() is True:
            if situation.instant or situation.since > reach:
                found.append(one)
            reach = max(reach, situation.gone_at)
        elif maybe and doubts:
            found.append(one)
        elif maybe and situation.since <= reach:
            reach = max(reach, situation.gone_at)
    return found


def _exclusive(promise: OwnPromise, groups: list[Group], _: Frame) -> Iterator[PromiseFinding]:
    for group in groups:
        for (text, ones), (other, others) in combinations(zip(promise.conditions, group.seen, strict=True), 2):
            both = f"{group.label}{code(text)} and {code(other)}"
            facts = all(one.situation.instant for one in (*ones, *others))
            pairs = product(_true_ones(ones, first_only=facts), _true_ones(others, first_only=facts))
            yield from (_pair(group, both, one, two) for one, two in pairs if one.situation.may_meet(two.situation))


def _true_ones(seen: list[Seen], *, first_only: bool) -> list[Seen]:
    """Where a condition was, or may have been, true; of facts, which meet whenever they came to be, the first sure one."""
    true = [one for one in seen if one.may_be(truth=True)]
    if not first_only or not true:
        return true
    return [next((one for one in true if one.truth() is True), true[0])]


def _pair(group: Group, both: str, one: Seen, two: Seen) -> PromiseFinding:
    """What two conditions that may both have been true at once tell."""
    evidence = tuple(sorted({*one.situation.evidence, *two.situation.evidence}))
    for text, seen in ((both, one), (both, two)):
        if seen.trouble or not isinstance(seen.value, bool):
            return unsure(group, text.removeprefix(group.label), seen)
    sure = one.truth() is True and two.truth() is True and one.situation.surely_met(two.situation)
    verb = "were both true" if sure else "may have been true at once"
    text = f"{both} {verb}: {one.situation.where} and {two.situation.where}"
    return PromiseFinding("fail" if sure else "unknown", text, evidence, max(one, two, key=_began).situation.latest)


def _began(seen: Seen) -> float:
    return seen.situation.at


FORMS: dict[str, Callable[[OwnPromise, list[Group], Frame], Iterator[PromiseFinding]]] = {
    "never": _never,
    "always": _always,
    "stable": _stable,
    "eventually": _eventually,
    "at_most": _at_most,
    "exclusive": _exclusive,
}
"""What each form finds; a promise of which nothing is found is kept."""
