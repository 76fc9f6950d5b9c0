"""Judges a promise of one's own: of each host, of the run, or of all objects of a kind.

Kept is only what was seen all the time, broken what was surely seen; the rest is unknown, with the reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from harness.errors import ConditionError
from harness.files.conditions.expression import Expression, is_there
from harness.journal.entry import Entry
from harness.journal.facts import BmcRead, BmcRequest, OwnPromise
from harness.judgement import Judgement, unknown
from harness.verdict.promises.facts_read import OF_A_HOST, asked
from harness.verdict.promises.forms import Frame, Group, PromiseFinding, Seen, find
from harness.verdict.promises.sights import blind_for_host, blind_for_kind, blind_for_run, clusters_of
from harness.verdict.promises.situations import Situation, situations
from harness.verdict.promises.states import (
    Track,
    VariableState,
    clipped,
    instants,
    states_of_kind,
    tells_of,
    told,
    track_of_host,
    track_of_ironic,
    track_of_node,
)
from harness.world.changes.authors import UNSEEN, author
from harness.world.coverage import NotCovered
from harness.world.horizon import all_needed_until, horizon
from harness.world.hosts import Host, promise_since, promised
from harness.world.moves import moves, steady_since
from harness.world.world import World


class Question(NamedTuple):
    """A promise, and its conditions ready to be asked."""

    promise: OwnPromise
    conditions: list[Expression]

    @property
    def facts(self) -> frozenset[str]:
        """The names of the facts that it asks."""
        return frozenset(name for one in self.conditions if "fact" in one.reads for name in asked(self.promise.form, one.term))

    @property
    def read(self) -> list[str]:
        """The variables that it reads."""
        return sorted({name for one in self.conditions for name in one.reads})


TRACKS = {"host": track_of_host, "node": track_of_node, "ironic": track_of_ironic}
CALLED = {"node": "Node of it", "ironic": "node of it in an Ironic", "host": "version of it"}


def judge_promise(world: World, entries: list[Entry], promise: OwnPromise, until: float = float("inf")) -> Iterator[Judgement]:
    """The judgements of one promise; it was looked until the horizon, or until this time (seconds) where that is earlier."""
    names = [host.name for host in promised(world)] if promise.over == "hosts" else [None]
    held = horizon(world)
    try:
        conditions = [Expression(text) for text in promise.conditions]
    except ConditionError as error:
        yield from (unknown(f"the condition cannot be judged: {error}", name) for name in names)
        return
    if held is None:
        yield from (unknown("no move took place", name) for name in names)
        return
    question, frame = Question(promise, conditions), Frame(held.since, min(held.until, until), until, world.lag)
    if promise.over == "hosts":
        facts = facts_of_hosts(world, entries, question.facts & OF_A_HOST, held.since)
        yield from (of_host(world, host, question, facts.get(host.name, []), frame) for host in promised(world))
    elif promise.over == "kind":
        yield of_kind(world, question, frame)
    else:
        yield of_run(world, entries, question, frame)


def facts_of_hosts(world: World, entries: list[Entry], names: frozenset[str], begin: float) -> dict[str, list[VariableState]]:
    """The facts of these names, by the host of which each tells."""
    found: dict[str, list[VariableState]] = {}
    if not names:
        return found
    hosts = promised(world)
    by_record = {host.record: host for host in hosts}
    for state in instants(entries, names, begin):
        fact = state.shown.fact
        record = fact.host if isinstance(fact, BmcRead | BmcRequest) else None
        concerned = hosts if record is None else [by_record[record]] if record in by_record else []
        for host in concerned:
            if state.since < host.until and (record is not None or tells_of(world, state.shown, host)):
                found.setdefault(host.name, []).append(state)
    return found


def of_host(world: World, host: Host, question: Question, facts: list[VariableState], frame: Frame) -> Judgement:
    """What became of it for one host."""
    tracks = {name: track(world, host) for name, track in TRACKS.items() if name in question.read}
    states = {name: clipped(track.states, world) for name, track in tracks.items()} | {"fact": facts}
    constant = {"before": host.baseline.body}
    seen = []
    for condition in question.conditions:
        read = [states[name] for name in condition.reads if name != "before"]
        # What reads only how the host was before is as true as the host is there.
        seen.append(answers(condition, read or [track_of_host(world, host).states], constant, frame.end))
    begin = frame._replace(begin=max(host.begins, frame.begin))
    found = find(question.promise, with_absences(question, [Group("", seen)]), begin, partial(by_whom, world, question))
    blind = blind_for_host(world, host, question.read, question.facts) or missing(tracks)
    return judgement(found, blind, host.name, question.promise)


def missing(tracks: Mapping[str, Track]) -> NotCovered | None:
    """A variable of which nothing was seen, or of which nobody knows what it is at the end."""
    for name, track in tracks.items():
        if not track.states:
            return NotCovered(f"no {CALLED[name]} was seen")
        if track.lost:
            return NotCovered(track.lost, track.evidence)
    return None


def of_kind(world: World, question: Question, frame: Frame) -> Judgement:
    """What became of it for all objects of a kind."""
    groups, promise = [], question.promise
    for (namespace, name), states in states_of_kind(world, promise.kind, frame.begin, clusters_of(promise.kind)).items():
        sure = clipped(states, world)
        label = f"{promise.kind} {f'{namespace}/' if namespace and several_namespaces(world, promise.kind) else ''}{name}: "
        groups.append(Group(label, [answers(one, [sure], {}, frame.end) for one in question.conditions]))
    blind = blind_for_kind(world, promise.kind, promise_begin(world), all_needed_until(world))
    if not groups and blind is None:
        blind = NotCovered(f"no {promise.kind} was seen")
    found = find(promise, with_absences(question, groups), frame, partial(by_whom, world, question))
    return judgement(found, blind, None, promise)


def several_namespaces(world: World, kind: str) -> bool:
    """Are there objects of this kind in more than one namespace?"""
    return len({key.namespace for key in world.objects if key.kind == kind}) > 1


def of_run(world: World, entries: list[Entry], question: Question, frame: Frame) -> Judgement:
    """What became of it for the run as a whole."""
    promise = question.promise
    seen = [
        answers(one, [instants(entries, asked(promise.form, one.term), frame.begin)], {}, frame.end)
        for one in question.conditions
    ]
    blind = blind_for_run(world, question.facts, promise_begin(world), all_needed_until(world))
    return judgement(find(promise, with_absences(question, [Group("", seen)]), frame), blind, None, promise)


def promise_begin(world: World) -> float:
    """From when on sights are needed (seconds); before the run where a move had begun before anybody looked."""
    steady = steady_since(world)
    return promise_since(moves(world)) if steady is None else steady


def answers(
    condition: Expression, states: Iterable[list[VariableState]], constant: Mapping[str, object], end: float
) -> list[Seen]:
    """What the condition was in every situation; one that may have begun only after the end may be none of the promise's."""
    found = (one if one.at <= end else one._replace(certain=False) for one in situations(states))
    return [answer(condition, situation, constant) for situation in found]


