"""Writing objects: create, update, delete, with everything the server decides about them on the way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.emulated.apiserver.builtin import admission as builtin
from harness.emulated.apiserver.custom import definitions, schema
from harness.emulated.apiserver.kinds.conversion import convert
from harness.emulated.apiserver.kinds.errors import ApiError, already_exists, cause, forbidden, invalid, not_found
from harness.emulated.apiserver.kinds.naming_rules import STANDARD_FINALIZERS
from harness.emulated.apiserver.kinds.registry import DEFINITIONS, NAMESPACES, PODS, Json, Registry, ServedResource
from harness.emulated.apiserver.store import managed_fields, metadata
from harness.emulated.apiserver.store.clock import Clock, timestamp
from harness.emulated.apiserver.store.deleting import (
    LASTING_NAMESPACES,
    Deletion,
    bind_dependants,
    check_preconditions,
    grace_seconds,
    mark_deleted,
    may_go,
)
from harness.emulated.apiserver.store.managed_fields import Author
from harness.emulated.apiserver.store.store import Store, Stored, StoreKey, freeze
from harness.emulated.apiserver.wire.bodies import RequestBody, typed

DUPLICATE_OWNERS = (
    ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, "
    "and may reject such requests as early as 1.24; please fix your requests"
)


@dataclass
class Writing:
    """Who writes, and how: the query parameters of a write. `warnings` are for the answer's headers."""

    manager: str = "unknown"
    dry_run: bool = False
    validation: str = "Warn"
    operation: str = "Update"
    tracked: bool = True
    warnings: list[str] = field(default_factory=list)


