"""Describes changes of one object, node or BMC in words that are comparable between runs of the same scenario.

A word names a change and nothing of the lab it happened in: no host's name, no uid, no address, no time.
"""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import msgspec

from harness.journal.facts import BmcRequest
from harness.world.changes.objects import ConditionState, ObjectChange

IDENTIFIED = re.compile(r"/(Systems|Managers|Chassis|Sessions|Members|EthernetInterfaces|Tasks|TaskMonitors)/[^/]+")
LASTING = "Continuous"
"""A continuous boot override.

Ironic sends it only if the BMC does not show it yet, which differs between BMCs, so it is ignored.
"""
BODY_KEYS = ("ResetType", "BootSourceOverrideTarget", "BootSourceOverrideEnabled", "BootSourceOverrideMode", "Inserted")
RENEWED = {"provisioning ID": "new node", "credentials": "good credentials"}
"""Fields of a host whose values differ between labs: only that they are new is compared."""

Teller = Callable[[ObjectChange], Iterator[str]]


def host_words(change: ObjectChange) -> Iterator[str]:
    """A BareMetalHost: its coming and going, annotations, restored status, states, node, credentials, power."""
    if change.gone:
        yield "deleted"
        return
    if change.came:
        marks = ", ".join(map(mark_word, change.marks_set))
        yield f"{coming(change)} {state_word(change) or 'without a state'}" + (f", with {marks}" if marks else "")
        return
    yield from (f"+{mark_word(mark)}" for mark in change.marks_set)
    yield from (f"-{mark_word(mark)}" for mark in change.marks_removed)
    if change.deleting:
        yield "deletionTimestamp"
    yield from status_words(change)


def mark_word(mark: str) -> str:
    """An annotation by its last part: `block-move`."""
    return mark.rpartition("/")[2]


def status_words(change: ObjectChange) -> Iterator[str]:
    """A BareMetalHost's status; one that was empty and then names a node was restored."""
    was_empty = change.before is not None and not change.before.get("status", "lastUpdated")
    if was_empty and change.after.get("status", "provisioning", "ID"):
        yield f"restored as {state_word(change)}"
        return
    fields = change.fields
    if "state" in fields:
        yield f"state {state_word(change) or 'none'}"
    yield from (word for name, word in RENEWED.items() if name in fields and fields[name].after)
    if "powered on" in fields:
        yield f"powered on: {bool(fields['powered on'].after)}"
    if "error" in fields:
        yield f"error {fields['error'].after or 'none'}"
    if "consumer" in fields and bool(fields["consumer"].before) != bool(fields["consumer"].after):
        yield "claimed" if fields["consumer"].after else "released"


def state_word(change: ObjectChange) -> str:
    """A BareMetalHost's provisioning state now, empty where it has none."""
    return str(change.after.get("status", "provisioning", "state") or "")


def lifecycle_words(change: ObjectChange) -> Iterator[str]:
    """Any object: its coming, its deletion, its end; a Machine's phase; whether its infrastructure is provisioned."""
    if change.gone:
        yield "deleted"
        return
    if change.came:
        yield coming(change)
    if change.deleting:
        yield "deletionTimestamp"
    yield from (f"{name} {field.after}" for name, field in change.fields.items())


def condition_words(change: ObjectChange) -> Iterator[str]:
    """An object's conditions that changed, as `Type=Status (Reason)`, in order of type."""
    if change.gone or change.came:
        return
    changed = change.conditions.items()
    yield from (f"{name}={condition_word(pair.after)}" for name, pair in changed if pair.after)
    yield from (f"{name} gone" for name, pair in changed if not pair.after)


def condition_word(condition: ConditionState) -> str:
    """`Status (Reason)`."""
    return f"{condition.status} ({condition.reason or 'no reason'})"


def node_words(change: ObjectChange) -> Iterator[str]:
    """A Node of the workload: its coming and going, another boot or disk, readiness."""
    if change.gone:
        yield "deleted"
        return
    if change.came:
        yield coming(change)
        return
    yield from (f"another {name}" for name in change.fields)
    ready = change.conditions.get("Ready")
    if ready and (ready.before and ready.before.status) != (ready.after and ready.after.status):
        yield f"Ready {ready.after.status if ready.after else 'none'}"


def coming(change: ObjectChange) -> str:
    """How an object first appeared: `is` if it existed before watching began, else `added`."""
    return "is" if change.came == "listed" else "added"


def request_word(fact: BmcRequest, asker: str) -> str:
    """A request to a BMC by its class: who, how, what, and of the body what the server shall do."""
    said = " ".join(body_words(fact.body))
    refused = f" refused with {fact.status}" if fact.status >= 400 else ""
    return f"{asker} {fact.method} {resource_class(fact.path)}" + (f" {said}" if said else "") + refused


def resource_class(path: str) -> str:
    """A Redfish path without what identifies one server: `/redfish/v1/Systems/9-f/SecureBoot` -> `Systems/*/SecureBoot`."""
    plain = urlsplit(path).path.rstrip("/").removeprefix("/redfish/v1")
    return IDENTIFIED.sub(r"/\1/*", plain).strip("/") or "ServiceRoot"


def body_words(body: str) -> list[str]:
    """The relevant values of a request's body."""
    try:
        order = msgspec.json.decode(body) if body else {}
    except msgspec.DecodeError:
        return []
    if not isinstance(order, dict):
        return []
    flat = {**order, **(order.get("Boot") or {})}
    return [str(flat[key]) for key in BODY_KEYS if flat.get(key) not in (None, LASTING)]
