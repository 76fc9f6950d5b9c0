"""What became of a host's node in an Ironic: the states that an adoption goes through, and to whom a node belongs."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from harness.journal.entry import Entry
from harness.journal.facts import AnyFact, IronicAnswers, IronicNode, IronicNodeGone
from harness.world.hosts import Host, hosts
from harness.world.ironic.holding import names_of, of_host
from harness.world.ironic.told import about
from harness.world.moves import JudgedMove, judged_moves
from harness.world.world import World, answered_once

ADOPTION = frozenset({"", "enroll", "verifying", "manageable", "adopting", "adopt failed", "active"})
"""Ironic's provision states on the way of an adoption, and at its end."""
OF_A_SPARE = ADOPTION | {"available"}
POWER_ON = "power on"
TIMES = {"provision_updated_at": ("active",), "inspection_finished_at": ()}
"""Times of a node that stand still while it is adopted, and in which states (none: in all)."""

FREE = (
    *(
        "name",
        "provision_state",
        "target_provision_state",
        "power_state",
        "target_power_state",
        "maintenance",
        "fault",
        "last_error",
    ),
    *TIMES,
    *("reservation", "conductor", "conductor_group", "updated_at", "created_at", "provisioned_at", "maintenance_reason", "links"),
    *(
        "driver_info",
        "driver_internal_info",
        "properties",
        "extra",
        "traits",
        "description",
        "owner",
        "lessee",
        "console_enabled",
    ),
    *("protected", "protected_reason", "retired", "retired_reason", "health", "allocation_uuid", "parent_node", "network_data"),
)
"""Members of a node that other questions are about, that are Ironic's own bookkeeping, or that do nothing to a server that runs."""

Finding = tuple[str, tuple[Entry, ...]]
"""What was found, in words, and the entries that show it."""


def body(fact: AnyFact) -> dict[str, Any]:
    """The node as Ironic told it; empty for any other fact."""
    return fact.node if isinstance(fact, IronicNode) else {}


def state(entry: Entry) -> str:
    """Its provision state."""
    return str(body(entry.fact).get("provision_state") or "")


@answered_once
def identities(world: World) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """The hosts (namespace, name) that showed a provisioning ID in a cluster, by cluster and ID."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for host in hosts(world):
        for side, version in host.seen(world):
            uuid = str(version.get("status", "provisioning", "ID") or "")
            if uuid:
                found.setdefault((side, uuid), set()).add((host.namespace, host.object_name))
    return found


def nodes_of(world: World, host: Host, side: str) -> list[Entry]:
    """All that this side's Ironic told of the host's node since the promise was made: by its ID, or by its name."""
    uuids = own_identities(world).get((side, host.namespace, host.object_name), ())
    return [
        entry
        for entry in about(world, side, uuids=uuids, names=names_of(host))
        if isinstance(entry.fact, IronicNode) and host.begins < entry.at and host.holds(entry)
    ]


@answered_once
def own_identities(world: World) -> dict[tuple[str, str, str], list[str]]:
    """The provisioning IDs that a host showed in a cluster, by the cluster and the host's namespace and name."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for (side, uuid), whose in identities(world).items():
        for namespace, name in whose:
            found.setdefault((side, namespace, name), []).append(uuid)
    return found


def worked_on(host: Host, seen: list[Entry], side: str) -> Iterator[Finding]:
    """The states that no adoption goes through."""
    allowed = ADOPTION if host.claimed else OF_A_SPARE
    before = ""
    for entry in seen:
        now = state(entry)
        if now not in allowed and now != before:
            yield f"the Ironic of the {side} worked on it: its node was `{now}` ({entry.at:.1f} s)", (entry,)
        before = now


def switched(host: Host, seen: list[Entry], side: str) -> Iterator[Finding]:
    """The first look at which the node of a server that ran was off, or which Ironic was about to switch."""
    if host.baseline.get("status", "poweredOn") is not True:
        return
    for entry in seen:
        node = body(entry.fact)
        off, target = node.get("power_state") == "power off", str(node.get("target_power_state") or "")
        if off or (target and target != POWER_ON):
            what = f"was about to get `{target}`" if target else "was off"
            yield f"its node in the Ironic of the {side} {what} ({entry.at:.1f} s)", (entry,)
            return


