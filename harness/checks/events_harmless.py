"""No Event of a Baremetal Operator tells that it inspected, provisioned, cleaned or powered a promised host since the move began.

Nor does one of its Node tell of a boot, which the Node itself would show too. In recorded good pivots an operator tells of a validated BMC
and of a registration, and nothing else. An Event is one more witness of what the status may have shown for a moment only: that none was
told proves nothing by itself.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise, product
from typing import Any

from harness.journal.entry import Entry
from harness.journal.facts import SIDES, ObjectSeen
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.changes.authors import shown_by
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.moves import judged_moves, steady_since
from harness.world.nodes import node_timeline
from harness.world.world import Version, World, answered_once, dig

ORDER = 45
HARMLESS = ("BMCAccessValidated", "Registered", "ProfileSet", "UpdateHardwareDetails", "HardwareDetailsUpdated", "DetachedHost")
HARMFUL = ("Inspection", "Provisioning", "Deprovisioning", "Preparation", "Cleaning", "Servicing", "Power", "Reboot", "Rebuild")
"""What the reasons of such Events begin with."""
HEALS = ("RegistrationError", "BMCCredentialError", "BMCAccessValidationError", "ExternalPowerCycle")
"""What may be told of a moment, and be over at the end, which other checks look at."""
ERROR = "Error"
BOOTS = ("Rebooted", "Shutdown")
"""What a kubelet tells of a boot of its server, or of its end."""
EVENTS = ("Event", "Event.events.k8s.io")
PLACES = (*SIDES, "workload")


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host."""
    for host in promised(world):
        asked = judged_moves(world) or steady_since(world) is not None
        yield judge(world, host) if asked else unknown("no move took place", host.name)


def judge(world: World, host: Host) -> Judgement:
    """Read what both operators told of it."""
    told = [(entry, reason) for entry, reason in events(world, host) if reason not in (*HARMLESS, *HEALS)]
    harmful = [(entry, reason) for entry, reason in told if reason.startswith(HARMFUL) and not reason.endswith(ERROR)]
    if told:
        entry = (harmful or told)[0][0]
        text = f"{text_of(entry)} ({entry.at:.1f} s)"
        return (failed if harmful else unknown)(text, host.name, [entry.seq for entry, _ in harmful or told])
    if booted := list(boots(world, host)):
        entry, reason = booted[0]
        text = f"an Event of its Node tells {reason} ({entry.at:.1f} s), whatever the Node itself shows"
        return unknown(text, host.name, [entry.seq for entry, _ in booted])
    needed = [SightKey("kube", side, "Event") for side in SIDES]
    needed += world.coverage.watched_from(host.since, *(SightKey("kube", *place) for place in product(PLACES, EVENTS)))
    blind = world.not_covered(*needed, needed_from=host.since)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed("no Event tells of anything that was done to it", host.name)


def events(world: World, host: Host) -> Iterator[tuple[Entry, str]]:
    """The Events about this host that came after the move began, as long as the promise holds."""
    found = (version for side in SIDES for version in news(world).get((side, "BareMetalHost", host.object_name), ()))
    for version in found:
        if about(version).get("namespace") == host.namespace and host.since < version.entry.since and host.holds(version.entry):
            yield version.entry, str(version.get("reason") or "")


def boots(world: World, host: Host) -> Iterator[tuple[Entry, str]]:
    """The Events of its Node that tell of a boot of its server, or of its end, in that time."""
    node = node_timeline(world, host)
    for version in news(world).get(("workload", "Node", shown_by(node[0]).name), ()) if node else ():
        if version.get("reason") in BOOTS and host.since < version.entry.since and host.holds(version.entry):
            yield version.entry, str(version.get("reason"))


@answered_once
def news(world: World) -> dict[tuple[str, str, str], list[Version]]:
    """What Events told anew, by cluster, and by kind and name of what they are about."""
    found: dict[tuple[str, str, str], list[Version]] = defaultdict(list)
    # The older API of Events, and the newer one, whose kind has a group.
    for key in (key for side, kind in product(PLACES, EVENTS) for key in world.keys(side, kind)):
        for before, version in pairwise([None, *world.objects[key]]):
            if (
                version
                and not (before and before.body == version.body)
                and version.alive
                and version.change in ("added", "modified")
            ):
                found[key.cluster, str(about(version).get("kind")), str(about(version).get("name"))].append(version)
    return found


def about(event: Version) -> dict[str, Any]:
    """What an Event is about; the newer API of Events names that otherwise."""
    found = event.get("involvedObject") or event.get("regarding")
    return found if isinstance(found, dict) else {}


def text_of(entry: Entry) -> str:
    """`the Baremetal Operator of the target tells InspectionStarted: ...`."""
    fact = entry.fact
    assert isinstance(fact, ObjectSeen)  # noqa: S101 - only Events come here
    reason, message = dig(fact.object, "reason"), dig(fact.object, "message")
    return f"the Baremetal Operator of the {fact.cluster} tells {reason or fact.name}: {message or ''}".rstrip(": ")