class ObjectWriter:
    """The one set_namespace that changes the store; every method is synchronous, so each write is atomic.

    `clock` gives the times that are written into objects, and that ages are told by.
    """

    def __init__(self, store: Store, registry: Registry, naming: metadata.Naming, clock: Clock) -> None:
        self.store, self.registry, self._naming, self.clock = store, registry, naming, clock

    def now(self, later_seconds: int = 0) -> str:
        """This moment, or one later, as it is written into objects."""
        return timestamp(self.clock(), later_seconds)

    def get(self, resource: ServedResource, key: StoreKey) -> Stored:
        """The object now; raises ApiError 404."""
        stored = self.store.get(resource.table, key)
        if stored is None:
            raise not_found(resource.plural, resource.group, key[1])
        return stored

    def create(self, resource: ServedResource, namespace: str, sent: Any, writing: Writing) -> Stored:
        """Create an object of what was sent, a body or plain data; raises ApiError."""
        sent = sent if isinstance(sent, RequestBody) else RequestBody(sent)
        body = typed(resource, sent, writing.validation, writing.warnings)
        meta = body["metadata"]
        metadata.set_namespace(resource, meta, namespace)
        _single_owners(meta, writing)
        if resource.namespaced:
            self._check_namespace(resource, namespace, meta.get("name") or meta.get("generateName", ""))
        metadata.begin_life(resource, meta, self._naming, self.now())
        if resource.has_status and resource.custom:
            body.pop("status", None)
        self._check_definition(resource, meta)
        causes = self._settle(resource, body, None, writing)
        if resource is DEFINITIONS:
            writing.warnings += definitions.warnings_of(body)
        if writing.operation != "Apply":
            meta.pop("managedFields", None)
            managed_fields.track(resource, {}, _without_status(resource, body), Author(writing.manager, self.now()))
        elif meta.get("managedFields") == [{}]:
            del meta["managedFields"]
        if not resource.custom:
            builtin.begin(resource, body)
        self._refuse(resource, body, [], causes)
        _warn_of_finalizers(resource, meta, writing)
        key = (meta.get("namespace", ""), meta["name"])
        if existing := self.store.get(resource.table, key):
            raise already_exists(resource.plural, resource.group, key[1], deleting=existing.deleting)
        if meta.pop("resourceVersion", "0") not in {"", "0"}:
            raise ApiError(500, "", "resourceVersion should not be set on objects to be created")
        metadata.tidy(meta)
        stored = self._keep(resource, body, writing)
        self._follow_definition(resource, stored, writing)
        return stored

    def _follow_definition(self, resource: ServedResource, stored: Stored, writing: Writing) -> None:
        """Bring the status of a definition up to date, a version later, as its controllers do upstream."""
        if resource is not DEFINITIONS or writing.dry_run:
            return
        live, body = stored.read(), stored.read()
        others = [other.read() for key, other in self.store.table(resource.table).items() if key != stored.key]
        body["status"] = definitions.status_of(body, others, self.now())
        if body != live:
            managed_fields.track(resource, live, body, Author("kube-apiserver", self.now(), "status"))
            self._keep(resource, body, Writing())

    def _refuse(self, resource: ServedResource, body: Json, before: list[Json], causes: list[Json]) -> None:
        """Raise ApiError 422 for what is wrong with the metadata, and for the causes told before and after it."""
        found = [*before, *metadata.causes_of(resource, body["metadata"]), *causes]
        if found:
            raise invalid(resource.kind, resource.group, body["metadata"].get("name", ""), found)

    def _check_definition(self, resource: ServedResource, meta: Json) -> None:
        """Raise ApiError 403 where the definition of a custom resource is going."""
        stored = self.store.get(DEFINITIONS.table, ("", f"{resource.plural}.{resource.group}")) if resource.custom else None
        if stored and stored.deleting:
            why = "create not allowed while custom resource definition is terminating"
            raise forbidden(resource.plural, resource.group, meta.get("name", ""), why)

    def _check_namespace(self, resource: ServedResource, namespace: str, name: str) -> None:
        stored = self.store.get(NAMESPACES.table, ("", namespace))
        if stored is None:
            raise not_found("namespaces", "", namespace)
        if stored.deleting:
            why = f"unable to create new content in namespace {namespace} because it is being terminated"
            causes = [cause("NamespaceTerminating", "metadata.namespace", f"namespace {namespace} is being terminated")]
            raise forbidden(resource.plural, resource.group, name, why, causes)

    def update(
        self, resource: ServedResource, key: StoreKey, change: Callable[[Json], RequestBody], writing: Writing, part: str = ""
    ) -> Stored:
        """Update an object to what `change` makes of a copy of it; `part` is a subresource. Raises ApiError.

        A write that changes nothing keeps the resource version. One that takes the last finalizer of a deleted object removes it.
        """
        stored = self.get(resource, key)
        live = definitions.as_seen(resource, stored.read())
        sent = change(definitions.as_seen(resource, stored.read()))
        patched = writing.operation == "Patch"
        body = typed(resource, sent, writing.validation, writing.warnings, patched=patched)
        metadata.set_namespace(resource, body["metadata"], live["metadata"].get("namespace", ""))
        fixed = metadata.carry_over(resource, live["metadata"], body["metadata"], patched=writing.operation != "Update")
        body = _isolated(resource, live, body, part)
        settled = self._settle(resource, body, live, writing)
        if part == "status" and resource.custom:
            settled = [
                each | {"message": each["message"].replace(f": {each['field']} in body", f": {each['field'][7:]} in body")}
                for each in settled
            ]
        body["metadata"]["managedFields"] = managed_fields.given_or_kept(live, body)
        # An update's metadata is checked twice upstream, and every cause told twice.
        self._refuse(resource, body, [*fixed, *metadata.causes_of(resource, body["metadata"]), *fixed], settled)
        metadata.tidy(body["metadata"])
        if body == live:
            return stored
        _count_generation(resource, live, body)
        # What has no managers is not given any by an update, only by an apply.
        if writing.operation != "Apply" and body["metadata"].get("managedFields"):
            managed_fields.track(resource, live, body, Author(writing.manager, self.now(), part), kept=writing.tracked)
        metadata.tidy(body["metadata"])
        if stored.deleting and may_go(resource, body):
            # Watchers are told what it was before its last finalizer went, the writer what it made of it.
            self._drop(resource, live, dry_run=writing.dry_run)
            return freeze(body, stored.version if writing.dry_run else self.store.version)
        kept = self._keep(resource, body, writing)
        if not part:
            self._follow_definition(resource, kept, writing)
        return kept

    def _settle(self, resource: ServedResource, body: Json, live: Json | None, writing: Writing) -> list[Json]:
        """Default an object, and what is wrong with it, by the schema of a custom resource or the rules of a built-in kind."""
        if resource.custom:
            return schema.settle(resource.schema, body, live, writing.warnings)
        return builtin.settle(resource, body, live)

    def _keep(self, resource: ServedResource, body: Json, writing: Writing) -> Stored:
        if writing.dry_run:
            return freeze(body, int(body["metadata"].get("resourceVersion") or 0))
        return self.store.write(resource.table, self._stored(resource, body))

    def _stored(self, resource: ServedResource, body: Json) -> Json:
        """An object in its storage version; fields that this version does not have are dropped."""
        if not resource.custom or body["apiVersion"] == resource.stored_api_version:
            return convert(body, resource.stored_api_version)
        return definitions.as_stored(resource, body)

    def delete(self, resource: ServedResource, key: StoreKey, deletion: Deletion) -> tuple[Stored, bool]:
        """Mark for deletion, or remove when nothing holds it: the last state, and whether it is gone. Raises ApiError 404, 409."""
        stored = self.get(resource, key)
        check_preconditions(resource, stored, deletion)
        if resource is NAMESPACES and key[1] in LASTING_NAMESPACES:
            raise forbidden("namespaces", "", key[1], "this namespace may not be deleted")
        body = stored.read()
        if resource is DEFINITIONS and not stored.deleting:
            definitions.terminate(body, self.now())
        bind_dependants(body, deletion)
        if resource is PODS and (grace := grace_seconds(body, deletion)) and not body["metadata"].get("finalizers"):
            return self._delete_later(stored, body, grace, deletion), False
        if (not stored.deleting or resource is PODS) and may_go(resource, body):
            if resource in {PODS, NAMESPACES}:
                mark_deleted(resource, body, self.now())
            if resource is PODS and stored.deleting and body["metadata"] != stored.read()["metadata"]:
                # Watchers are told that it is to end at once before they are told that it has.
                body = self._keep(resource, body, Writing(dry_run=deletion.dry_run)).read()
            return self._drop(resource, body, dry_run=deletion.dry_run), True
        if stored.deleting and body["metadata"].get("finalizers") == stored.read()["metadata"].get("finalizers"):
            return stored, False
        if not stored.deleting:
            mark_deleted(resource, body, self.now())
        return self._keep(resource, body, Writing(dry_run=deletion.dry_run)), False

    def _delete_later(self, stored: Stored, body: Json, grace: int, deletion: Deletion) -> Stored:
        """Mark a Pod that runs on a node: its kubelet deletes it again, with no grace, once it has ended."""
        if stored.deleting and body["metadata"].get("deletionGracePeriodSeconds", 0) <= grace:
            return stored
        body["metadata"]["deletionTimestamp"] = self.now(grace)
        body["metadata"]["deletionGracePeriodSeconds"] = grace
        body["metadata"]["generation"] += not stored.deleting
        return self._keep(PODS, body, Writing(dry_run=deletion.dry_run))

    def finalize(self, name: str, finalizers: list[str], writing: Writing) -> Stored:
        """Set a namespace's own finalizers; one that is deleted and has none left goes. Raises ApiError 404."""
        stored = self.get(NAMESPACES, ("", name))
        body = stored.read()
        body["spec"] = {"finalizers": finalizers} if finalizers else {}
        managed_fields.track(NAMESPACES, stored.read(), body, Author(writing.manager, self.now(), "finalize"))
        if stored.deleting and may_go(NAMESPACES, body):
            return self._drop(NAMESPACES, body, dry_run=writing.dry_run)
        return self._keep(NAMESPACES, body, writing)

    def _drop(self, resource: ServedResource, body: Json, *, dry_run: bool) -> Stored:
        if dry_run:
            return freeze(body, int(body["metadata"]["resourceVersion"]))
        return self.store.remove(resource.table, convert(body, resource.stored_api_version))


