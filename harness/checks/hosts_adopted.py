"""The cluster that the hosts were moved to really adopted each of them; `provisioned` alone proves nothing.

A target whose Ironic is dead shows every host `provisioned` and every Machine Running (recorded run k). What proves adoption is told in
`harness.world.adoption`; the event `Registered` proves nothing, it is lost in two of three healthy pivots.
"""

from collections.abc import Iterator

from harness.judgement import Judgement, failed, passed, unknown
from harness.metal3 import DETACHED, PAUSED
from harness.world.adoption import parts
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.ironic.holding import node_of_name
from harness.world.ironic.presence import not_covered
from harness.world.ironic.progress import settled_for
from harness.world.moves import JudgedMove, judged_moves, moves
from harness.world.world import Timeline, Version, World

ORDER = 90
NEEDS_MOVE = True
ADOPT_SECONDS = 60.0


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host and move."""
    for host in promised(world):
        judged = judged_moves(world)
        yield from (judge(world, host, leg) for leg in judged)
        if not judged:
            yield unknown("no move took place, so nothing is proven", host.name)


def judge(world: World, host: Host, leg: JudgedMove) -> Judgement:
    """Where must the host be after this move, and is it adopted there?"""
    side = leg.move.destination
    needed = (SightKey("kube", side, "BareMetalHost"), SightKey("kube", side, "Secret"))
    blind = world.not_covered(*needed, needed_from=host.since)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    versions = [version for version in host.versions(world, side) if version.entry.at < leg.until]
    gone = leg.last and host.until == float("inf") and not (versions and versions[-1].alive)
    if not versions or gone:
        return hedged(world, host, leg, missing(world, host, leg))
    if PAUSED in versions[-1].annotations:
        text = f"is still paused in the {side}, so nobody manages it"
        return hedged(world, host, leg, failed(text, host.name, (versions[-1].entry.seq,)))
    living = [version for version in versions if version.alive]
    if host.detached and (DETACHED in living[-1].annotations or DETACHED not in living[0].annotations):
        return left_alone(world, host, leg, living)
    return adopted(world, host, leg, living[-1])


def left_alone(world: World, host: Host, leg: JudgedMove, living: Timeline) -> Judgement:
    """Judge a host that its user had detached: it must arrive so, and no Ironic may manage it."""
    side, last = leg.move.destination, living[-1]
    if DETACHED not in living[0].annotations:
        text = f"was detached by its user before the move, and is not in the {side}: its detachment was lost on the way"
        return failed(text, host.name, (host.baseline.entry.seq, living[0].entry.seq))
    node = node_of_name(world, host, side)
    if node:
        text = f"was detached by its user before the move, and is managed by the Ironic of the {side} after all"
        return failed(text, host.name, (host.baseline.entry.seq, node.seq))
    blind = not_covered(world, side, needed_from=host.since)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    text = "was detached by its user before the move, and still is: no Ironic manages it, as wanted"
    return passed(text, host.name, (host.baseline.entry.seq, last.entry.seq))


def hedged(world: World, host: Host, leg: JudgedMove, wrong: Judgement) -> Judgement:
    """Turn a failure into unknown if the run, or the promise to this host, ended before the time that adoption may take."""
    if wrong.verdict != "fail":
        return wrong
    limit = ADOPT_SECONDS / world.speed
    if settled_for(world, leg, *shows_adoption(leg), until=host.until) >= limit:
        return wrong
    text = f"{wrong.says}; it was watched for less than {limit:.0f} s after the move, too early to judge"
    return unknown(text, wrong.host, wrong.evidence)


def shows_adoption(leg: JudgedMove) -> tuple[SightKey, ...]:
    """The sights that would have shown an adoption."""
    side = leg.move.destination
    return (SightKey("kube", side, "BareMetalHost"), SightKey("kube", side, "Secret"), SightKey("ironic", side))


def missing(world: World, host: Host, leg: JudgedMove) -> Judgement:
    """Judge a host that never arrived; if the move failed and the host is un-paused in its origin, its owner still has it."""
    side = leg.move.destination
    tried = [seq for move in moves(world) for seq in move.evidence]
    still = world.last(leg.move.origin, "BareMetalHost", host.namespace, host.object_name)
    if not leg.move.done and still is not None and PAUSED not in still.annotations and not still.deleting:
        return unknown(f"no move came to its end; it is still with its owner, the {leg.move.origin}", host.name, tried)
    return failed(f"was left behind: it is not in the {side}, and nobody manages it there", host.name, tried)


def adopted(world: World, host: Host, leg: JudgedMove, last: Version) -> Judgement:
    """Combine the four parts: a missing one fails; an Ironic that was not watched makes it unknown."""
    side = leg.move.destination
    proof = parts(world, host, leg, last)
    evidence = sorted({seq for part in proof for seq in part.evidence})
    blind = not_covered(world, side, needed_from=host.since, at_the_end=True)
    lacking = [part.says for part in (proof[:-1] if blind else proof) if not part.holds]
    if lacking:
        return hedged(world, host, leg, failed(f"was never adopted by the {side}: {'; '.join(lacking)}", host.name, evidence))
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed(f"was adopted by the {side}: {'; '.join(part.says for part in proof)}", host.name, evidence)
