"""POST, PUT, PATCH and DELETE: from a request to a write of the objects, and its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from harness.emulated.apiserver.kinds.errors import Json, bad_request, unsupported_media_type
from harness.emulated.apiserver.kinds.registry import DEFINITIONS, ServedResource
from harness.emulated.apiserver.kinds.routes import RequestInfo
from harness.emulated.apiserver.objects import apply, options, strategic, views
from harness.emulated.apiserver.objects.reading import selection_of
from harness.emulated.apiserver.objects.writes import ObjectWriter, Writing
from harness.emulated.apiserver.store.store import Stored
from harness.emulated.apiserver.wire import bodies, patch
from harness.emulated.apiserver.wire.bodies import RequestBody
from harness.emulated.apiserver.wire.negotiation import ResponseFormat, accepted, answer, flag, media_type

RETURNED = frozenset({"Namespace", "PersistentVolume", "PersistentVolumeClaim", "Pod", "PodTemplate"}) | frozenset(
    {"ResourceQuota", "Service", "ServiceAccount", "StorageClass"}
)
"""Built-in kinds whose deletion answers with the object."""


@dataclass(frozen=True)
class _Answering:
    """How a write is answered: with the object that it made, in the form that the client takes."""

    objects: ObjectWriter
    form: ResponseFormat

    def __call__(self, resource: ServedResource, stored: Stored, writing: Writing, code: int = 200) -> web.Response:
        warnings = [*([resource.warning] if resource.warning else ()), *writing.warnings]
        return answer(self.form, views.show(resource, stored, self.form, self.objects.clock()), code, warnings)


def _answering(objects: ObjectWriter, request: web.Request, target: RequestInfo) -> _Answering:
    return _Answering(objects, accepted(request, custom=target.resource.custom))


async def _received(request: web.Request, resource: ServedResource) -> RequestBody:
    return bodies.received(resource, await bodies.read(request), request.headers.get("Content-Type", "application/json"))


async def create(objects: ObjectWriter, request: web.Request, target: RequestInfo) -> web.Response:
    """POST of a collection: 201."""
    answered, writing = _answering(objects, request, target), options.writing_of(request, "CreateOptions")
    sent = await _received(request, target.resource)
    stored = objects.create(target.resource, target.namespace, sent, writing)
    return answered(target.resource, stored, writing, 201)


async def replace(objects: ObjectWriter, request: web.Request, target: RequestInfo) -> web.Response:
    """PUT of an object or of its status; of some kinds, one that is not there is created."""
    answered, writing = _answering(objects, request, target), options.writing_of(request, "UpdateOptions")
    sent = await _received(request, target.resource)
    key = (target.namespace, target.name)
    if target.resource.created_by_update and not target.subresource and objects.store.get(target.resource.table, key) is None:
        return answered(target.resource, objects.create(target.resource, target.namespace, sent, writing), writing, 201)
    stored = objects.update(target.resource, key, lambda _: sent, writing, target.subresource)
    return answered(target.resource, stored, writing)


async def change(objects: ObjectWriter, request: web.Request, target: RequestInfo) -> web.Response:
    """PATCH in one of the four forms."""
    answered, kind = _answering(objects, request, target), media_type(request.headers.get("Content-Type", "")).name
    _check_kind(target.resource, kind)
    raw = await bodies.read(request)
    applying = kind == patch.APPLY
    writing = options.writing_of(request, "PatchOptions", applying=applying)
    key = (target.namespace, target.name)
    if applying:
        wish = apply.Wish(_yaml(raw), writing, target.subresource, force=flag(request, "force") is True)
        stored, created = apply.apply(objects, target.resource, key, wish)
        return answered(target.resource, stored, writing, 201 if created else 200)
    make = patcher(target.resource, kind, raw)
    writing.operation = "Patch"
    stored = objects.update(target.resource, key, lambda live: RequestBody(make(live)), writing, target.subresource)
    return answered(target.resource, stored, writing)


def _check_kind(resource: ServedResource, kind: str) -> None:
    known = (patch.JSON_PATCH, patch.MERGE, *(() if resource.custom else (patch.STRATEGIC,)), patch.APPLY)
    if kind not in known:
        raise unsupported_media_type(", ".join(known))


def _yaml(raw: bytes) -> Any:
    try:
        found = bodies.from_yaml(raw)
    except bodies.InvalidJsonError as error:
        raise bad_request(f"error decoding YAML: error converting YAML to JSON: {error}") from None
    if not isinstance(found, dict):
        raise bad_request(f"error decoding YAML: {bodies.unmappable(found)}")
    return found


def patcher(resource: ServedResource, kind: str, raw: bytes) -> Callable[[Json], Any]:
    """What a patch does to a copy of the object; raises ApiError 400."""
    try:
        body = bodies.parse_json(raw)
    except bodies.InvalidJsonError as error:
        raise bad_request(f"error decoding patch: {error}") from None
    if kind == patch.JSON_PATCH:
        return lambda live: patch.json_patch(live, body)
    if not isinstance(body, dict):
        raise bad_request(f"error decoding patch: {bodies.unmappable(body)}")
    if kind == patch.MERGE:
        return lambda live: patch.merge(live, body)
    return lambda live: strategic.merge(live, body, resource.schema)


async def delete(objects: ObjectWriter, request: web.Request, target: RequestInfo) -> web.Response:
    """DELETE of an object: its last state while it is held, a Status when it is gone."""
    answered, deletion = _answering(objects, request, target), options.deletion_of(request, await bodies.read(request))
    stored, gone = objects.delete(target.resource, (target.namespace, target.name), deletion)
    resource = target.resource
    if not gone or resource is DEFINITIONS or (resource.kind in RETURNED and not resource.custom):
        return answered(target.resource, stored, Writing())
    details = {"name": target.name, "group": target.resource.group, "kind": target.resource.plural, "uid": stored.uid}
    said = {key: value for key, value in details.items() if value}
    return answer(answered.form, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": said})


async def delete_collection(objects: ObjectWriter, request: web.Request, target: RequestInfo) -> web.Response:
    """DELETE of all that the query selects; answers the list of what it found."""
    answered, deletion = _answering(objects, request, target), options.deletion_of(request, await bodies.read(request))
    selection = selection_of(request, target)
    found = sorted(objects.store.table(target.resource.table).items(), key=lambda item: item[0])
    chosen = [stored for _, stored in found if selection.matches(stored)]
    more = {"continue": ""} if target.resource.custom else {}
    for stored in chosen:
        objects.delete(target.resource, stored.key, deletion)
    metadata = {**more, "resourceVersion": str(objects.store.version)}
    return answer(answered.form, views.show_list(target.resource, chosen, answered.form, metadata, objects.clock()))
