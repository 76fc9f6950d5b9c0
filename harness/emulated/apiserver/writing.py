"""POST, PUT, PATCH and DELETE: from a request to a write of the objects, and its answer."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from harness.emulated.apiserver import apply, patch, strategic, views
from harness.emulated.apiserver.errors import bad_request, cause, invalid, unsupported_media_type
from harness.emulated.apiserver.kinds import DEFINITIONS, NAMESPACES, Json, Resource
from harness.emulated.apiserver.negotiation import flag, json_answer, read_body
from harness.emulated.apiserver.negotiation import view as view_of
from harness.emulated.apiserver.objects import Deletion, Objects, Writing
from harness.emulated.apiserver.reading import selection_of
from harness.emulated.apiserver.routes import Target
from harness.emulated.apiserver.store import Stored

MANAGER_LENGTH_MAX = 128


def writing_of(request: web.Request) -> Writing:
    """The write options of a query; the manager defaults to the first word of the user agent."""
    agent = request.headers.get("User-Agent", "unknown").split("/")[0][:MANAGER_LENGTH_MAX]
    query = request.query
    return Writing(
        manager=query.get("fieldManager") or agent or "unknown",
        dry_run=query.get("dryRun") == "All",
        validation=query.get("fieldValidation") or "Warn",
    )


def _answer(request: web.Request, resource: Resource, stored: Stored, writing: Writing, code: int = 200) -> web.Response:
    shown = views.show(resource, stored, view_of(request.headers.get("Accept", "")))
    return json_answer(shown, code, writing.warnings)


async def create(objects: Objects, request: web.Request, target: Target) -> web.Response:
    """POST of a collection: 201."""
    writing = writing_of(request)
    body = await read_body(request)
    stored = objects.create(target.resource, target.namespace, body, writing)
    return _answer(request, target.resource, stored, writing, 201)


async def replace(objects: Objects, request: web.Request, target: Target) -> web.Response:
    """PUT of an object or of its status."""
    writing, body = writing_of(request), await read_body(request)
    stored = objects.update(target.resource, (target.namespace, target.name), lambda _: body, writing, target.subresource)
    return _answer(request, target.resource, stored, writing)


async def finalize(objects: Objects, request: web.Request, target: Target) -> web.Response:
    """PUT of a namespace's finalizers."""
    writing, body = writing_of(request), await read_body(request)
    stored = objects.finalize(target.name, body.get("spec", {}).get("finalizers") or [], writing)
    return _answer(request, NAMESPACES, stored, writing)


async def change(objects: Objects, request: web.Request, target: Target) -> web.Response:
    """PATCH in one of the four forms."""
    writing, kind = writing_of(request), request.content_type
    body = await read_body(request)
    key = (target.namespace, target.name)
    if kind == patch.APPLY:
        force, named = flag(request, "force") is True, "fieldManager" in request.query
        wish = apply.Wish(body, writing, target.subresource, force=force, named=named)
        stored, created = apply.apply(objects, target.resource, key, wish)
        return _answer(request, target.resource, stored, writing, 201 if created else 200)
    make = patcher(target.resource, kind, body)
    writing.operation = "Patch"
    stored = objects.update(target.resource, key, make, writing, target.subresource)
    return _answer(request, target.resource, stored, writing)


def patcher(resource: Resource, kind: str, body: Any) -> Callable[[Json], Any]:
    """What a patch does to a copy of the object; raises ApiError 400 or 415."""
    if kind == patch.JSON_PATCH:
        return lambda live: patch.json_patch(live, body)
    known = kind == patch.MERGE or (kind == patch.STRATEGIC and not resource.custom)
    if not known:
        offers = (patch.JSON_PATCH, patch.MERGE, *(() if resource.custom else (patch.STRATEGIC,)), patch.APPLY)
        raise unsupported_media_type(", ".join(offers))
    if not isinstance(body, dict):
        raise bad_request("error decoding patch: a merge patch is an object")
    merge = patch.merge if kind == patch.MERGE else strategic.merge
    return lambda live: merge(live, body)


def deletion_of(request: web.Request, body: Any) -> Deletion:
    """DeleteOptions of a body or of the query."""
    options = body if isinstance(body, dict) else {}
    preconditions = options.get("preconditions") or {}
    policy = options.get("propagationPolicy") or request.query.get("propagationPolicy") or ""
    if options.get("orphanDependents") is True:
        policy = "Orphan"
    if policy not in {"", "Background", "Foreground", "Orphan"}:
        why = f'Unsupported value: "{policy}": supported values: "Foreground", "Background", "Orphan", "nil"'
        raise invalid("DeleteOptions", "meta.k8s.io", "", [cause("FieldValueNotSupported", "propagationPolicy", why)])
    dry_run = "All" in (options.get("dryRun") or ()) or request.query.get("dryRun") == "All"
    return Deletion(preconditions.get("uid") or "", preconditions.get("resourceVersion") or "", policy, dry_run)


async def delete(objects: Objects, request: web.Request, target: Target) -> web.Response:
    """DELETE of an object: its last state while it is held, a Status when it is gone."""
    deletion = deletion_of(request, await read_body(request))
    stored, gone = objects.delete(target.resource, (target.namespace, target.name), deletion)
    if not gone or target.resource in {NAMESPACES, DEFINITIONS}:
        return _answer(request, target.resource, stored, Writing())
    details = {"name": target.name, "group": target.resource.group, "kind": target.resource.plural, "uid": stored.uid}
    said = {key: value for key, value in details.items() if value}
    return json_answer({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": said})


async def delete_collection(objects: Objects, request: web.Request, target: Target) -> web.Response:
    """DELETE of all that the query selects; answers the list of what it found."""
    deletion = deletion_of(request, await read_body(request))
    selection = selection_of(request, target)
    found = sorted(objects.store.table(target.resource.table).items(), key=lambda item: item[0])
    chosen = [stored for _, stored in found if selection.matches(stored)]
    for stored in chosen:
        objects.delete(target.resource, stored.key, deletion)
    metadata = {"resourceVersion": str(objects.store.version)}
    return json_answer(views.show_list(target.resource, chosen, view_of(request.headers.get("Accept", "")), metadata))
