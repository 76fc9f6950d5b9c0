"""Is a move still being taken up by its new owner? As long as it is, nothing is late.

A Baremetal Operator adopts a few hosts at a time, and with a hundred of them the last one's turn comes after minutes. So time runs from
the last step that any host made on its way, not from the end of the move. A step is made once by each host: to be told again what it
showed before is none, so that somebody who tries in vain for ever does not hold up the judgement.
"""

from collections.abc import Iterator
from typing import Any

from harness.journal.entry import FOREVER
from harness.journal.facts import IronicNode
from harness.metal3 import PAUSED, STATUS
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.ironic.holding import names_of
from harness.world.ironic.told import about
from harness.world.moves import JudgedMove
from harness.world.world import Version, World, answered_once, remembered, version_at


def settled_for(world: World, leg: JudgedMove, *keys: SightKey, since: float = 0.0, until: float = FOREVER) -> float:
    """For how long (seconds) all was settled that this move began, up to the end of its judged period or of the sight of any of these keys.

    It counts from the end of the move, and from the last step of any host's adoption, or `since` then, and `until` then at most; what the
    lab lost meanwhile does not count. 0 while the move runs.
    """
    if leg.move.until == FOREVER:
        return 0.0
    return max(0.0, world.lag.kept(max(since, last_step(world, leg)), min(until, leg.until, world.seen_until(*keys))))


@answered_once
def last_step(world: World, leg: JudgedMove) -> float:
    """When a promised host last made a step on its way to its new owner (seconds); the end of the move where none did later."""
    return max([leg.move.until, *(at for host in promised(world) for at in steps(world, host, leg))])


def steps(world: World, host: Host, leg: JudgedMove) -> Iterator[float]:
    """When the host made each of its steps: by what its new owner writes of it, and by the states of its node in that one's Ironic."""
    side = leg.move.destination
    origin = world.timeline(leg.move.origin, "BareMetalHost", host.namespace, host.object_name)
    old = signs(version_at(origin, leg.move.since) or host.baseline)
    made: set[str] = set()
    for version in host.versions(world, side):
        if leg.move.since < version.entry.at < leg.until and version.alive:
            new = {name for name, value in signs(version).items() if value and (value is True or value != old[name])}
            if not new <= made:
                yield version.entry.at
                made |= new
    for entry in about(world, side, names=names_of(host)):
        if isinstance(entry.fact, IronicNode) and leg.move.since < entry.at < leg.until:
            state = str(entry.fact.node.get("provision_state") or "")
            if state not in made:
                yield entry.at
                made.add(state)


@remembered
def signs(version: Version) -> dict[str, Any]:
    """What an owner writes of a host that it takes over: True is a sign by itself, anything else only where it is another than before."""
    return {
        "un-paused": PAUSED not in version.annotations,
        "status taken over": STATUS not in version.annotations and bool(version.get("status", "provisioning")),
        "registered": version.get("status", "operationHistory", "register", "end"),
        "known to Ironic": version.get("status", "provisioning", "ID"),
        "credentials validated": version.get("status", "goodCredentials", "credentialsVersion"),
    }
