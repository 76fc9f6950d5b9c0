"""Object by object: create in the target, delete from the source."""

import copy
from typing import Any

from harness.emulated.mover.api.backoff import WRITE
from harness.emulated.mover.api.calls import JSON_PATCH, Operation
from harness.emulated.mover.errors import MoveApiError, MoveError, raise_all, wrapped
from harness.emulated.mover.graph import Body, GraphNode
from harness.emulated.mover.job import Job

DELETE_FOR_MOVE = "clusterctl.cluster.x-k8s.io/delete-for-move"


async def create_group(job: Job, group: list[GraphNode]) -> None:
    """Create every node of a group; those that fail do not keep the others back. MoveError of all failures."""
    namespaces: set[str] = set()
    errors: list[Exception] = []
    for node in group:

        async def create(node: GraphNode = node) -> None:
            await _create(job, node, namespaces)

        try:
            await job.retry(WRITE, create)
        except MoveError as error:
            errors.append(error)
    raise_all(errors)


async def delete_group(job: Job, group: list[GraphNode]) -> None:
    """Delete from the source every node of a group that is not to be kept there. MoveError of all failures."""
    errors: list[Exception] = []
    for node in group:
        if not node.is_deleted:
            continue

        async def delete(node: GraphNode = node) -> None:
            await _delete(job, node)

        try:
            await job.retry(WRITE, delete)
        except MoveError as error:
            errors.append(error)
    raise_all(errors)


async def _create(job: Job, node: GraphNode, namespaces: set[str]) -> None:
    _say(job, "Creating", node, level=1)
    if job.dry_run:
        return
    with wrapped(f"error reading {_object_reference(node)}"):
        source = await job.source.operation().get(node.api_version, node.kind, node.namespace, node.name)
    body = copy.deepcopy(source)
    _prepare(body["metadata"], node)
    if not node.is_global and node.namespace not in namespaces:
        await _ensure_namespace(job, node.namespace)
        namespaces.add(node.namespace)
    operation = job.target.operation()
    try:
        created = await _create_or_update(job, operation, node, body)
    except _ExistsInTargetError:
        node.new_uid = source["metadata"]["uid"]
        return
    node.new_uid = created["metadata"]["uid"]
    with wrapped(f"error patching the managed fields: error patching managed fields {_object_reference(node)}"):
        await operation.patch(created, _managed_fields_patch(created, source))


class _ExistsInTargetError(Exception):
    """A global object is in the target already: no error, it is left as it is."""


async def _create_or_update(job: Job, operation: Operation, node: GraphNode, body: Body) -> Body:
    try:
        with wrapped(f"error creating {_object_reference(node)}"):
            return await operation.create(body)
    except MoveError as error:
        refusal = error.__cause__
        if not isinstance(refusal, MoveApiError) or refusal.reason != "AlreadyExists":
            raise
    if node.is_global or node.global_hierarchy:
        why = "it is global" if node.is_global else "it is owned by a global object"
        _say(job, f"Object already exists, skipping upgrade because {why}", node, level=5)
        raise _ExistsInTargetError
    _say(job, "Object already exists, updating", node, level=5)
    with wrapped(f"error reading {_object_reference(node)}"):
        there = await operation.get(node.api_version, node.kind, node.namespace, node.name)
    for key in ("uid", "resourceVersion"):
        body["metadata"][key] = there["metadata"][key]
    with wrapped(f"error updating {_object_reference(node)}"):
        return await operation.replace(body)


def _prepare(metadata: Body, node: GraphNode) -> None:
    """Prepare a source object for creation: without resourceVersion, owners with their new uids, otherwise unchanged."""
    metadata.pop("resourceVersion", None)
    if metadata.get("name"):
        metadata.pop("generateName", None)
    if node.owners:
        metadata["ownerReferences"] = [_reference(owner, node) for owner in node.owners]


def _reference(owner: GraphNode, node: GraphNode) -> Body:
    attributes = node.owners[owner]
    reference: Body = {"apiVersion": owner.api_version, "kind": owner.kind, "name": owner.name, "uid": owner.new_uid}
    if attributes.controller is not None:
        reference["controller"] = attributes.controller
    if attributes.block_owner_deletion is not None:
        reference["blockOwnerDeletion"] = attributes.block_owner_deletion
    return reference


def _managed_fields_patch(created: Body, source: Body) -> Body:
    """RFC 7386 patch that gives the copy the field managers of the original, so that the mover owns no field."""
    before, after = created["metadata"].get("managedFields"), source["metadata"].get("managedFields")
    return {} if before == after else {"metadata": {"managedFields": after}}


async def _ensure_namespace(job: Job, name: str) -> None:
    operation = job.target.operation()
    try:
        await operation.get("v1", "Namespace", "", name)
    except MoveApiError as error:
        if error.status == 403 and name in [one["metadata"]["name"] for one in await operation.items("v1", "Namespace")]:
            return
        if error.reason != "NotFound":
            raise
    else:
        return
    job.log.say("Creating", ("Namespace", name), level=1)
    try:
        await operation.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    except MoveApiError as error:
        if error.reason != "AlreadyExists":
            raise


async def _delete(job: Job, node: GraphNode) -> None:
    _say(job, "Deleting", node, level=1)
    if job.dry_run:
        return
    operation = job.source.operation()
    try:
        body = await operation.get(node.api_version, node.kind, node.namespace, node.name)
    except MoveApiError as error:
        if error.reason == "NotFound":
            _say(job, "Object already deleted, skipping delete for", node, level=5)
            return
        with wrapped(f"error reading {_object_reference(node)}"):
            raise
    # RFC 6902 `add` on a member that exists replaces it: every other annotation is gone from here on, as upstream has it.
    change = {"op": "add", "path": "/metadata/annotations", "value": {DELETE_FOR_MOVE: ""}}
    with wrapped(f"error adding delete-for-move annotation from {_object_reference(node)}"):
        body = await operation.patch(body, [change], JSON_PATCH)
    with wrapped(f"error deleting {_object_reference(node)}"):
        await operation.delete(body)
    if body["metadata"].get("finalizers"):
        with wrapped(f"error removing finalizers from {_object_reference(node)}"):
            await operation.patch(body, {"metadata": {"finalizers": []}})


def _say(job: Job, what: str, node: GraphNode, *, level: int) -> None:
    values: list[tuple[str, Any]] = [(node.kind, node.name), ("Namespace", node.namespace)]
    job.log.say(what, *values, level=level)


def _object_reference(node: GraphNode) -> str:
    return f'"{node.api_version}, Kind={node.kind}" {node.namespace}/{node.name}'
