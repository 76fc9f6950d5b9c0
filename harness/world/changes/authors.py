"""Who wrote a version of an object: told by an API server's audit log, or by this harness's own journal."""

from harness.journal.facts import ApiWrite, WriteIntended
from harness.world.world import ObjectKey, Version, World

LATE_SECONDS = 0.5
"""An audit log may date a write so long before the watch can have shown it."""
DELETED_SECONDS = 5.0
"""An object may show its deletion so long after it was asked for."""
UNSEEN = "by whom was not seen"


def author(world: World, side: str, resource: str, name: str, version: Version) -> str:
    """`by USER`, `by this harness (...)`, or that it was not seen."""
    low, high = version.entry.since - LATE_SECONDS, version.entry.at
    for entry in reversed(world.api_writes):
        fact = entry.fact
        if not isinstance(fact, ApiWrite) or not low <= entry.at <= high or fact.subresource == "status":
            continue
        if (fact.cluster, fact.resource, fact.name) == (side, resource, name):
            return f"by {fact.user}"
    for entry in world.writes:
        if isinstance(entry.fact, WriteIntended) and entry.fact.host == name and entry.at <= high:
            return f"by this harness ({entry.fact.what})"
    return UNSEEN


def deleter(world: World, key: ObjectKey, version: Version) -> str:
    """Who deleted an object, by the audit log or this harness's own journal: `by USER`; empty where it was not seen."""
    low, high = version.entry.since - DELETED_SECONDS, version.entry.at + LATE_SECONDS
    for entry in world.api_writes:
        fact = entry.fact
        if isinstance(fact, ApiWrite) and fact.verb == "delete" and fact.user and low <= entry.at <= high:
            same = (fact.cluster, fact.resource, fact.name) == (key.cluster, plural(key.kind), key.name)
            if same and fact.namespace in ("", key.namespace):
                return f"by {fact.user}"
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


def plural(kind: str) -> str:
    """The resource of a kind, as an API server's paths name it."""
    lower = kind.lower()
    if lower == "hardwaredata":
        return lower
    return f"{lower}es" if lower.endswith("s") else f"{lower}s"