def misnamed(world: World, host: Host, side: str) -> Iterator[Finding]:
    """A node of the host's ID that bears another's name, or a node of its name that has another's ID; the first one."""
    known, me = identities(world), (host.namespace, host.object_name)
    for entry in nodes_of(world, host, side):
        fact = entry.fact
        assert isinstance(fact, IronicNode)  # noqa: S101 - nodes_of gives only nodes
        whose = known.get((side, fact.uuid), set())
        if me in whose and fact.name and not of_host(fact.name, host):
            yield f"its node {fact.uuid} in the Ironic of the {side} bears another's name, {fact.name}", (entry,)
            return
        if (others := sorted(name for _, name in whose - {me})) and (whose != {me}):
            yield f"its node {fact.uuid} in the Ironic of the {side} is also that of {', '.join(others)}", (entry,)
            return


def moved_times(seen: list[Entry], side: str) -> Iterator[Finding]:
    """Times of a node that moved while every look at it showed the same state: something was done between two looks."""
    for before, after in pairwise(seen):
        old, new = body(before.fact), body(after.fact)
        if old.get("uuid") != new.get("uuid"):
            continue
        for name, states in TIMES.items():
            same = state(before) == state(after) and (not states or state(after) in states)
            if same and name in old and new.get(name) and old.get(name) != new.get(name):
                text = f"{name} of its node in the Ironic of the {side} moved to {new[name]} between two looks at it, with equal state"
                yield f"{text} ({after.at:.1f} s): what was done in between was not seen", (before, after)


def odd_at_the_end(world: World, host: Host, side: str) -> Iterator[Finding]:
    """What of the nodes that its owner's Ironic has at the end cannot be of one server that runs and is looked after."""
    judged = judged_moves(world)
    if not judged or side != judged[-1].move.destination:
        return
    seen = nodes_of(world, host, side)
    last = {entry.fact.uuid: entry for entry in seen if isinstance(entry.fact, IronicNode)}
    told = about(world, side, uuids=last, answers=True)
    ended = {entry.fact.uuid: entry.seq for entry in told if isinstance(entry.fact, IronicNodeGone)}
    down = [entry.seq for entry in told if isinstance(entry.fact, IronicAnswers) and not entry.fact.up]
    living = [entry for uuid, entry in last.items() if ended.get(uuid, -1) < entry.seq]
    # An Ironic that was down may have forgotten what it had, and does not tell so.
    living = [entry for entry in living if not down or down[-1] < entry.seq] or living[-1:]
    if len(living) > 1:
        names = " and ".join(str(body(entry.fact).get("uuid")) for entry in living)
        yield f"the Ironic of the {side} has more than one node of it at the end: {names}", tuple(living)
    for entry in living:
        known = [
            it for it in seen if body(it.fact).get("uuid") == body(entry.fact).get("uuid") and body(it.fact).get("power_state")
        ]
        if known and body(entry.fact).get("power_state") is None:
            yield f"the Ironic of the {side} does not know the power of its node any more", (known[-1], entry)


def driven_otherwise(seen: list[Entry], side: str) -> Iterator[Finding]:
    """What Ironic does its node's work by, once it has adopted it: no member is another one, nor is any step of work on its way."""
    for before, after in pairwise(seen):
        old, new = body(before.fact), body(after.fact)
        if old.get("uuid") != new.get("uuid") or state(before) != "active" or state(after) != "active":
            continue
        steps = [name for name in new if name.endswith("_step") and new[name] and not old.get(name)]
        other = [name for name in old if name not in FREE and old[name] not in (None, "", {}, []) and old[name] != new.get(name)]
        for name in [*steps, *other]:
            text = (
                f"{name} of its node in the Ironic of the {side} went from {old.get(name) or 'none'} to {new.get(name) or 'none'}"
            )
            yield f"{text} ({after.at:.1f} s), while its server ran", (before, after)


def forgotten(world: World, host: Host, side: str) -> Iterator[Finding]:
    """A node that went, and came back as another one: its Ironic lost what it knew of the server."""
    gone: Entry | None = None
    legs = [leg for leg in judged_moves(world) if leg.move.destination == side]
    within: JudgedMove | None = None
    for entry in about(world, side, names=names_of(host)):
        if entry.since >= host.until:
            break
        before, within = within, next((leg for leg in legs if leg.move.since < entry.since and entry.at < leg.until), None)
        if within != before:
            gone = None
        if within is None:
            continue
        match entry.fact:
            case IronicNodeGone(name=name) if of_host(name, host):
                gone = entry
            case IronicNode(name=name, uuid=uuid) if gone is not None and of_host(name, host):
                assert isinstance(gone.fact, IronicNodeGone)  # noqa: S101 - only such entries are kept
                if uuid != gone.fact.uuid:
                    yield f"the Ironic of the {side} lost its node and made another one ({entry.at:.1f} s)", (gone, entry)
                gone = None
            case _:
                pass
