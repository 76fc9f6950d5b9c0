"""Before the move every host that runs something is claimed and stands still: steady, without error, with nothing of an older move.

A pause that somebody else set makes a host arrive without its status and be wiped when it is taken away (recorded run p); a block-move
annotation on a host that nobody claims blocks the move for 395 s (recorded run m).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, passed, unknown
from harness.metal3 import BLOCK_MOVE, DELETE_FOR_MOVE, DETACHED, PAUSED, STATUS
from harness.world.bmc.servers import bmc_of, others_of
from harness.world.coverage import SightKey
from harness.world.horizon import not_seen_now
from harness.world.hosts import STEADY, Host, hosts, promised
from harness.world.moves import moves
from harness.world.probes import owner
from harness.world.reconciled.orders import orders
from harness.world.world import Version, World

PREFLIGHT = True
PROMISE = False
CLAIMS = "Metal3Machine"
"""The kind of consumer whose controller pauses a host for a move, and gives it its status to take along."""
OF_A_MOVE = (PAUSED, STATUS, DELETE_FOR_MOVE)


def check(world: World, *, origin: str = "") -> Iterator[Judgement]:
    """One judgement a promised host, and one about the unclaimed."""
    found = promised(world)
    if not found:
        yield unknown("there is no host that runs something, so nothing to pivot")
    shared = shared_bmcs(found)
    for host in found:
        if host.name in shared:
            yield failed(shared[host.name], host.name, (host.baseline.entry.seq,))
            continue
        place = home(world, host)
        if origin and place != origin:
            yield failed(f"is in the {place}, so nothing can be moved from the {origin}", host.name)
        else:
            yield judge(world, host)
    blocked = [host.name for host in hosts(world) if not host.claimed and BLOCK_MOVE in newest(world, host).annotations]
    if blocked:
        yield failed(
            f"{', '.join(blocked)} blocks every move: it carries {BLOCK_MOVE} and nobody claims it; remove that annotation"
        )


def shared_bmcs(found: Sequence[Host]) -> dict[str, str]:
    """The hosts that have their BMC's address in common with another one, and what that means."""
    owners = defaultdict[str, list[str]](list)
    for host in found:
        owners[bmc_of(host.baseline)].append(host.name)
    return {
        name: f"{' and '.join(names)} have one BMC, {address}: what is done to one is done to the other"
        for address, names in owners.items()
        if address and len(names) > 1
        for name in names
    }


def home(world: World, host: Host) -> str:
    """The cluster that has it now: where the last move took it that came to its end."""
    return owner(world) if moves(world) else host.origin


def newest(world: World, host: Host) -> Version:
    """What it is now, where it is at home."""
    return world.last(home(world, host), "BareMetalHost", host.namespace, host.object_name) or host.baseline


def judge(world: World, host: Host) -> Judgement:
    """What is wrong with one host now."""
    version = newest(world, host)
    doubles = [*copies(world, host), *others(world, host, version)]
    wrong = [*troubles(version), *(text for text, _ in doubles)]
    evidence = (version.entry.seq, *(other.entry.seq for _, other in doubles))
    if wrong:
        return failed("; ".join(wrong), host.name, evidence)
    if DETACHED in version.annotations:
        return passed(
            "was detached by its user: no Ironic manages it, as wanted, nor will one after the move", host.name, evidence
        )
    # A copy, or another host of its server, would have been seen in either cluster.
    if blind := not_seen_now(world, *(SightKey("kube", side, "BareMetalHost") for side in SIDES)):
        return unknown(blind.says, host.name, blind.evidence)
    return passed(f"is `{host.state}` and stands still", host.name, evidence)


def copies(world: World, host: Host) -> Iterator[tuple[str, Version]]:
    """An un-paused copy of it in the other cluster, and what that means."""
    for side in SIDES:
        double = world.last(side, "BareMetalHost", host.namespace, host.object_name)
        if side != home(world, host) and double and PAUSED not in double.annotations:
            told = "" if double.get("status") else " (a BareMetalHost without status)"
            harm = "an operator that is started there takes the running server for a new one"
            yield f"stands un-paused in the {side} already{told}: {harm}; delete that copy first", double


def others(world: World, host: Host, mine: Version) -> Iterator[tuple[str, Version]]:
    """Other hosts, in both clusters, that command its server, and what that means."""
    for key, what, version in others_of(world, host, mine, since=world.now):
        text = f"BareMetalHost {key.name} in the {key.cluster} has {what}, with it: what is done to one is done to the other"
        yield text, version


def troubles(version: Version) -> Iterator[str]:
    """Why this version of a host is not fit to be moved."""
    state = version.get("status", "provisioning", "state")
    if state not in STEADY:
        yield f"is `{state or 'without status'}`, not provisioned; wait until it is"
    fit = ("OK", "detached") if DETACHED in version.annotations else ("OK",)
    if version.get("status", "operationalStatus") not in fit:
        yield f"its operational status is {version.get('status', 'operationalStatus') or 'empty'}, not {' or '.join(fit)}"
    if version.get("status", "errorType"):
        yield f"it has the error {version.get('status', 'errorType')}: {version.get('status', 'errorMessage') or ''}".rstrip(": ")
    if version.get("spec", "online") is not version.get("status", "poweredOn"):
        yield "its power is not as its spec wants it"
    if version.get("spec", "consumerRef", "kind") != CLAIMS:
        yield (
            f"it runs something and no {CLAIMS} claims it: nothing carries its status along, so its new operator takes its "
            "running server for a new one; claim it, or keep it out of this namespace"
        )
    if version.deleting:
        yield "it is being deleted"
    image, running = version.get("spec", "image", "url"), version.get("status", "provisioning", "image", "url")
    if state == "provisioned" and image != running:
        yield f"its spec wants another image ({image}) than it runs ({running}): the move would deprovision it"
    ordered = [name for name in orders(version) if not name.startswith(DETACHED)]
    carried = [name for name in version.annotations if name.startswith(OF_A_MOVE) or name in ordered]
    if carried:
        yield f"it carries {', '.join(carried)}; remove that first"