def _without_status(resource: ServedResource, body: Json) -> Json:
    """What a manager of a new object can own of it: not its status, where that is written apart."""
    return {name: value for name, value in body.items() if name != "status"} if resource.has_status else body


def _isolated(resource: ServedResource, live: Json, body: Json, part: str) -> Json:
    """Let a write change only its part of the object: status, or all but status."""
    if part == "status":
        kept = live["metadata"] | {"managedFields": body["metadata"].get("managedFields")}
        if resource is PODS:
            # Who tells of a Pod's state may change its labels, too, as kubelets did.
            kept = body["metadata"] | {"ownerReferences": live["metadata"].get("ownerReferences")}
            body["status"] = {"qosClass": live["status"].get("qosClass")} | (body.get("status") or {})
        body = {**live, "metadata": kept, "status": body.get("status")}
        return {name: value for name, value in body.items() if name != "status" or value is not None}
    if resource.has_status:
        body.pop("status", None)
        if "status" in live:
            body["status"] = live["status"]
    return body


def _single_owners(meta: Json, writing: Writing) -> None:
    owners = meta.get("ownerReferences") or []
    single = [owner for index, owner in enumerate(owners) if owner not in owners[:index]]
    if len(single) < len(owners):
        meta["ownerReferences"] = single
        twice = ", ".join(sorted({owner.get("uid", "") for index, owner in enumerate(owners) if owner in owners[:index]}))
        writing.warnings.append(f"{DUPLICATE_OWNERS}; duplicate UID(s) observed: {twice}")


def _warn_of_finalizers(resource: ServedResource, meta: Json, writing: Writing) -> None:
    for name in (meta.get("finalizers") or ()) if resource.custom else ():
        if "/" not in name and name not in STANDARD_FINALIZERS:
            path = "including a path (/) " if "." in name else ""
            better = f"prefer a domain-qualified finalizer name {path}to avoid accidental conflicts with other finalizer writers"
            writing.warnings.append(f'metadata.finalizers: "{name}": {better}')


def _count_generation(resource: ServedResource, live: Json, body: Json) -> None:
    if not resource.generation:
        return
    apart = {"metadata", "status"} if resource.has_status else {"metadata"}
    before, after = ({key: value for key, value in each.items() if key not in apart} for each in (live, body))
    noted = resource.kind == "Deployment" and live["metadata"].get("annotations") != body["metadata"].get("annotations")
    if before != after or noted:
        body["metadata"]["generation"] = live["metadata"].get("generation", 0) + 1
