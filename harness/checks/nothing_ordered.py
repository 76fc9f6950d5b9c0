"""Nobody ordered a reboot, an inspection or a detachment of the host, not even for a moment.

Such an annotation is taken away as soon as it was obeyed, so that one version of the host is all that ever shows it.
"""

from collections.abc import Iterator

from harness.judgement import Judgement, passed, unknown
from harness.world.changes.authors import author
from harness.world.horizon import not_seen_whole
from harness.world.hosts import Host, promised
from harness.world.reconciled.orders import new_orders
from harness.world.world import Version, World

ORDER = 26


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host."""
    for host in promised(world):
        yield judge(world, host)


def judge(world: World, host: Host) -> Judgement:
    """Look for orders in every version; what they did is for the checks of the server to say."""
    for side, version in host.seen(world):
        ordered = new_orders(host, version)
        if ordered:
            whose = author(world, version, f"annotation {ordered[0]}")
            text = f"was ordered {', '.join(ordered)} in the {side} at {version.entry.at:.1f} s, {whose}; it may have been obeyed"
            return unknown(text, host.name, (version.entry.seq,))
        if was_detached(host, version):
            text = f"was detached from its Ironic in the {side} at {version.entry.at:.1f} s"
            return unknown(text, host.name, (version.entry.seq,))
    blind = not_seen_whole(world, host)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed("no reboot, inspection or detachment was ordered", host.name, (host.baseline.entry.seq,))


def was_detached(host: Host, version: Version) -> bool:
    """Does its status tell that it was detached, as an order does that nobody saw?"""
    return version.get("status", "operationalStatus") == "detached" and not host.detached
