"""Who wrote a version of an object: told by an API server's audit log, or by this harness's own journal."""

from harness.journal.entry import Entry
from harness.journal.facts import ApiWrite, WriteIntended
from harness.world.world import ObjectKey, Version, World, answered_once

LATE_SECONDS = 0.5
"""An audit log may date a write so long before the watch can have shown it."""
DELETED_SECONDS = 5.0
"""An object may show its deletion so long after it was asked for."""
REFUSED = 400
"""From this answer on an API server did not do what it was asked."""
UNSEEN = "by whom was not seen"


def author(world: World, side: str, resource: str, name: str, version: Version) -> str:
    """`by USER`, `by this harness (...)`, or that it was not seen."""
    low, high = version.entry.since - LATE_SECONDS, version.entry.at
    for entry, write in reversed(writes_to(world).get((side, resource, name), [])):
        if low <= entry.at <= high and write.subresource != "status":
            return f"by {write.user}"
    for entry in world.writes:
        if isinstance(entry.fact, WriteIntended) and entry.fact.host == name and entry.at <= high:
            return f"by this harness ({entry.fact.what})"
    return UNSEEN


@answered_once
def writes_to(world: World) -> dict[tuple[str, str, str], list[tuple[Entry, ApiWrite]]]:
    """What an audit log tells of each object, by cluster, resource and name."""
    found: dict[tuple[str, str, str], list[tuple[Entry, ApiWrite]]] = {}
    for entry in world.api_writes:
        # What the API server refused, nobody did.
        if isinstance(fact := entry.fact, ApiWrite) and fact.code < REFUSED:
            found.setdefault((fact.cluster, fact.resource, fact.name), []).append((entry, fact))
    return found


def deleter(world: World, key: ObjectKey, version: Version) -> str:
    """Who deleted an object, by the audit log or this harness's own journal: `by USER`; empty where it was not seen."""
    low, high = version.entry.since - DELETED_SECONDS, version.entry.at + LATE_SECONDS
    for entry, write in deletions(world, key):
        if low <= entry.at <= high:
            return f"by {write.user}"
    for entry in world.writes:
        fact = entry.fact
        if (
            isinstance(fact, WriteIntended)
            and entry.at <= high
            and fact.what.startswith("delete")
            and key.name in fact.what.split()
        ):
            return f"by this harness ({fact.what})"
    return ""


def deletions(world: World, key: ObjectKey) -> list[tuple[Entry, ApiWrite]]:
    """Who asked for the deletion of this object, as an audit log tells."""
    told = writes_to(world).get((key.cluster, plural(key.kind), key.name), [])
    return [it for it in told if it[1].verb == "delete" and it[1].user and it[1].namespace in ("", key.namespace)]


def plural(kind: str) -> str:
    """The resource of a kind, as an API server's paths name it."""
    lower = kind.lower()
    if lower == "hardwaredata":
        return lower
    return f"{lower}es" if lower.endswith("s") else f"{lower}s"
