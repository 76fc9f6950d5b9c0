"""No Event of a Baremetal Operator tells that it inspected, provisioned, cleaned or powered a promised host since the move began.

In recorded good pivots it tells of a validated BMC and of a registration, and nothing else. An Event is one more witness of what the
status may have shown for a moment only: that none was told proves nothing by itself.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from harness.journal.entry import Entry
from harness.journal.facts import SIDES, ObjectSeen
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.coverage import SightKey
from harness.world.hosts import Host, promised
from harness.world.moves import judged_moves, steady_since
from harness.world.world import Version, World, answered_once, dig

ORDER = 45
HARMLESS = ("BMCAccessValidated", "Registered", "ProfileSet", "UpdateHardwareDetails", "HardwareDetailsUpdated", "DetachedHost")
HARMFUL = ("Inspection", "Provisioning", "Deprovisioning", "Preparation", "Cleaning", "Servicing", "Power", "Reboot", "Rebuild")
"""What the reasons of such Events begin with."""
HEALS = ("RegistrationError", "BMCCredentialError", "BMCAccessValidationError", "ExternalPowerCycle")
"""What may be told of a moment, and be over at the end, which other checks look at."""
ERROR = "Error"
EVENTS = ("Event", "Event.events.k8s.io")


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
    blind = world.not_covered(*(SightKey("kube", side, "Event") for side in SIDES), needed_from=host.since)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed("no Event tells of anything that was done to it", host.name)


def events(world: World, host: Host) -> Iterator[tuple[Entry, str]]:
    """The Events about this host that came after the move began, as long as the promise holds."""
    for version in told_of_hosts(world).get((host.namespace, host.object_name), ()):
        if host.since < version.entry.since < host.until:
            yield version.entry, str(version.get("reason") or "")


@answered_once
def told_of_hosts(world: World) -> dict[tuple[str, str], list[Version]]:
    """The news that Events told of BareMetalHosts, by namespace and name of the host."""
    found: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for side in SIDES:
        # The older API of Events, and the newer one, whose kind has a group.
        for key in (key for kind in EVENTS for key in world.keys(side, kind)):
            for before, version in pairwise([None, *world.objects[key]]):
                if version is None or (before and before.body == version.body):
                    continue
                # The newer API of Events names what it is about otherwise.
                about = version.get("involvedObject") or version.get("regarding") or {}
                if about.get("kind") == "BareMetalHost" and version.alive and version.change in ("added", "modified"):
                    found[str(about.get("namespace")), str(about.get("name"))].append(version)
    return found


def text_of(entry: Entry) -> str:
    """`the Baremetal Operator of the target tells InspectionStarted: ...`."""
    fact = entry.fact
    assert isinstance(fact, ObjectSeen)  # noqa: S101 - only Events come here
    reason, message = dig(fact.object, "reason"), dig(fact.object, "message")
    return f"the Baremetal Operator of the {fact.cluster} tells {reason or fact.name}: {message or ''}".rstrip(": ")
