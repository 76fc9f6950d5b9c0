"""Each host's Machine is Running in the cluster that owns it now, with the same Node.

Both it and its Metal3Machine are looked at in every version: none is Failed or being deleted, none is ordered to be deleted or
remediated, and at the end both are as ready as they were.

Machines are ready 10 to 15 s after the adoption of their host (recorded runs, finding F10), so they get 30 s before they are judged.
"""

from collections.abc import Iterator

from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.moves import judged_moves, settled_for
from harness.world.nodes import machine_of
from harness.world.reconciled.failings import failings, judged_failings, machines_of
from harness.world.world import World

ORDER = 110
NEEDS_MOVE = True
RUN_SECONDS = 30.0
KINDS = ("Machine", "Metal3Machine")


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
    found = [
        failing
        for leg in judged
        for key, before in machines_of(world, host, leg).items()
        for failing in failings(world, key, before, leg)
    ]
    blind = world.not_covered(*(SightKey("kube", each, kind) for each in SIDES for kind in KINDS), needed_from=host.since)
    if wrong := judged_failings([it for it in found if it.seen] if blind else found, blind, host.name):
        return wrong
    machine, before = machine_of(world, host, side), machine_of(world, host, host.origin)
    if machine and machine.alive and machine.get("status", "phase") == "Running":
        node, old = machine.get("status", "nodeRef", "name"), before and before.get("status", "nodeRef", "name")
        if node and (not old or node == old):
            return passed(f"its Machine runs in the {side}", host.name, (machine.entry.seq,))
    phase = machine.get("status", "phase") or "without a phase" if machine and machine.alive else "missing"
    text, evidence = f"its Machine is {phase} in the {side}", (machine.entry.seq,) if machine else ()
    if settled_for(world, judged[-1], *(SightKey("kube", side, kind) for kind in KINDS)) < RUN_SECONDS / world.speed:
        return unknown(f"{text}; the run ended too early to judge that", host.name, evidence)
    return failed(text, host.name, evidence)
