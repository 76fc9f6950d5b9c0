"""What happened to the hosts to whom nothing is promised: reported, judged by nothing.

Upstream's own design re-registers and re-inspects an unclaimed host in the target, and power-cycles it for that, while the Cluster is
still paused (recorded runs, finding F6).
"""

from typing import Any

from harness.journal.facts import SIDES
from harness.world.bmc.evidence import asker, harmful
from harness.world.hosts import Host
from harness.world.world import World


def report_unclaimed(world: World, host: Host) -> dict[str, Any]:
    """`{"states": {side: [...]}, "requests": [...], "evidence": [...]}` of one unclaimed host."""
    asked = [(entry, what) for entry in world.requests[host.record] if (what := harmful(entry.fact))]
    return {
        "states": {side: states(world, host, side) for side in SIDES},
        "requests": [f"{what} by {asker(world, entry.fact)} ({entry.since:.1f} s)" for entry, what in asked],
        "evidence": [entry.seq for entry, _ in asked],
    }


def states(world: World, host: Host, side: str) -> list[str]:
    """The provisioning states that it went through in one cluster, in order."""
    seen = [str(version.get("status", "provisioning", "state") or "") for version in host.versions(world, side) if version.alive]
    return [state for place, state in enumerate(seen) if state and (place == 0 or state != seen[place - 1])]
