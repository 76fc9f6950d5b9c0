"""Every object that must move arrives with its identity and its secrets equal, nothing is left behind, and nothing new appears.

Which objects must move is told by Cluster API's and Metal3's own relations, not by the labels on CRDs: a missing label leaves hosts
behind silently, with exit code 0 (recorded run f). What may differ is what recorded good pivots show to differ.
"""

from collections import defaultdict
from collections.abc import Iterator

from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.moved_objects import ObjectMismatch, compare, expected, owner_host, unexpected
from harness.world.moves import JudgedMove, judged_moves
from harness.world.world import World

ORDER = 80
SHOWN = 6


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host (its own objects), and one about all the rest."""
    judged = judged_moves(world)
    promised_hosts = promised(world)
    if not judged:
        yield from (unknown("no move took place", host.name) for host in promised_hosts)
        return
    differences = [difference for leg in judged for difference in of_leg(world, leg)]
    own: dict[str, list[ObjectMismatch]] = defaultdict(list)
    rest: list[ObjectMismatch] = []
    names = {host.name for host in promised_hosts}
    spares = {key.name for side in SIDES for key in world.keys(side, "BareMetalHost")} - names
    for difference in differences:
        owner = owner_host(world, difference.key)
        if owner in names:
            own[owner].append(difference)
        elif owner not in spares:
            rest.append(difference)
    for host in promised_hosts:
        yield of_host(world, host, own[host.name])
    yield of_rest(world, rest, judged)


def of_leg(world: World, leg: JudgedMove) -> Iterator[ObjectMismatch]:
    """What one move left behind, lost, changed, or made anew."""
    before = expected(world, leg.move.origin, leg.move.since)
    for key, version in before.items():
        yield from compare(world, key, version, leg)
    yield from unexpected(world, before, leg)


def of_host(world: World, host: Host, differences: list[ObjectMismatch]) -> Judgement:
    """The host's BareMetalHost, HardwareData and BMC secret."""
    kinds = ("BareMetalHost", "HardwareData", "Secret")
    blind = world.not_covered(*(SightKey("kube", side, kind) for side in SIDES for kind in kinds), needed_from=host.since)
    certain = [difference for difference in differences if difference.seen or not blind]
    if certain:
        return failure_of(certain, host.name)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed("its objects arrived equal, nothing was left behind", host.name)


def of_rest(world: World, differences: list[ObjectMismatch], judged: list[JudgedMove]) -> Judgement:
    """All other objects, as one."""
    kinds = sorted({key.kind for leg in judged for key in expected(world, leg.move.origin, leg.move.since)})
    needed_from = judged[0].move.since
    blind = world.not_covered(*(SightKey("kube", side, kind) for side in SIDES for kind in kinds), needed_from=needed_from)
    certain = [difference for difference in differences if difference.seen or not blind]
    if certain:
        return failure_of(certain, None)
    if blind or not kinds:
        return unknown(
            blind.says if blind else "no object that moves was seen before the move", None, blind.evidence if blind else ()
        )
    count = sum(len(expected(world, leg.move.origin, leg.move.since)) for leg in judged)
    return passed(f"all {count} objects arrived equal, nothing was left behind")


def failure_of(differences: list[ObjectMismatch], host: str | None) -> Judgement:
    """A failed judgement that names the first few mismatches and counts the rest."""
    texts = [difference.says for difference in differences]
    more = f"; and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return failed("; ".join(texts[:SHOWN]) + more, host, sorted({seq for item in differences for seq in item.evidence}))
