"""Writing objects: create, update, delete, with everything the server decides about them on the way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.emulated.apiserver import builtin, managed_fields, metadata, schema
from harness.emulated.apiserver.conversion import convert
from harness.emulated.apiserver.errors import already_exists, cause, conflict, forbidden, not_found
from harness.emulated.apiserver.kinds import DEFINITIONS, NAMESPACES, Json, Registry, Resource
from harness.emulated.apiserver.store import Key, Store, Stored, freeze

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


@dataclass
class Writing:
    """Who writes, and how: the query parameters of a write. `warnings` are for the answer's headers."""

    manager: str = "unknown"
    dry_run: bool = False
    validation: str = "Warn"
    operation: str = "Update"
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Deletion:
    """DeleteOptions: what must hold (`uid`, `version`; empty: anything) and what becomes of dependants."""

    uid: str = ""
    version: str = ""
    policy: str = ""
    dry_run: bool = False


class Objects:
    """The one place that changes the store; every method is synchronous, so each write is atomic."""

    def __init__(self, store: Store, registry: Registry, naming: metadata.Naming) -> None:
        self.store, self.registry, self._naming = store, registry, naming

    def get(self, resource: Resource, key: Key) -> Stored:
        """The object now; raises ApiError 404."""
        stored = self.store.get(resource.table, key)
        if stored is None:
            raise not_found(resource.plural, resource.group, key[1])
        return stored

    def create(self, resource: Resource, namespace: str, sent: Any, writing: Writing) -> Stored:
        """Create an object; raises ApiError."""
        body = metadata.check_type(resource, sent)
        meta = body["metadata"]
        metadata.place(resource, meta, namespace)
        if resource.namespaced:
            self._check_namespace(resource, namespace, meta.get("name", ""))
        metadata.begin_life(resource, meta, self._naming)
        key = (meta.get("namespace", ""), meta["name"])
        if self.store.get(resource.table, key):
            raise already_exists(resource.plural, resource.group, key[1])
        if resource.custom and resource.has_status:
            body.pop("status", None)
        self._settle(resource, body, None, writing)
        if writing.operation != "Apply":
            managed_fields.track(resource, {}, body, writing.manager)
        if not resource.custom:
            builtin.begin(resource, body)
        metadata.tidy(meta)
        return self._keep(resource, body, writing)

    def _check_namespace(self, resource: Resource, namespace: str, name: str) -> None:
        stored = self.store.get(NAMESPACES.table, ("", namespace))
        if stored is None:
            raise not_found("namespaces", "", namespace)
        if stored.deleting:
            why = f"unable to create new content in namespace {namespace} because it is being terminated"
            causes = [cause("NamespaceTerminating", "metadata.namespace", f"namespace {namespace} is being terminated")]
            raise forbidden(resource.plural, resource.group, name, why, causes)

    def update(self, resource: Resource, key: Key, change: Callable[[Json], Any], writing: Writing, part: str = "") -> Stored:
        """Update an object to what `change` makes of a copy of it; `part` is a subresource. Raises ApiError.

        A write that changes nothing keeps the resource version. One that takes the last finalizer of a deleted object removes it.
        """
        stored = self.get(resource, key)
        live = convert(stored.read(), resource.api_version)
        body = metadata.check_type(resource, change(convert(stored.read(), resource.api_version)))
        body = self._isolate(resource, live, body, part, writing)
        self._settle(resource, body, live, writing)
        body["metadata"]["managedFields"] = managed_fields.given_or_kept(live, body)
        metadata.tidy(body["metadata"])
        if body == live:
            return stored
        _count_generation(resource, live, body)
        if writing.operation != "Apply" and body["metadata"].get("managedFields"):
            managed_fields.track(resource, live, body, writing.manager, part)
        metadata.tidy(body["metadata"])
        if stored.deleting and _may_go(resource, body):
            return self._drop(resource, body, dry_run=writing.dry_run)
        return self._keep(resource, body, writing)

    def _isolate(self, resource: Resource, live: Json, body: Json, part: str, writing: Writing) -> Json:
        """Let a write change only its part of the object: status, or all but status."""
        metadata.place(resource, body["metadata"], live["metadata"].get("namespace", ""))
        metadata.carry_over(resource, live["metadata"], body["metadata"], patched=writing.operation != "Update")
        if part == "status":
            kept = live["metadata"] | {"managedFields": body["metadata"].get("managedFields")}
            body = {**live, "metadata": kept, "status": body.get("status")}
            return {name: value for name, value in body.items() if name != "status" or value is not None}
        if resource.has_status:
            body.pop("status", None)
            if "status" in live:
                body["status"] = live["status"]
        return body

    def _settle(self, resource: Resource, body: Json, live: Json | None, writing: Writing) -> None:
        """Prune, default and validate, by the schema of a custom resource or the rules of a built-in kind."""
        if resource.custom:
            schema.settle(resource, body, live, writing.validation, writing.warnings)
        else:
            builtin.settle(resource, body, live)

    def _keep(self, resource: Resource, body: Json, writing: Writing) -> Stored:
        if writing.dry_run:
            return freeze(body, int(body["metadata"].get("resourceVersion") or 0))
        return self.store.write(resource.table, convert(body, resource.stored_api_version))

    def delete(self, resource: Resource, key: Key, deletion: Deletion) -> tuple[Stored, bool]:
        """Mark for deletion, or remove when nothing holds it: the last state, and whether it is gone. Raises ApiError 404, 409."""
        stored = self.get(resource, key)
        _check_preconditions(resource, stored, deletion)
        body = stored.read()
        meta = body["metadata"]
        if added := {"Foreground": FOREGROUND, "Orphan": ORPHAN}.get(deletion.policy):
            meta["finalizers"] = [*dict.fromkeys([*meta.get("finalizers", ()), added])]
        if not stored.deleting and _may_go(resource, body):
            return self._drop(resource, body, dry_run=deletion.dry_run), True
        if stored.deleting and meta.get("finalizers") == stored.read()["metadata"].get("finalizers"):
            return stored, False
        if not stored.deleting:
            _mark_deleted(resource, body)
        return self._keep(resource, body, Writing(dry_run=deletion.dry_run)), False

    def finalize(self, name: str, finalizers: list[str], writing: Writing) -> Stored:
        """Set a namespace's own finalizers; one that is deleted and has none left goes. Raises ApiError 404."""
        stored = self.get(NAMESPACES, ("", name))
        body = stored.read()
        body["spec"] = {"finalizers": finalizers} if finalizers else {}
        if stored.deleting and _may_go(NAMESPACES, body):
            return self._drop(NAMESPACES, body, dry_run=writing.dry_run)
        return self._keep(NAMESPACES, body, writing)

    def _drop(self, resource: Resource, body: Json, *, dry_run: bool) -> Stored:
        if dry_run:
            return freeze(body, int(body["metadata"]["resourceVersion"]))
        return self.store.remove(resource.table, convert(body, resource.stored_api_version))


