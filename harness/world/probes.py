"""What the probes of the network say: the newest of each kind, from each cluster's vantage."""

from harness.journal.entry import Entry
from harness.journal.facts import SIDES, ProbeSeen
from harness.world.coverage import SightKey
from harness.world.hosts import hosts
from harness.world.moves import Move, moves
from harness.world.world import World, answered_once


def direction(world: World, origin: str = "") -> tuple[str, str]:
    """From where to where a pivot would take the hosts: from the named cluster, else from where they are now."""
    if origin:
        return origin, SIDES[1 - SIDES.index(origin)]
    claimed = [host.origin for host in hosts(world) if host.claimed]
    return direction(world, claimed[0] if claimed else SIDES[0])


def owner(world: World) -> str:
    """The side that owns the hosts now: where the last move took them that came to its end, by its mover or without it."""
    made = moves(world)
    done = [move.destination for move in made if move.done or (move == made[-1] and was_finished(world, move))]
    return done[-1] if done else direction(world)[0]


def was_finished(world: World, move: Move) -> bool:
    """Did somebody bring a move to its end whose mover did not: every Cluster in the destination, un-paused, none in the origin?"""
    there = world.living(move.destination, "Cluster")
    return not world.living(move.origin, "Cluster") and bool(there) and not any(it.get("spec", "paused") for _, it in there)


def newest(world: World, vantage: str, what: str, *, host: str = "", ironic: str = "") -> list[Entry]:
    """The newest probe of each address of that kind, from that vantage."""
    found: dict[str, Entry] = {}
    for entry in probes_of(world, vantage, what, host):
        fact = entry.fact
        if isinstance(fact, ProbeSeen) and fact.ironic == (ironic or fact.ironic):
            found[fact.address] = entry
    return list(found.values())


def probes_of(world: World, vantage: str, what: str, host: str = "") -> list[Entry]:
    """All probes of that kind from that vantage, in order; of one host's address, or of all."""
    return by_host(world).get((vantage, what, host), [])


@answered_once
def by_host(world: World) -> dict[tuple[str, str, str], list[Entry]]:
    """The probes by vantage, kind and host, and once more with no host: those of all."""
    found: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in world.probes:
        fact = entry.fact
        if isinstance(fact, ProbeSeen):
            for host in {fact.host, ""}:
                found.setdefault((fact.vantage, fact.what, host), []).append(entry)
    return found


def reached(entry: Entry) -> bool:
    """Did this probe come all the way?"""
    return isinstance(entry.fact, ProbeSeen) and entry.fact.ok


def probe_text(entry: Entry) -> str:
    """`tcp: connection refused`."""
    fact = entry.fact
    return f"{fact.layer}: {fact.says}" if isinstance(fact, ProbeSeen) else ""


def has_vantage(world: World, side: str) -> bool:
    """Did anybody look at the network from this side?"""
    return world.coverage.began(SightKey("probe", side))
