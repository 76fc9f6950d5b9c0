"""The new cluster reconciles what was carried: Clusters, their infrastructure, control planes, deployments, claims, addresses and data.

In every version: no phase Failed or Deleting, no order to delete or remediate, no address, index or Node but the one before. At the
end: what was ready is ready, nothing is paused by spec or annotation, no claim has lost what it was bound to.
"""

from collections.abc import Iterator

from harness.journal.facts import SIDES
from harness.judgement import Judgement, passed, unknown
from harness.world.coverage import SightKey
from harness.world.hosts import promised
from harness.world.moves import JudgedMove, judged_moves
from harness.world.reconciled.failings import RECONCILED, carried, failings, judged_failings, machines_of
from harness.world.world import World

ORDER = 115
NEEDS_MOVE = True


def check(world: World) -> Iterator[Judgement]:
    """One judgement a move about all that belongs to no single host; a host's own Machine is judged by `machines_run`."""
    judged = judged_moves(world)
    if not judged:
        yield unknown("no move took place")
    for leg in judged:
        yield of_leg(world, leg)


def of_leg(world: World, leg: JudgedMove) -> Judgement:
    """What one move carried."""
    hosts = {key for host in promised(world) for key in machines_of(world, host, leg)}
    before = {key: version for key, version in carried(world, leg).items() if key not in hosts}
    found = [failing for key, version in before.items() for failing in failings(world, key, version, leg)]
    blind = world.not_covered(
        *(SightKey("kube", side, kind) for side in SIDES for kind in RECONCILED), needed_from=leg.move.since
    )
    if not carried(world, leg):
        return unknown("nothing that controllers reconcile was seen before the move", evidence=leg.move.evidence)
    wrong = judged_failings(found, blind, None)
    return wrong or passed(f"the {leg.move.destination} reconciles what it has", evidence=leg.move.evidence)