def answer(condition: Expression, situation: Situation, constant: Mapping[str, object]) -> Seen:
    """What it was in one of them."""
    values = {state.variable: state.value for state in situation.states} | dict(constant)
    if "object" in values and "fact" in condition.reads:
        values["fact"] = told(situation.states[0].shown)
    try:
        return Seen(situation, condition.value(values))
    except ConditionError as error:
        return Seen(situation, trouble=str(error), missing=error.missing)


def with_absences(question: Question, groups: list[Group]) -> list[Group]:
    """The groups, in which a condition is not true while a member that it reads is not there yet, or no more.

    That it is there at other times shows that it is no misspelling. What must be so `always`, or stay, is unsure without it.
    """
    if question.promise.form in ("always", "stable"):
        return groups
    known = [
        {name for name in names_missing(groups, place) if is_known(condition, name, groups)}
        for place, condition in enumerate(question.conditions)
    ]
    return [
        group._replace(
            seen=[
                [one._replace(value=False, trouble="") if one.missing in names else one for one in ones]
                for ones, names in zip(group.seen, known, strict=True)
            ]
        )
        for group in groups
    ]


def names_missing(groups: list[Group], place: int) -> set[str]:
    """The members for want of which a condition had no value."""
    return {one.missing for group in groups for one in group.seen[place] if one.missing}


def is_known(condition: Expression, name: str, groups: list[Group]) -> bool:
    """Was a member of this name, where the condition reads it, there at another time?"""
    values = (
        {state.variable: state.value} for group in groups for ones in group.seen for one in ones for state in one.situation.states
    )
    paths = list(condition.prefixes(name))
    return any(is_there(value, path) for value in values for path in paths)


def by_whom(world: World, question: Question, state: VariableState) -> str:
    """Who wrote the version of an object that is a state; empty for what is none, since its entry tells."""
    if state.variable not in ("host", "node", "object"):
        return ""
    paths = [path for condition in question.conditions for path in condition.paths(state.variable)]
    whose = author(world, world.version_of(state.shown)[1], paths[0] if paths else "")
    return f", {whose}" if whose == UNSEEN else f", written {whose}"


def judgement(found: PromiseFinding, blind: NotCovered | None, host: str | None, promise: OwnPromise) -> Judgement:
    """A finding as a judgement: nothing passes that was not seen, and what never came fails only where it would have been seen."""
    absent = found.verdict == "fail" and promise.form == "eventually"
    if blind and (found.verdict == "pass" or absent):
        return unknown(blind.says, host, blind.evidence)
    if blind and found.verdict == "unknown":
        return unknown(f"{found.says}; {blind.says}", host, (*found.evidence, *blind.evidence))
    return Judgement(found.verdict, found.says, host, found.evidence)
