"""Since when the objects of a move have stood still: their state, not the counters and dates of a controller that tries again.

A Baremetal Operator that waits for a Secret writes every 10 s that it has waited once more (`errorCount`, `lastUpdated`): the host stands
still all the same.
"""

from typing import Any

from harness.journal.facts import ObjectSeen
from harness.world.world import Timeline, Version, World

KINDS = ("BareMetalHost", "Metal3Machine", "Machine", "Metal3Data", "Cluster")
TOLD_AGAIN = ("errorCount", "lastUpdated", "provisioningFailCount")
"""Members of a status that move while nothing else does."""
SERVERS_OWN = ("resourceVersion", "managedFields")
"""Members of the metadata that move with every write."""


def last_change(world: World) -> float:
    """When the state of one of them last changed (seconds of the run); 0 where there is none."""
    latest = 0.0
    for key, timeline in world.objects.items():
        last = timeline[-1].entry
        if key.kind in KINDS and isinstance(last.fact, ObjectSeen) and last.at > latest:
            latest = max(latest, changed_at(timeline))
    return latest


def changed_at(timeline: Timeline) -> float:
    """When an object came into the state that it is in."""
    last = since = timeline[-1]
    now = state_of(last)
    for version in reversed(timeline[:-1]):
        if version.alive is not last.alive or state_of(version) != now:
            break
        since = version
    return since.entry.at


def state_of(version: Version) -> dict[str, Any]:
    """What an object is, without what only tells of another look at it."""
    body = dict(version.body)
    body["metadata"] = {name: value for name, value in version.metadata.items() if name not in SERVERS_OWN}
    if isinstance(status := body.get("status"), dict):
        body["status"] = {name: value for name, value in status.items() if name not in TOLD_AGAIN}
    return body
