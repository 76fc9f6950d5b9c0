"""Who wrote a version of an object: the one door through which every check asks.

In this order: the user, where an API server's audit log was seen; the field manager, where the version's managedFields tell it; this
harness, where its own journal says so; else nobody knows.
"""

from collections.abc import Iterator
from typing import NamedTuple

from bmc.names import USER_AGENT
from harness.journal.entry import Entry
from harness.journal.facts import SIDES, ApiWrite, FieldManager, ObjectSeen, WriteDone, WriteIntended, WriteUndone
from harness.world.moved_kinds import kind_name
from harness.world.world import ObjectKey, Version, World, answered_once, key_of

LATE_SECONDS = 0.5
"""An audit log may date a write so long before the watch can have shown it."""
DELETED_SECONDS = 5.0
"""An object may show its deletion so long after it was asked for."""
UNSEEN = "by whom was not seen"
REFUSED = 400
"""The first status code of an answer that refuses."""
SECOND = len("2026-11-30T12:00:01")
DELETIONS = ("delete", "deletecollection")
PATHS = {"label": "metadata.labels", "annotation": "metadata.annotations"}
LISTS = {"owner": "metadata.ownerReferences", "finalizer": "metadata.finalizers", "its": "data"}


class LoggedWrite(NamedTuple):
    """A write of an object, and the entry that tells it."""

    entry: Entry
    fact: ApiWrite


def author(world: World, version: Version, part: str = "") -> str:
    """`by USER`, `by field manager NAME (...)`, `by this harness (...)`, or that it was not seen.

    `part` is what of the version is asked for, like `spec.online` or `label x`; it decides where several wrote it.
    """
    path = path_of(part)
    managers = writers_of(version, path)
    user = user_of(world, version, path, managers)
    others = [one for one in managers if one.manager != USER_AGENT]
    if user:
        return f"by {user}" + (f" (field manager {others[0].manager})" if len(others) == 1 else "")
    if others:
        return f"by {' or '.join(said(one) for one in others)}"
    return own_write(world, version, known=bool(managers)) or UNSEEN


def after_words(whose: str) -> str:
    """An author to be put behind `was set`, with a comma where nobody was seen."""
    return f", {whose}" if whose == UNSEEN else f" {whose}"


def said(manager: FieldManager) -> str:
    """A field manager, how it wrote, and when by its API server's clock."""
    how = ", ".join(
        part for part in (manager.operation, manager.subresource and f"of {manager.subresource}", manager.time) if part
    )
    return f"field manager {manager.manager}{f' ({how})' if how else ''}"


def writers_of(version: Version, path: str) -> list[FieldManager]:
    """The field managers that can have written this part of a version; all of the version's where none is known to own it.

    Who wrote a status only reports what happened, so it counts where the status itself is asked for.
    """
    of_status = path.startswith("status")
    managers = [one for one in shown_by(version).managers if of_status or one.subresource != "status"]
    owners = [one for one in managers if any(overlap(path, own) for own in one.paths)] if path else []
    return owners or managers


def path_of(part: str) -> str:
    """The path of a part of an object, as people are told of it: `label x` is `metadata.labels[x]`."""
    word, _, name = part.partition(" ")
    if name and word in PATHS:
        return f"{PATHS[word]}[{name}]" if "." in name or "/" in name else f"{PATHS[word]}.{name}"
    return LISTS.get(word, part) if name else part


def overlap(path: str, other: str) -> bool:
    """Is one path the other, or within it?"""
    short, long = sorted((path, other), key=len)
    return long == short or (long.startswith(short) and long[len(short)] in ".[")


def user_of(world: World, version: Version, path: str, managers: list[FieldManager]) -> str:
    """The user of the last write that can have made this version, by the audit log; of several, one whose program is the manager."""
    of_status, names = path.startswith("status"), {one.manager for one in managers}
    found = writes_of(world, version, version.entry.since - LATE_SECONDS, version.entry.at)
    writes = [
        it.fact
        for it in found
        if it.fact.verb not in DELETIONS
        and (it.fact.subresource == "status") is of_status
        and not is_of_another(world, version, it)
    ]
    moments = {one.time[:SECOND] for one in managers if one.time}
    # Both times are the server's, so that clocks that differ do not matter.
    then = [fact for fact in writes if fact.time[:SECOND] in moments]
    own = [fact for fact in then or writes if program(fact) in names]
    return next((fact.user for fact in own or then or writes), "")


def program(fact: ApiWrite) -> str:
    """The first word of who wrote it, of which an API server makes the field manager where none is named."""
    return fact.user_agent.partition("/")[0]


def is_of_another(world: World, version: Version, write: LoggedWrite) -> bool:
    """Does another version of the object, at the same time, name the program of this write as its manager, and this one somebody else?"""
    mine = shown_by(version).managers
    if not mine or any(one.manager == program(write.fact) for one in mine):
        return False
    near = [
        it
        for it in world.objects[key_of(shown_by(version))]
        if it.entry.since - LATE_SECONDS <= write.entry.at and write.entry.since <= it.entry.at
    ]
    return any(one.manager == program(write.fact) for it in near for one in shown_by(it).managers)


