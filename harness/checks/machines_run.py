"""Each host's Machine is Running in the cluster that owns it now, with the same Node.

Both it and its Metal3Machine are looked at in every version: none is Failed or being deleted, none is ordered to be deleted or
remediated, and at the end both are as ready as they were.

Machines are ready 10 to 15 s after the adoption of their host (recorded runs, finding F10), so they get 30 s before they are judged.
"""

from collections.abc import Iterator
from itertools import takewhile

from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.ironic.progress import settled_for
from harness.world.moves import JudgedMove, judged_moves
from harness.world.nodes import machine_timeline
from harness.world.reconciled.failings import failings, judged_failings, machines_of
from harness.world.world import Version, World

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
    """Look at the Machine at the end, or as it was when its user deleted the Cluster: nothing is promised after that."""
    judged = judged_moves(world)
    if not judged:
        return unknown("no move took place", host.name)
    found = [
        failing
        for leg in judged
        for key, before in machines_of(world, host, leg).items()
        for failing in failings(world, key, before, leg)
    ]
    blind = world.not_covered(*(SightKey("kube", each, kind) for each in SIDES for kind in KINDS), needed_from=host.since)
    if wrong := judged_failings([it for it in found if it.seen] if blind else found, blind, host.name):
        return wrong
    return judge_end(world, host, judged[-1])


def judge_end(world: World, host: Host, leg: JudgedMove) -> Judgement:
    """Does the Machine run at the end of the promise, with the Node that it had? What is so for a moment only proves nothing."""
    side = leg.move.destination
    here, there = machine_timeline(world, host, side), machine_timeline(world, host, host.origin)
    node = there[-1].get("status", "nodeRef", "name") if there else None
    if here and runs(here[-1], node):
        how = f"runs in the {side}" if host.until == float("inf") else f"ran in the {side} until its user deleted the Cluster"
        return passed(f"its Machine {how}", host.name, (here[-1].entry.seq,))
    phase = here[-1].get("status", "phase") or "without a phase" if here and here[-1].alive else "missing"
    text, evidence = f"its Machine is {phase} in the {side}", (here[-1].entry.seq,) if here else ()
    trailing = list(takewhile(lambda it: not runs(it, node), reversed(here)))
    since = max((it.entry.at for it in trailing[-1:]), default=0.0)
    keys = (SightKey("kube", side, kind) for kind in KINDS)
    if settled_for(world, leg, *keys, since=since, until=host.until) < RUN_SECONDS / world.speed:
        return unknown(f"{text}; the run ended too early to judge that", host.name, evidence)
    return failed(text, host.name, evidence)


def runs(machine: Version, node: object) -> bool:
    """Is it Running, with this Node, or with any where none was known before?"""
    now = machine.get("status", "nodeRef", "name")
    return machine.alive and machine.get("status", "phase") == "Running" and bool(now) and node in (None, "", now)