def _may_go(resource: Resource, body: Json) -> bool:
    held = bool(body["metadata"].get("finalizers"))
    return not held and not (resource is NAMESPACES and body.get("spec", {}).get("finalizers"))


def _mark_deleted(resource: Resource, body: Json) -> None:
    body["metadata"]["deletionTimestamp"] = metadata.now()
    if resource not in {NAMESPACES, DEFINITIONS}:
        body["metadata"]["deletionGracePeriodSeconds"] = 0
        if "generation" in body["metadata"]:
            body["metadata"]["generation"] += 1
    if resource is NAMESPACES:
        body["status"] = body.get("status", {}) | {"phase": "Terminating"}


def _check_preconditions(resource: Resource, stored: Stored, deletion: Deletion) -> None:
    pairs = (
        ("UID", deletion.uid, stored.uid, "deleted and then recreated"),
        ("ResourceVersion", deletion.version, str(stored.version), "modified"),
    )
    for what, wanted, actual, happened in pairs:
        if wanted and wanted != actual:
            why = f"the {what} in the precondition ({wanted}) does not match the {what} in record ({actual})."
            raise conflict(resource.kind, resource.group, stored.key[1], f"{why} The object might have been {happened}")


def _count_generation(resource: Resource, live: Json, body: Json) -> None:
    if not resource.generation:
        return
    apart = {"metadata", "status"} if resource.has_status else {"metadata"}
    before, after = ({key: value for key, value in each.items() if key not in apart} for each in (live, body))
    if before != after:
        body["metadata"]["generation"] = live["metadata"].get("generation", 0) + 1
