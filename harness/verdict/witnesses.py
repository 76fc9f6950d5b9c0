"""What each witness of a host saw: unchanged, changed, lost, or unsupported. For the table; the checks judge."""

from typing import Literal

from harness.journal.facts import SIDES, BmcRead
from harness.world.bmc.evidence import harmful, mixed_up, reading_changes
from harness.world.coverage import SightKey
from harness.world.hosts import Host
from harness.world.nodes import is_booted, node_baseline, node_change, node_timeline
from harness.world.reconciled.orders import operation_history
from harness.world.world import World

State = Literal["unchanged", "changed", "lost", "unsupported"]


def witnesses(world: World, host: Host) -> list[dict[str, str]]:
    """One line a witness: `{"witness": NAME, "state": STATE}`."""
    seen = {
        "BareMetalHost state": state_witness(world, host),
        "operation history": history_witness(world, host),
        "BMC requests": requests_witness(world, host),
        "BMC readings": readings_witness(world, host),
        "Node boot": node_witness(world, host),
    }
    return [{"witness": name, "state": state} for name, state in seen.items()]


def or_lost(world: World, host: Host, changed: bool, *keys: SightKey) -> State:
    """`changed` if anything changed; else `unchanged` with full coverage, `lost` without."""
    if changed:
        return "changed"
    return "lost" if world.not_covered(*keys, needed_from=host.since) else "unchanged"


def state_witness(world: World, host: Host) -> State:
    """The provisioning state of every version in both clusters."""
    versions = [version for side in SIDES for version in host.versions(world, side) if version.alive]
    states = {version.get("status", "provisioning", "state") for version in versions if version.get("status", "provisioning")}
    return or_lost(world, host, bool(states - {host.state}), *(SightKey("kube", side, "BareMetalHost") for side in SIDES))


def history_witness(world: World, host: Host) -> State:
    """The operation history of every version in both clusters."""
    versions = [version for side in SIDES for version in host.versions(world, side)]
    changed = any(
        now != operation_history(host.baseline) for version in versions if (now := operation_history(version)) is not None
    )
    return or_lost(world, host, changed, *(SightKey("kube", side, "BareMetalHost") for side in SIDES))


def requests_witness(world: World, host: Host) -> State:
    """The record of requests to its BMC."""
    key = SightKey("bmc_requests", host=host.record)
    if not world.coverage.began(key):
        return "unsupported"
    if mixed_up(world, host):
        return "lost"
    own = [entry for entry in world.requests[host.record] if host.concerns(entry.since, entry.at) and host.holds(entry)]
    return or_lost(world, host, any(harmful(entry.fact) for entry in own), key)


def readings_witness(world: World, host: Host) -> State:
    """What the BMC itself says: power, latched signals, next boot, media."""
    if not any(isinstance(entry.fact, BmcRead) for entry in world.reads[host.record]):
        return "unsupported" if not world.coverage.began(SightKey("bmc", host=host.record)) else "lost"
    if mixed_up(world, host):
        return "lost"
    return or_lost(world, host, bool(reading_changes(world, host)), SightKey("bmc", host=host.record))


def node_witness(world: World, host: Host) -> State:
    """uid, bootID and machineID of its Node."""
    timeline = node_timeline(world, host)
    baseline = node_baseline(timeline, host)
    if baseline is None or not is_booted(baseline):
        return "lost" if host.claimed else "unsupported"
    later = [version for version in timeline if version.entry.seq > baseline.entry.seq and host.holds(version.entry)]
    return or_lost(world, host, any(node_change(baseline, version) for version in later), SightKey("kube", "workload", "Node"))
