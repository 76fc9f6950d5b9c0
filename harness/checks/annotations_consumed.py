"""After the move the host carries none of the annotations that a move uses: no pause, no status, no delete-for-move, no reboot.

A pause that stays freezes the host; a status annotation that stays is state that nobody took over.
"""

from collections.abc import Iterator

from harness.judgement import Judgement, failed, passed, unknown
from harness.metal3 import DELETE_FOR_MOVE, PAUSED, STATUS
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.ironic.progress import settled_for
from harness.world.moves import judged_moves
from harness.world.reconciled.orders import new_orders
from harness.world.world import World

ORDER = 100
NEEDS_MOVE = True
CONSUME_SECONDS = 60.0


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host."""
    for host in promised(world):
        yield judge(world, host)


def judge(world: World, host: Host) -> Judgement:
    """Look at the last version in the cluster that owns the host now."""
    judged = judged_moves(world)
    if not judged:
        return unknown("no move took place", host.name)
    side = judged[-1].move.destination
    key = SightKey("kube", side, "BareMetalHost")
    blind = world.not_covered(key, needed_from=host.since)
    versions = [version for version in host.versions(world, side) if version.alive]
    if blind or not versions:
        return unknown(blind.says if blind else f"is not in the {side}", host.name, blind.evidence if blind else ())
    last = versions[-1]
    ordered = new_orders(host, last)
    left = [name for name in last.annotations if name in (PAUSED, STATUS, DELETE_FOR_MOVE) or name in ordered]
    if not left:
        return passed("all annotations of the move are consumed", host.name, (last.entry.seq,))
    text = f"still carries {', '.join(left)} in the {side}"
    if settled_for(world, judged[-1], key, until=host.until) < CONSUME_SECONDS / world.speed:
        return unknown(f"{text}; the run ended too early to judge that", host.name, (last.entry.seq,))
    return failed(text, host.name, (last.entry.seq,))
