"""After the move the host carries none of the annotations that a move uses: no pause, no status, no delete-for-move, no reboot.

A pause that stays freezes the host; a status annotation that stays is state that nobody took over.
"""

from collections.abc import Iterator

from harness.judgement import Judgement, failed, passed, unknown
from harness.metal3 import DELETE_FOR_MOVE, DETACHED, INSPECT, PAUSED, REBOOT, STATUS
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.ironic.progress import settled_for
from harness.world.moves import judged_moves
from harness.world.world import Version, World

ORDER = 100
NEEDS_MOVE = True
CONSUME_SECONDS = 60.0
FOREIGN = (DETACHED, REBOOT, INSPECT)


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
    left = [name for name in last.annotations if name in (PAUSED, STATUS, DELETE_FOR_MOVE) or is_new(name, last, host)]
    if not left:
        return passed("all annotations of the move are consumed", host.name, (last.entry.seq,))
    text = f"still carries {', '.join(left)} in the {side}"
    if settled_for(world, judged[-1], key, until=host.until) < CONSUME_SECONDS / world.speed:
        return unknown(f"{text}; the run ended too early to judge that", host.name, (last.entry.seq,))
    return failed(text, host.name, (last.entry.seq,))


def is_new(name: str, last: Version, host: Host) -> bool:
    """Is it an order to a Baremetal Operator that was not there before? That nothing shall be inspected is none."""
    return name.startswith(FOREIGN) and last.annotations[name] != "disabled" and name not in host.baseline.annotations
