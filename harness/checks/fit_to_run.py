"""At the end the host is fit to run on with its new owner, as it had to be before the move: no error, not set aside, well in Ironic.

A state that heals before the end is nobody's failure; what stays is. Its credentials must be those that the BMC accepted.
"""

from collections.abc import Iterator
from typing import Any

from harness.journal.facts import IronicNode
from harness.judgement import Judgement, failed, merge, passed, unknown
from harness.world.adoption import node_of
from harness.world.carried.equality import members
from harness.world.carried.installed import is_newer
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.ironic import presence
from harness.world.moves import JudgedMove, judged_moves
from harness.world.reconciled.status import unwell
from harness.world.world import Timeline, Version, World

ORDER = 95
NEEDS_MOVE = True
UNHEALTHY = "capi.metal3.io/unhealthy"
"""CAPM3's remediation sets it on the host that it gives up."""
BAD = ("error", "servicing", "detached", "discovered")


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host."""
    for host in promised(world):
        judged = judged_moves(world)
        yield judge(world, host, judged[-1]) if judged else unknown("no move took place", host.name)


def judge(world: World, host: Host, leg: JudgedMove) -> Judgement:
    """Look at the last version in the cluster that owns the host now, and at its node in the Ironic there."""
    side = leg.move.destination
    last = next((version for version in reversed(host.versions(world, side)) if version.alive), None)
    blind = world.not_covered(SightKey("kube", side, "BareMetalHost"), needed_from=host.since)
    if last is None:
        return unknown(f"is not in the {side}", host.name, blind.evidence if blind else ())
    newer = is_newer(world, leg, at_the_end=True)
    node = node_of(world, leg, str(last.get("status", "provisioning", "ID") or ""), host.until)[0]
    found = [
        *([] if newer else untold(host.versions(world, side), last)),
        *troubles(host, last, newer=newer),
        *(node_troubles(host, node.fact.node, side) if node and isinstance(node.fact, IronicNode) else ()),
    ]
    evidence = (last.entry.seq, *([node.seq] if node else []))
    if found:
        worst = merge("fail" if bad else "unknown" for _, bad in found)
        text = f"at the end {'; '.join(text for text, _ in found)}"
        return failed(text, host.name, evidence) if worst == "fail" and world.final else unknown(text, host.name, evidence)
    blind = blind or presence.not_covered(world, side, needed_from=host.since)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed(f"is fit to run on in the {side}", host.name, evidence)


def troubles(host: Host, version: Version, *, newer: bool = False) -> Iterator[tuple[str, bool]]:
    """What is wrong with the host itself, and whether that is a failure (or only not known to be well)."""
    kind, said = version.get("status", "errorType"), version.get("status", "errorMessage")
    if kind:
        yield f"it has the error {kind}: {said or ''}".rstrip(": "), True
    status = str(version.get("status", "operationalStatus") or "")
    wanted = "detached" if host.detached else "OK"
    if status not in ("OK", wanted) and not (kind and status == "error"):
        yield f"its operational status is {status or 'empty'}, not {wanted}", status in BAD
    tried, good = (version.get("status", each, "credentialsVersion") for each in ("triedCredentials", "goodCredentials"))
    if tried and tried != good:
        yield f"the credentials that were tried last (of version {tried}) were not accepted by its BMC (accepted: {good})", False
    if UNHEALTHY in version.annotations and UNHEALTHY not in host.baseline.annotations:
        yield "it is marked as unhealthy, as a remediation does before it gives a server up", False
    if version.get("status", "conditions"):
        yield from ((says, False) for says in unwell(host.baseline, version, newer=newer))


def untold(shown: Timeline, last: Version) -> Iterator[tuple[str, bool]]:
    """What its status told in this cluster, and does not tell any more at the end; the same operator tells it as long as it holds."""
    told = {name: True for it in shown for name, value in members(it.get("status")).items() if is_told(value)}
    lost = [name for name in told if not name.startswith("error") and not is_told(last.get("status", name))]
    if lost:
        yield f"its status does not tell {', '.join(lost)} any more", False


def is_told(value: Any) -> bool:
    """Does a member of a status say what may not be lost? What is empty says as much as none, and a count may begin anew."""
    return isinstance(value, bool) or (bool(value) and not isinstance(value, int | float))


def wants_power(host: Host) -> bool:
    """Is its server to run? Not one that its user had switched off before the move."""
    return host.baseline.get("spec", "online") is not False or host.baseline.get("status", "poweredOn") is not False


def node_troubles(host: Host, node: dict[str, Any], side: str) -> Iterator[tuple[str, bool]]:
    """What is wrong with its node in Ironic, and whether that is a failure."""
    where = f"its node in the Ironic of the {side}"
    power = node.get("power_state")
    if power == "power off" and wants_power(host):
        yield f"{where} is off", True
    elif power not in (None, "power on", "power off"):
        yield f"{where} has the power state {power}", False
    if "off" in str(node.get("target_power_state") or ""):
        yield f"{where} is about to be switched off", True
    elif node.get("target_power_state"):
        yield f"{where} is about to get {node['target_power_state']}", False
    if node.get("fault"):
        yield f"{where} has the fault {node['fault']}", True
    elif node.get("maintenance"):
        yield f"{where} is in maintenance, so that nobody looks after its power", False
    if node.get("target_provision_state"):
        yield f"{where} is on its way to {node['target_provision_state']}", False
    if node.get("last_error"):
        yield f"{where} tells of an error: {node['last_error']}", False
