"""Which sights a promise needs, by what its conditions read; and why they did not cover it."""

from collections.abc import Iterable, Iterator

from harness.journal.entry import FOREVER
from harness.journal.facts import SIDES
from harness.world.coverage import NotCovered, SightKey
from harness.world.horizon import SHOWN_BY, needed_until, not_seen_whole
from harness.world.hosts import Host, hosts
from harness.world.ironic import presence
from harness.world.world import World

NODES = SightKey("kube", "workload", "Node")
WORKLOAD_KINDS = ("Node",)
"""The kinds that are watched in the workload cluster; all others in both management clusters."""

OF_A_HOST = ("bmc", "bmc_requests", "ironic")
"""The sights whose facts tell each of one host."""


def clusters_of(kind: str) -> tuple[str, ...]:
    """The clusters in which a kind is watched."""
    return ("workload",) if kind in WORKLOAD_KINDS else SIDES


def blind_for_host(world: World, host: Host, read: Iterable[str], names: Iterable[str]) -> NotCovered | None:
    """Why something that was read of a host was not covered; None if all was. `names` are those of facts."""
    until = needed_until(world, host)
    for variable in read:
        blind = None
        if variable == "host":
            blind = not_seen_whole(world, host)
        elif variable == "node":
            blind = world.not_covered(NODES, needed_from=host.since, needed_until=until)
        elif variable == "ironic":
            blind = _blind_in_ironic(world, host.since, until)
        if blind:
            return blind
    for sight in sorted({SHOWN_BY.get(name, "") for name in names}):
        if sight not in OF_A_HOST:
            return NotCovered("it asks facts that tell of no host, and so of whichever host they are was not seen")
        key = SightKey(sight, host=host.record)
        ironic = sight == "ironic"
        blind = (
            _blind_in_ironic(world, host.since, until)
            if ironic
            else world.not_covered(key, needed_from=host.since, needed_until=until)
        )
        if blind:
            return blind
    return None


def blind_for_kind(world: World, kind: str, since: float, until: float) -> NotCovered | None:
    """Why the objects of a kind were not covered in every cluster that may have them."""
    keys = (SightKey("kube", cluster, kind) for cluster in clusters_of(kind))
    return world.not_covered(*keys, needed_from=since, needed_until=until)


def blind_for_run(world: World, names: Iterable[str], since: float, until: float) -> NotCovered | None:
    """Why facts of these names may not all be in the journal."""
    for sight in sorted({SHOWN_BY.get(name, "") for name in names}):
        blind = _blind_of(world, sight, since, until)
        if blind:
            return blind
    return None


def _blind_of(world: World, sight: str, since: float, until: float) -> NotCovered | None:
    if not sight:
        ended = world.ended is not None or not world.final
        return None if ended else NotCovered("the journal tells of no end of the run, so that it may be cut")
    if sight == "ironic":
        return _blind_in_ironic(world, since, until)
    if sight == "mover":
        # It is looked at from its start to its end; before and after there is nothing of it to see.
        since, until = FOREVER, 0.0
    return world.not_covered(*_keys(world, sight), needed_from=since, needed_until=until)


def _keys(world: World, sight: str) -> Iterator[SightKey]:
    """Everything that this sight is needed of, and everything that it was of in this run."""
    if sight in ("bmc", "bmc_requests"):
        yield from (SightKey(sight, host=host.record) for host in hosts(world))
    elif sight == "kube":
        yield from (SightKey("kube", side, "BareMetalHost") for side in SIDES)
    else:
        yield from (SightKey(sight, side) for side in SIDES) if sight != "mover" else (SightKey(sight),)
    yield from (key for key in world.coverage.sights if key.sight == sight)


def _blind_in_ironic(world: World, since: float, until: float) -> NotCovered | None:
    for side in SIDES:
        blind = presence.not_covered(world, side, needed_from=since, needed_until=until)
        if blind:
            return blind
    return None
