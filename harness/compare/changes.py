"""Describes changes of one object, node or BMC in words that are comparable between runs of the same scenario.

A word names a change and nothing of the lab it happened in: no host's name, no uid, no address, no time.
"""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import msgspec

from harness.journal.facts import BmcRequest, Body, ObjectSeen
from harness.world.hosts import PAUSED, STATUS
from harness.world.moves import DELETE_FOR_MOVE
from harness.world.world import Version, dig

BLOCK_MOVE = "clusterctl.cluster.x-k8s.io/block-move"
MARKS = {
    PAUSED: "paused",
    STATUS: "status",
    BLOCK_MOVE: "block-move",
    DELETE_FOR_MOVE: "delete-for-move",
    "baremetalhost.metal3.io/detached": "detached",
}
FIELDS = {
    "new node": ("provisioning", "ID"),
    "good credentials": ("goodCredentials", "credentialsVersion"),
}
"""Fields of a host's status whose values differ between labs: only the fact that they changed is compared."""

IDENTIFIED = re.compile(r"/(Systems|Managers|Chassis|Sessions|Members|EthernetInterfaces|Tasks|TaskMonitors)/[^/]+")
LASTING = "Continuous"
"""A continuous boot override.

Ironic sends it only if the BMC does not show it yet, which differs between BMCs, so it is ignored.
"""
BODY_KEYS = ("ResetType", "BootSourceOverrideTarget", "BootSourceOverrideEnabled", "BootSourceOverrideMode", "Inserted")

Teller = Callable[[Version | None, Version], Iterator[str]]


def host_words(before: Version | None, after: Version) -> Iterator[str]:
    """A BareMetalHost: its coming and going, annotations, restored status, states, node, credentials, power."""
    if gone(after):
        yield "deleted"
        return
    marks = [word for mark, word in MARKS.items() if mark in after.annotations]
    if before is None or not before.alive:
        yield f"{coming(after)} {state(after) or 'without a state'}" + (f", with {', '.join(marks)}" if marks else "")
        return
    yield from (f"+{word}" for mark, word in MARKS.items() if mark in after.annotations and mark not in before.annotations)
    yield from (f"-{word}" for mark, word in MARKS.items() if mark in before.annotations and mark not in after.annotations)
    if after.deleting and not before.deleting:
        yield "deletionTimestamp"
    yield from status_words(before, after)


def status_words(before: Version, after: Version) -> Iterator[str]:
    """A BareMetalHost's status; one that was empty and then names a node was restored."""
    if not before.get("status", "lastUpdated") and after.get("status", "provisioning", "ID"):
        yield f"restored as {state(after)}"
        return
    if state(before) != state(after):
        yield f"state {state(after) or 'none'}"
    for word, path in FIELDS.items():
        new = after.get("status", *path)
        if new and new != before.get("status", *path):
            yield word
    for word, path in (("powered on", ("status", "poweredOn")), ("error", ("status", "errorType"))):
        old, new = before.get(*path), after.get(*path)
        if old != new and not (old in (None, "") and new in (None, "")):
            yield f"{word} {new or 'none'}" if word == "error" else f"{word}: {bool(new)}"
    if bool(before.get("spec", "consumerRef")) != bool(after.get("spec", "consumerRef")):
        yield "claimed" if after.get("spec", "consumerRef") else "released"


def state(version: Version) -> str:
    """A BareMetalHost's provisioning state, empty where it has none."""
    return str(version.get("status", "provisioning", "state") or "")


def lifecycle_words(before: Version | None, after: Version) -> Iterator[str]:
    """Any object: its coming, its deletion, its end; a Machine's phase; whether its infrastructure is provisioned."""
    if gone(after):
        yield "deleted"
        return
    if before is None or not before.alive:
        yield coming(after)
        before = None
    if after.deleting and not (before and before.deleting):
        yield "deletionTimestamp"
    for path in (("status", "phase"), ("status", "initialization", "provisioned")):
        old, new = (before.get(*path) if before else None), after.get(*path)
        if old != new:
            yield f"{path[-1]} {new}"


def condition_words(before: Version | None, after: Version) -> Iterator[str]:
    """An object's conditions that changed, as `Type=Status (Reason)`, in order of type."""
    if gone(after) or before is None or not before.alive:
        return
    old, new = conditions(before.body), conditions(after.body)
    yield from (f"{name}={new[name]}" for name in sorted(new) if old.get(name) != new[name])
    yield from (f"{name} gone" for name in sorted(old) if name not in new)


def conditions(body: Body) -> dict[str, str]:
    """Type -> `Status (Reason)`."""
    found = dig(body, "status", "conditions") or []
    return {str(each.get("type")): f"{each.get('status')} ({each.get('reason') or 'no reason'})" for each in found}


def node_words(before: Version | None, after: Version) -> Iterator[str]:
    """A Node of the workload: its coming and going, another boot or disk, readiness."""
    if gone(after):
        yield "deleted"
        return
    if before is None or not before.alive:
        yield coming(after)
        return
    for name in ("bootID", "machineID"):
        if before.get("status", "nodeInfo", name) != after.get("status", "nodeInfo", name):
            yield f"another {name}"
    ready = [conditions(version.body).get("Ready", "none").split(" ")[0] for version in (before, after)]
    if ready[0] != ready[1]:
        yield f"Ready {ready[1]}"


def coming(version: Version) -> str:
    """How an object first appeared: `is` if it existed before watching began, else `added`."""
    return "is" if change_of(version) == "listed" else "added"


def gone(version: Version) -> bool:
    """Is this the object's end?"""
    return not version.alive


def change_of(version: Version) -> str:
    """The change type that the watch reported."""
    fact = version.entry.fact
    return fact.change if isinstance(fact, ObjectSeen) else ""


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