def writes_of(world: World, version: Version, low: float, high: float) -> Iterator[LoggedWrite]:
    """The writes of this object between two times (seconds) that an audit log saw, and that were not refused; the last first."""
    shown = shown_by(version)
    for entry, fact in reversed(writes_to(world).get((shown.cluster, resource(world, key_of(shown).kind), shown.name), [])):
        if (
            entry.since <= high
            and low <= entry.at
            and fact.namespace in ("", shown.namespace)
            and fact.user
            and fact.code < REFUSED
        ):
            yield LoggedWrite(entry, fact)


def shown_by(version: Version) -> ObjectSeen:
    """The fact that showed this version."""
    assert isinstance(version.entry.fact, ObjectSeen)  # noqa: S101 - only such entries make versions
    return version.entry.fact


def own_write(world: World, version: Version, *, known: bool) -> str:
    """`by this harness (what it did)`, where it wrote to the host of this name at that time; `known`: it is known that it did."""
    name, low = shown_by(version).name, version.entry.since - LATE_SECONDS
    for fact in own_writes(world, name, until=version.entry.at):
        if known or low <= until_of(world, fact):
            return f"by this harness ({fact.what})"
    return "by this harness" if known else ""


def own_writes(world: World, name: str, *, until: float) -> Iterator[WriteIntended]:
    """What this harness meant to write to the host or object of that name up to this time (seconds); the last first."""
    for entry in reversed(world.writes):
        fact = entry.fact
        if isinstance(fact, WriteIntended) and entry.at <= until and name in (fact.host, *fact.what.split()):
            yield fact


def until_of(world: World, intended: WriteIntended) -> float:
    """Until when (seconds) this write of ours can have changed something: until it was undone, else done."""
    ends = [
        entry.at
        for entry in world.writes
        if isinstance(entry.fact, WriteDone | WriteUndone) and entry.fact.write == intended.write
    ]
    return max(ends, default=float("inf"))


def deleter(world: World, version: Version) -> str:
    """Who deleted an object, by the audit log or this harness's own journal: `by USER`; empty where it was not seen."""
    writes = writes_of(world, version, version.entry.since - DELETED_SECONDS, version.entry.at + LATE_SECONDS)
    user = next((it.fact.user for it in writes if it.fact.verb == "delete"), "")
    if user:
        return f"by {user}"
    name = shown_by(version).name
    ours = own_writes(world, name, until=version.entry.at)
    what = next((fact.what for fact in ours if fact.what.startswith("delete") and name in fact.what.split()), "")
    return f"by this harness ({what})" if what else ""


def deleted_by(world: World, version: Version) -> str:
    """Who deleted an object, or marked it: by the record of deletions, else of writes at that time."""
    return deleter(world, version) or author(world, version)


def deletions(world: World, key: ObjectKey) -> list[tuple[Entry, ApiWrite]]:
    """Who asked for the deletion of this object, as an audit log tells."""
    told = writes_to(world).get((key.cluster, resource(world, key.kind), key.name), [])
    own = [it for it in told if it[1].verb == "delete" and it[1].namespace in ("", key.namespace)]
    return [it for it in own if it[1].user and it[1].code < REFUSED]


@answered_once
def writes_to(world: World) -> dict[tuple[str, str, str], list[tuple[Entry, ApiWrite]]]:
    """What an audit log tells of each object, by cluster, resource and name."""
    found: dict[tuple[str, str, str], list[tuple[Entry, ApiWrite]]] = {}
    for entry in world.api_writes:
        if isinstance(fact := entry.fact, ApiWrite):
            found.setdefault((fact.cluster, fact.resource, fact.name), []).append((entry, fact))
    return found


def resource(world: World, kind: str) -> str:
    """The resource of a kind, as an API server's paths name it: as its definition tells, else by the rules of English."""
    return plurals(world).get(kind) or plural(kind.partition(".")[0])


@answered_once
def plurals(world: World) -> dict[str, str]:
    """By kind, what its definition in one of the clusters calls its resource."""
    definitions = [world.objects[key][-1] for side in SIDES for key in world.keys(side, "CustomResourceDefinition")]
    return {
        kind_name(str(it.get("spec", "names", "kind")), str(it.get("spec", "group") or "")): str(named)
        for it in definitions
        if (named := it.get("spec", "names", "plural"))
    }


def plural(kind: str) -> str:
    """What the rules of English make of a kind."""
    lower = kind.lower()
    if lower == "hardwaredata" or lower.endswith(("settings", "components")):
        return lower
    if lower.endswith("y"):
        return f"{lower[:-1]}ies"
    return f"{lower}es" if lower.endswith(("s", "ch", "sh", "x")) else f"{lower}s"
