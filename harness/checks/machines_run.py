"""Each host's Machine is Running in the cluster that owns it now, with the same Node.

Machines are ready 10 to 15 s after the adoption of their host (recorded runs, finding F10), so they get 30 s before they are judged.
"""

from collections.abc import Iterator

from harness.judgement import Judgement, failed, passed, unknown
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.moves import judged_moves, settled_for
from harness.world.nodes import machine_of
from harness.world.world import World

ORDER = 110
RUN_SECONDS = 30.0


def check(world: World) -> Iterator[Judgement]:
    """One judgement a claimed host."""
    for host in promised(world):
        if host.claimed:
            yield judge(world, host)


def judge(world: World, host: Host) -> Judgement:
    """Look at the Machine at the end; after its user deleted the Cluster nothing is promised."""
    judged = judged_moves(world)
    if not judged:
        return unknown("no move took place", host.name)
    if host.until != float("inf"):
        return passed("its Cluster was deleted by its user", host.name)
    side = judged[-1].move.destination
    blind = world.not_covered(SightKey("kube", side, "Machine"), needed_from=host.since)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    machine, before = machine_of(world, host, side), machine_of(world, host, host.origin)
    if machine and machine.alive and machine.get("status", "phase") == "Running":
        node, old = machine.get("status", "nodeRef", "name"), before and before.get("status", "nodeRef", "name")
        if node and (not old or node == old):
            return passed(f"its Machine runs in the {side}", host.name, (machine.entry.seq,))
    phase = machine.get("status", "phase") if machine and machine.alive else "missing"
    text, evidence = f"its Machine is {phase} in the {side}", (machine.entry.seq,) if machine else ()
    if settled_for(world, judged[-1]) < RUN_SECONDS / world.speed:
        return unknown(f"{text}; the run ended too early to judge that", host.name, evidence)
    return failed(text, host.name, evidence)
