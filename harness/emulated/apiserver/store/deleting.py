"""What a deletion asks for, and what it does to the object that it marks."""

from dataclasses import dataclass

from harness.emulated.apiserver.kinds.errors import conflict
from harness.emulated.apiserver.kinds.registry import DEFINITIONS, NAMESPACES, Json, ServedResource
from harness.emulated.apiserver.store.store import Stored

LASTING_NAMESPACES = frozenset({"default", "kube-system", "kube-public"})
FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


@dataclass(frozen=True)
class Deletion:
    """DeleteOptions: what must hold (`uid`, `version`; empty: anything), what becomes of dependants, and how long a Pod may take."""

    uid: str = ""
    version: str = ""
    policy: str = ""
    dry_run: bool = False
    grace_seconds: int | None = None


def may_go(resource: ServedResource, body: Json) -> bool:
    """Whether nothing holds an object any more."""
    held = bool(body["metadata"].get("finalizers"))
    return not held and not (resource is NAMESPACES and body.get("spec", {}).get("finalizers"))


def grace_seconds(body: Json, deletion: Deletion) -> int:
    """How long a Pod may take to end: nothing where no node runs it."""
    if not body["spec"].get("nodeName") or body["status"].get("phase") in {"Failed", "Succeeded"}:
        return 0
    asked = deletion.grace_seconds
    return int(body["spec"].get("terminationGracePeriodSeconds", 0) if asked is None else asked if asked >= 0 else 1)


def bind_dependants(body: Json, deletion: Deletion) -> None:
    """Note in an object's finalizers what is to become of its dependants; warns of what is asked for by saying nothing."""
    if added := {"Foreground": FOREGROUND, "Orphan": ORPHAN}.get(deletion.policy):
        body["metadata"]["finalizers"] = [*dict.fromkeys([*body["metadata"].get("finalizers", ()), added])]


def mark_deleted(resource: ServedResource, body: Json, now: str) -> None:
    """Mark an object as deleted `now`."""
    already = "deletionTimestamp" in body["metadata"]
    body["metadata"]["deletionTimestamp"] = now
    if resource not in {NAMESPACES, DEFINITIONS}:
        body["metadata"]["deletionGracePeriodSeconds"] = 0
        if "generation" in body["metadata"] and not already:
            body["metadata"]["generation"] += 1
    if resource is NAMESPACES:
        body["status"] = body.get("status", {}) | {"phase": "Terminating"}


def check_preconditions(resource: ServedResource, stored: Stored, deletion: Deletion) -> None:
    """Raise ApiError 409 where an object is not the one that is to be deleted."""
    pairs = (
        ("UID", deletion.uid, stored.uid, "deleted and then recreated"),
        ("ResourceVersion", deletion.version, str(stored.version), "modified"),
    )
    for what, wanted, actual, happened in pairs:
        if wanted and wanted != actual:
            why = f"the {what} in the precondition ({wanted}) does not match the {what} in record ({actual})."
            raise conflict(resource.kind, resource.group, stored.key[1], f"{why} The object might have been {happened}")
