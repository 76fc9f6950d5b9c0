"""How much of what was needed was seen: each witness in seconds, the kinds that moves carried, and their objects."""

from collections.abc import Iterator
from typing import Any

from harness.journal.facts import SIDES
from harness.world.carried.kinds import carried_kinds, kinds_to_carry
from harness.world.coverage import SightCoverage, SightKey
from harness.world.horizon import Horizon, horizon, shows
from harness.world.hosts import promised
from harness.world.moved_kinds import RELATED
from harness.world.moved_objects import expected
from harness.world.moves import JudgedMove, judged_moves, moves
from harness.world.releases import held_version
from harness.world.world import ObjectKey, World

OF_A_SERVER = ("bmc", "bmc_requests")
DIGITS = 3


def told_coverage(world: World) -> dict[str, Any]:
    """`coverage` of `verdict.json`."""
    return {"kinds": told_kinds(world), "objects": told_objects(world), "witnesses": told_witnesses(world)}


def told_kinds(world: World) -> dict[str, Any]:
    """How many kinds the moves take along, how many of them were watched in both clusters, and which were not."""
    carried = {kind for leg in judged_moves(world) for kind in taken_along(world, leg)}
    missing = sorted(kind for kind in carried if not all(world.coverage.began(SightKey("kube", side, kind)) for side in SIDES))
    return {"carried": len(carried), "watched": len(carried) - len(missing), "not_watched": missing}


def taken_along(world: World, leg: JudgedMove) -> set[str]:
    """The kinds that this move took along, and those of which it would have taken objects: all that clusterctl finds."""
    found = kinds_to_carry(world, leg.move.origin, leg.move.since)
    return {*found, *carried_kinds(world, leg), *RELATED}


def told_objects(world: World) -> dict[str, int]:
    """How many objects the moves had to carry, and how many of them are there afterwards."""
    legs = judged_moves(world)
    needed = [(leg, key) for leg in legs for key in expected(world, leg.move.origin, leg.move.since)]
    return {"carried": len(needed), "arrived": sum(is_there(world, leg, key) for leg, key in needed)}


def is_there(world: World, leg: JudgedMove, key: ObjectKey) -> bool:
    """Does this object live in the destination at the end of what is judged of its move, or did it when its user took it away?"""
    there = held_version(world, key.in_cluster(leg.move.destination), leg.until)
    return there is not None and there.alive


def told_witnesses(world: World) -> list[dict[str, Any]]:
    """Each sight: how many seconds of those that the verdict speaks of it saw, and its first and last sign of life."""
    signs = signs_of_life(world)
    sights = world.coverage.sights
    servers = {host.record for host in promised(world)}
    nobody = [
        SightCoverage(key)
        for server in servers
        for sight in OF_A_SERVER
        if (key := SightKey(sight, host=server)) not in sights and not world.coverage.began(key)
    ]
    held, moved = horizon(world), of_moves(world)
    return [
        told_witness(sight, needed_of(sight, servers, held, moved), signs.get(sight.key, []))
        for sight in (*sights.values(), *sorted(nobody, key=lambda it: it.key))
    ]


def of_moves(world: World) -> tuple[float, float] | None:
    """From when to when (seconds) movers ran; None without a move."""
    made = moves(world)
    return (made[0].since, min(made[-1].until, world.now)) if made else None


def needed_of(
    sight: SightCoverage, servers: set[str], held: Horizon | None, moved: tuple[float, float] | None
) -> tuple[float, float] | None:
    """From when to when (seconds) the verdict needs this sight; None where it does not."""
    key = sight.key
    if key.sight == "mover":
        # A mover that we start is seen from its first word on.
        return (sight.began.at, moved[1]) if moved and sight.began else moved
    if held is None or (key.sight in OF_A_SERVER and key.host and key.host not in servers):
        return None
    return held.since, held.until


def told_witness(sight: SightCoverage, needed: tuple[float, float] | None, signs: list[float]) -> dict[str, Any]:
    """One sight of these signs of life (seconds)."""
    since, until = needed or (0.0, 0.0)
    return {
        **sight.key._asdict(),
        "needed": round(until - since, DIGITS),
        "seen": round(seen_seconds(sight, since, until), DIGITS),
        "first": round(min(signs), DIGITS) if signs else None,
        "last": round(max(signs), DIGITS) if signs else None,
    }


def seen_seconds(sight: SightCoverage, since: float, until: float) -> float:
    """The seconds of a time of which this sight knows everything, at once or told afterwards."""
    if sight.began is None:
        return 0.0
    since = max(since, sight.began.at)
    until = min(until, sight.ended.at if sight.ended else until)
    lost = sorted((max(gap.since, since), min(gap.until, until)) for gap in sight.all_gaps() if not gap.recovered)
    seen = max(0.0, until - since)
    for begin, end in lost:
        # Gaps may overlap: each second is taken away once.
        seen -= max(0.0, end - max(begin, since))
        since = max(since, end)
    return max(0.0, seen)


def signs_of_life(world: World) -> dict[SightKey, list[float]]:
    """Each sight -> when it first and last told anything (seconds): its begin, its complete end, and whatever it showed."""
    found = {key: [sight.began.at] for key, sight in world.coverage.sights.items() if sight.began}
    for key, sight in world.coverage.sights.items():
        if sight.ended and sight.complete:
            found.setdefault(key, []).append(sight.ended.at)
    for key, times in shown(world):
        for sight in world.coverage.of(key):
            found.setdefault(sight.key, []).extend(times)
    return found


def shown(world: World) -> Iterator[tuple[SightKey, tuple[float, float]]]:
    """What showed anything, with the first and the last time (seconds)."""
    for (cluster, kind), keys in world.names.items():
        first = min(world.objects[key][0].entry.at for key in keys)
        yield SightKey("kube", cluster, kind), (first, max(world.objects[key][-1].entry.at for key in keys))
    said = [entry for run in world.movers.values() for entry in (run.started, *run.said, *run.ends)]
    told = [*world.requests.values(), *world.reads.values(), *world.ironic.values(), world.probes, world.api_writes, said]
    for entries in told:
        times: dict[SightKey, tuple[float, float]] = {}
        for entry in entries:
            if key := shows(entry.fact):
                times[key] = (times[key][0] if key in times else entry.at, entry.at)
        yield from times.items()
