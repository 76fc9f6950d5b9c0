"""The host's operation history (inspect, provision, deprovision) is the same before and after, and all the time between.

Only `register` is renewed by a healthy pivot: the Secret's resourceVersion differs in the new cluster (facts: operationHistory).
"""

from collections.abc import Iterator

from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, failures, passed, unknown
from harness.world.horizon import not_seen_whole
from harness.world.hosts import Host, promised, residents
from harness.world.reconciled.orders import KEPT_OPERATIONS, operation_history
from harness.world.world import World

ORDER = 20


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host, and one a resident that was harmed."""
    yield from (judge(world, host) for host in promised(world))
    yield from failures(judge(world, host) for host in residents(world))


def judge(world: World, host: Host) -> Judgement:
    """Compare every version's history with the baseline's."""
    before = operation_history(host.baseline)
    for side in SIDES:
        for version in host.versions(world, side):
            now = operation_history(version)
            changed = [name for name in KEPT_OPERATIONS if now is not None and before is not None and now[name] != before[name]]
            if changed:
                said = ", ".join(f"{name} {before and before[name]} → {now and now[name]}" for name in changed)
                text = f"operation history changed in the {side} at {version.entry.at:.1f} s: {said}"
                return failed(text, host.name, (host.baseline.entry.seq, version.entry.seq))
    blind = not_seen_whole(world, host)
    if blind or before is None:
        return unknown(blind.says if blind else "had no operation history", host.name, blind.evidence if blind else ())
    return passed("inspect, provision and deprovision history are unchanged", host.name, (host.baseline.entry.seq,))
