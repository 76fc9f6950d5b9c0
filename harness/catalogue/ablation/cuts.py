"""Cutting what was seen out of a journal, as each sight would have told it."""

from collections.abc import Hashable, Iterable
from typing import Any

import msgspec

from harness.catalogue.ablation.seen_run import SeenRun, SightKeys
from harness.catalogue.planting.sights import SIGHTS, about, shown_by, where
from harness.journal import facts
from harness.journal.entry import Entry
from harness.world.coverage import SightKey, looked_at
from harness.world.world import key_of


def of_any(keys: SightKeys, entry: Entry) -> bool:
    """Does one of these sights show this entry?"""
    return any(shown_by(key, entry) for key in keys)


def numbered(entries: Iterable[Entry]) -> list[Entry]:
    """The entries in the order of their times, numbered anew."""
    ordered = sorted(entries, key=lambda entry: entry.at)
    return [Entry(number, entry.since, entry.at, entry.fact) for number, entry in enumerate(ordered)]


def never(run: SeenRun, keys: SightKeys) -> list[Entry]:
    """These sights never were; where the run tells only of a wider one, that one says it never saw them."""
    left = [entry for entry in run.entries if not of_any(keys, entry) and not any(about(key, entry) for key in keys)]
    lost = [facts.SightLost(says="never seen", **where(key)) for key in keys if not run.is_told(key)]
    return numbered([*left[:1], *(Entry(-1, run.began, run.began, fact) for fact in lost), *left[1:]])


def lost(run: SeenRun, keys: SightKeys, since: float, until: float, *, listed: bool = False) -> list[Entry]:
    """These sights were lost for a time; `listed`: afterwards they show again what there is then."""
    gone = [entry for entry in run.entries if since < entry.at < until and of_any(keys, entry)]
    cut = {id(entry) for entry in gone}
    edges: list[tuple[float, facts.AnyFact]] = [(since, facts.SightLost(says="cut", **where(key))) for key in keys]
    if until < float("inf"):
        edges += [(until, facts.SightRegained(complete=False, says="again", **where(key))) for key in keys]
    again = [entry for entry in newest(gone) if listed]
    told = [Entry(-1, since, until, entry.fact) for entry in again]
    return numbered([*(it for it in run.entries if id(it) not in cut), *told, *(Entry(-1, at, at, fact) for at, fact in edges)])


def newest(gone: Iterable[Entry]) -> list[Entry]:
    """What a look afterwards shows of all that was not seen: the last state of each thing; records of what was done show nothing."""
    found: dict[Hashable, Entry] = {}
    for entry in gone:
        thing = thing_of(entry.fact)
        if thing is not None:
            found.pop(thing, None)
            found[thing] = entry
    return list(found.values())


def thing_of(fact: facts.AnyFact) -> Hashable | None:
    """What this fact shows the state of; None where it tells of something that was done."""
    match fact:
        case facts.ObjectSeen():
            return key_of(fact)
        case facts.IronicNode() | facts.IronicNodeGone():
            return fact.ironic, fact.uuid
        case facts.IronicAnswers():
            return fact.ironic
        case facts.BmcRead():
            return "bmc", fact.host
        case facts.ProbeSeen():
            return fact.vantage, fact.what, fact.address, fact.host, fact.ironic
        case _:
            return None


def ended(run: SeenRun, keys: SightKeys, at: float) -> list[Entry]:
    """These sights ended then, in good order, and nothing was lost up to there."""
    return re_timed(
        run, keys, facts.SightEnded, at, [entry for entry in run.entries if entry.at <= at or not of_any(keys, entry)]
    )


def begun(run: SeenRun, keys: SightKeys, at: float) -> list[Entry]:
    """These sights began only then, with what there was: lists of objects and nodes, and the first look at a BMC."""
    gone = [entry for entry in run.entries if entry.at < at and of_any(keys, entry)]
    cut = {id(entry) for entry in gone}
    first = [Entry(-1, at, at, fact) for entry in newest(gone) if (fact := listed_first(entry.fact)) is not None]
    return re_timed(run, keys, facts.SightBegan, at, [*(entry for entry in run.entries if id(entry) not in cut), *first])


def listed_first(fact: facts.AnyFact) -> facts.AnyFact | None:
    """What a first look shows of a thing in that state; None where it is gone."""
    if isinstance(fact, facts.IronicNodeGone):
        return None
    if isinstance(fact, facts.ObjectSeen):
        return None if fact.change == "deleted" else msgspec.structs.replace(fact, change="listed")
    return fact


def re_timed(run: SeenRun, keys: SightKeys, edge: type[facts.Sight], at: float, left: list[Entry]) -> list[Entry]:
    """The entries that are left, with the begin (or end) of these sights at another time, and of none that was told beyond it."""
    own = [entry for entry in left if isinstance(entry.fact, SIGHTS) and any(about(key, entry) for key in keys)]
    moved = {looked_at(entry.fact): entry.fact for entry in own if isinstance(entry.fact, edge)}
    beyond = {id(entry) for entry in own if (entry.at > at if edge is facts.SightEnded else entry.at < at)}
    dropped = beyond | {id(entry) for entry in own if isinstance(entry.fact, edge)}
    told: list[Entry] = [Entry(-1, at, at, fact) for fact in (*moved.values(), *still_lost(own, at, moved))]
    for key in keys:
        if not run.is_told(key):
            told += [Entry(-1, time, time, fact) for time, fact in narrower(run, where(key), at)]
    return numbered([*(entry for entry in left if id(entry) not in dropped), *told])


def still_lost(own: list[Entry], at: float, moved: Iterable[SightKey]) -> list[facts.AnyFact]:
    """What of these sights was lost by that time, and is no sight that begins or ends then."""
    lost_then: dict[SightKey, facts.AnyFact] = {}
    for entry in own:
        if entry.at < at and isinstance(entry.fact, facts.SightLost):
            lost_then[looked_at(entry.fact)] = entry.fact
        elif entry.at < at and isinstance(entry.fact, SIGHTS):
            lost_then.pop(looked_at(entry.fact), None)
    return [fact for key, fact in lost_then.items() if key not in moved]


def narrower(run: SeenRun, where_: dict[str, Any], at: float) -> list[tuple[float, facts.AnyFact]]:
    """A part of a wider sight that ended before that."""
    return [(run.began, facts.SightBegan(**where_)), (at, facts.SightEnded(complete=True, **where_))]
