"""Was a host really adopted? The parts of the proof, for the checks that need them.

Real pivots show (recorded runs, finding F1): no event proves it. Four things together do: a new provisioning ID, a renewed registration,
credentials of the version that the Secret has in the new cluster, and an `active` node of that ID in the new Ironic.
"""

from typing import Any, NamedTuple

from harness.journal.entry import Entry
from harness.journal.facts import IronicAnswers, IronicNode, IronicNodeGone
from harness.world.hosts import Host
from harness.world.ironic.presence import tells_only_changes
from harness.world.ironic.told import about
from harness.world.moves import JudgedMove
from harness.world.world import Version, World, version_at

ADOPTED_STATES = {"claimed": ("active",), "spare": ("manageable", "available", "active")}


class ProofPart(NamedTuple):
    """One part of the proof."""

    holds: bool
    says: str
    evidence: tuple[int, ...] = ()


def parts(world: World, host: Host, leg: JudgedMove, last: Version) -> list[ProofPart]:
    """The four parts of the proof that the leg's destination adopted the host, whose last version there is `last`."""
    side = leg.move.destination
    origin = world.timeline(leg.move.origin, "BareMetalHost", host.namespace, host.object_name)
    old = version_at(origin, leg.move.since) or host.baseline
    evidence = (old.entry.seq, last.entry.seq)
    uuid = str(last.get("status", "provisioning", "ID") or "")
    node, known_before = node_of(world, leg, uuid, min(leg.until, host.until))
    new_id = bool(uuid) and (uuid != old.get("status", "provisioning", "ID") or known_before)
    version = credentials_version(last)
    secret = str(last.get("spec", "bmc", "credentialsName") or "")
    known = {item.resource_version: item.entry.seq for item in world.timeline(side, "Secret", host.namespace, secret)}
    # Two clusters may by chance give the Secret one version: then its new owner takes the credentials for validated ones.
    registered = (
        "was renewed" if is_renewed(old, last) else "needed no renewal" if version == credentials_version(old) in known else ""
    )
    state = node_state(node)
    return [
        ProofPart(new_id, f"provisioning ID {'is new' if new_id else 'is still that of the Ironic before'}", evidence),
        ProofPart(bool(registered), f"registration {registered or 'was not renewed'}", evidence),
        ProofPart(
            version in known,
            f"credentials {'were validated' if version in known else 'were never validated'} in the {side}",
            (last.entry.seq, *([known[version]] if version in known else [])),
        ),
        ProofPart(
            state in adopted_states(host),
            f"Ironic of the {side} has its node {state}" if state else f"Ironic of the {side} has no node of it",
            (node.seq,) if node else (),
        ),
    ]


def adopted_states(host: Host) -> tuple[str, ...]:
    """The states in which Ironic has an adopted node of such a host."""
    return ADOPTED_STATES["claimed" if host.claimed else "spare"]


def is_renewed(old: Version, last: Version) -> bool:
    """Is the last registration another one than before, and is it over?"""
    start, end = registration(last)
    return bool(start and end) and (start, end) != registration(old)


def credentials_version(version: Version) -> str:
    """The version of the Secret whose credentials were validated last; empty where none were."""
    return str(version.get("status", "goodCredentials", "credentialsVersion") or "")


def registration(version: Version) -> tuple[Any, Any]:
    """Start and end of the last registration."""
    path = ("status", "operationHistory", "register")
    return version.get(*path, "start"), version.get(*path, "end")


def node_of(world: World, leg: JudgedMove, uuid: str, until: float) -> tuple[Entry | None, bool]:
    """The last entry before `until` about a node in the destination's Ironic, and whether Ironic had it before the move.

    After the last move the node must still be there; before another one its Ironic is stopped, as every pivot has it.
    """
    last: Entry | None = None
    away: Entry | None = None
    known_before = False
    for entry in about(world, leg.move.destination, uuids=(uuid,), answers=True):
        if entry.since >= until:
            break
        match entry.fact:
            case IronicNode(uuid=seen) if seen == uuid:
                last = entry
                known_before = known_before or entry.at <= leg.move.since
            case IronicNodeGone(uuid=seen) if seen == uuid and leg.last:
                last = away = None
            case IronicAnswers(up=False) if leg.last:
                last, away = None, last or away
            case IronicAnswers(up=True) if last is None and tells_only_changes(world):
                last = away
            case _:
                pass
    return last, known_before


def node_state(entry: Entry | None) -> str:
    """Ironic's provision state of that node."""
    return str(entry.fact.node.get("provision_state") or "") if entry and isinstance(entry.fact, IronicNode) else ""
