"""Nothing but noise: versions told twice, jitter, a relist's inferences, a lost event, spares cycled, conditions that flap, heartbeats."""

from collections.abc import Callable

import msgspec

from harness.catalogue.planting import changes, find, nodes, objects, requests, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, passes
from harness.catalogue.trial import rules
from harness.journal.facts import IronicNode, ObjectSeen

RULE = rules.ABSENCE
MOMENTS = ("late",)
VARIANTS = ("duplicates", "jitter", "relist", "lost events", "spares cycled", "conditions flap", "heartbeats", "reservations")


def duplicates(draft: Draft) -> None:
    """Each version of each object is told twice."""
    for entry in list(draft.entries):
        if isinstance(entry.fact, ObjectSeen) and entry.fact.change == "modified":
            draft.tell(entry.fact, at=entry.at, since=entry.since)


def jitter(draft: Draft) -> None:
    """What polls see is seen up to 2 ms later."""
    for entry in [entry for entry in draft.entries if isinstance(entry.fact, IronicNode) and entry.at < draft.run.ends - 1]:
        draft.drop(lambda other, entry=entry: other is entry)  # type: ignore[misc]
        draft.tell(entry.fact, at=entry.at + draft.random.uniform(0, 0.002), since=entry.since)


def relist(draft: Draft) -> None:
    """A relist infers the version of the host that was the last one then."""
    known = [entry.fact for entry in objects.versions(draft, find.host_copy(draft)) if entry.at <= draft.time]
    if known and isinstance(known[-1], ObjectSeen):
        draft.tell(msgspec.structs.replace(known[-1], inferred=True))


def lost_events(draft: Draft) -> None:
    """No Event came through."""
    draft.drop(lambda entry: isinstance(entry.fact, ObjectSeen) and entry.fact.kind == "Event")


def spares_cycled(draft: Draft) -> None:
    """A host that runs nothing is switched off and on."""
    if not draft.run.spares:
        raise NotApplicableError("a host that runs nothing")
    draft.host = draft.run.spares[0]
    by = requests.ironic_of(draft, draft.run.destination)
    requests.reset(draft, by, "ForceOff")
    requests.reset(draft, by, "On", at=draft.after(2))


def conditions_flap(draft: Draft) -> None:
    """Conditions of Machine and Cluster are false for some seconds."""
    for kind in ("Machine", "Cluster"):
        change = servers.condition("Available", "False", "NotAvailable")
        objects.rewrite(draft, find.own(draft, kind), change, until=draft.after(5))


def heartbeats(draft: Draft) -> None:
    """The Node tells that it lives."""
    for number in range(20):
        change = changes.annotate("heartbeat", str(number))
        objects.rewrite(draft, find.node(draft), change, since=draft.time + number * 0.01)


def reservations(draft: Draft) -> None:
    """Ironic reserves its node for a periodic task, and releases it."""
    nodes.rewrite(draft, changes.put("reservation", value="conductor-1"), until=draft.after(2))


FORMS: dict[str, Callable[[Draft], None]] = {
    "duplicates": duplicates,
    "jitter": jitter,
    "relist": relist,
    "lost events": lost_events,
    "spares cycled": spares_cycled,
    "conditions flap": conditions_flap,
    "heartbeats": heartbeats,
    "reservations": reservations,
}


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    FORMS[draft.variant](draft)
    return passes()
