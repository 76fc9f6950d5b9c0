"""Who wrote a version of an object: told by an API server's audit log, or by this harness's own journal."""

from harness.journal.facts import ApiWrite, WriteIntended
from harness.world.world import Version, World

LATE_SECONDS = 0.5
"""An audit log may date a write so long before the watch can have shown it."""
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
