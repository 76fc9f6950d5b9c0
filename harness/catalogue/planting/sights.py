"""Altering what was seen when: sights that begin late, end early, have holes, or never were."""

from typing import Any

import msgspec

from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import NotApplicableError
from harness.journal.entry import Entry
from harness.journal.facts import (
    AnyFact,
    BmcRequest,
    SightBegan,
    SightEnded,
    SightLost,
    SightRegained,
)
from harness.world.coverage import SightKey
from harness.world.horizon import shows

SIGHTS = (SightBegan, SightEnded, SightLost, SightRegained)


def shown_by(key: SightKey, entry: Entry) -> bool:
    """Does this sight show that entry?"""
    shown = shows(entry.fact)
    return shown is not None and key.covers(shown)


def about(key: SightKey, entry: Entry) -> bool:
    """Is this entry a fact about that sight, or about a part of it?"""
    fact = entry.fact
    return isinstance(fact, SIGHTS) and key.covers(SightKey(fact.sight, fact.cluster, fact.kind, fact.host))


def need_own(draft: Draft, key: SightKey) -> None:
    """NotApplicableError where the run did not tell of this sight alone, but only of a wider one."""
    if not any(about(key, entry) for entry in draft.entries):
        raise NotApplicableError("sights told " + ("kind by kind" if key.kind else "host by host" if key.host else "one by one"))


def never(draft: Draft, key: SightKey) -> None:
    """The sight never was."""
    need_own(draft, key)
    draft.drop(lambda entry: about(key, entry) or shown_by(key, entry))


def begins(draft: Draft, key: SightKey, at: float) -> None:
    """The sight begins only then."""
    draft.run.need(key.sight)
    began = [entry for entry in draft.entries if about(key, entry) and isinstance(entry.fact, SightBegan)]
    wider = SightKey(key.sight)
    began = began or [entry for entry in draft.entries if about(wider, entry) and isinstance(entry.fact, SightBegan)]
    moved = {id(entry) for entry in began}
    draft.drop(lambda entry: id(entry) in moved or (entry.at < at and shown_by(key, entry)))
    for entry in began:
        draft.tell(entry.fact, at=at)


def ends(draft: Draft, key: SightKey, at: float) -> None:
    """The sight ends then, in good order: a recorder was stopped, nothing was lost up to there.

    Where the run tells only of one sight for all, as a recording does, that one ends.
    """
    draft.run.need(key.sight, cluster=key.cluster, kind=key.kind, host=key.host)
    own = key if any(about(key, entry) for entry in draft.entries) else SightKey(key.sight)
    ended = [entry for entry in draft.entries if about(own, entry) and isinstance(entry.fact, SightEnded)]
    moved = {id(entry) for entry in ended}
    draft.drop(lambda entry: id(entry) in moved or (entry.at > at and shown_by(own, entry)))
    for entry in ended:
        draft.tell(entry.fact, at=at)


def hole(draft: Draft, key: SightKey, since: float, until: float, *, bridged: bool = False) -> None:
    """The sight is lost from `since` to `until`; `bridged`: the source delivered afterwards what had happened."""
    draft.run.need(key.sight, cluster=key.cluster, kind=key.kind, host=key.host)
    if not bridged:
        draft.drop(lambda entry: since < entry.at < until and shown_by(key, entry))
    draft.tell(SightLost(says="the line was cut", **where(key)), at=since)
    draft.tell(SightRegained(complete=bridged, **where(key)), at=until)


def where(key: SightKey) -> dict[str, Any]:
    """The fields of a fact about this sight."""
    return {name: value for name, value in key._asdict().items() if value}


def add(draft: Draft, key: SightKey) -> None:
    """One sight more, from the first to the last moment of the others."""
    began = min(entry.at for entry in draft.entries if isinstance(entry.fact, SightBegan))
    draft.tell(SightBegan(**where(key)), at=began)
    draft.tell(SightEnded(complete=True, **where(key)), at=draft.run.ends)


def rename_hosts(draft: Draft, names: dict[str, str]) -> None:
    """The record of requests names servers otherwise."""

    def change(entry: Entry) -> AnyFact | None:
        if isinstance(entry.fact, BmcRequest) and entry.fact.host in names:
            return msgspec.structs.replace(entry.fact, host=names[entry.fact.host])
        return None

    draft.alter(change)
