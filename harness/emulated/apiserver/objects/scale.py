"""The scale subresource: replicas of a Deployment or of a custom resource, as autoscaling/v1 Scale."""

from typing import Any

from aiohttp import web

from harness.emulated.apiserver.kinds.errors import bad_request, invalid, invalid_value
from harness.emulated.apiserver.kinds.registry import Json, Scale, ServedResource
from harness.emulated.apiserver.kinds.routes import RequestInfo
from harness.emulated.apiserver.kinds.types import TYPES
from harness.emulated.apiserver.objects import options, writing
from harness.emulated.apiserver.objects.writes import ObjectWriter
from harness.emulated.apiserver.tables.table import at
from harness.emulated.apiserver.wire import bodies
from harness.emulated.apiserver.wire.bodies import RequestBody
from harness.emulated.apiserver.wire.negotiation import accepted, answer

_KEPT = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
SCALE = ServedResource("autoscaling", "v1", "scales", "Scale", schema=TYPES["autoscaling.v1.Scale"])


async def serve(objects: ObjectWriter, request: web.Request, target: RequestInfo) -> web.Response:
    """GET, PUT or PATCH of `.../scale`."""
    form = accepted(request, custom=False)
    paths = target.resource.scale or Scale()
    key = (target.namespace, target.name)
    stored = objects.get(target.resource, key)
    if request.method == "GET":
        return answer(form, _shown(stored.read(), paths))
    how = options.writing_of(request, "UpdateOptions" if request.method == "PUT" else "PatchOptions")
    wish = await _wish(request, _shown(stored.read(), paths))
    _check(target, wish, paths)
    how.operation, how.tracked = "Patch", _is_owned(stored.read(), paths) and bool(wish["spec"].get("replicas"))
    written = objects.update(target.resource, key, lambda live: RequestBody(_scaled(live, paths, wish)), how, "scale")
    return answer(form, _shown(written.read(), paths))


async def _wish(request: web.Request, shown: Json) -> Json:
    raw, kind = await bodies.read(request), request.headers.get("Content-Type", "application/json")
    patched = request.method == "PATCH"
    sent = RequestBody(writing.patcher(SCALE, kind, raw)(shown)) if patched else bodies.received(SCALE, raw, kind)
    return bodies.typed(SCALE, sent, "Ignore", [], patched=patched)


def _is_owned(body: Json, paths: Scale) -> bool:
    """Whether somebody owns the replicas: else nobody comes to own them by scaling."""
    return any(_has(entry.get("fieldsV1") or {}, paths.spec) for entry in body["metadata"].get("managedFields") or ())


def _has(fields: Json, path: str) -> bool:
    first, _, rest = path.strip(".").partition(".")
    inner = fields.get(f"f:{first}")
    return inner is not None and (not rest or _has(inner, rest))


def _check(target: RequestInfo, wish: Json, paths: Scale) -> None:
    name = wish["metadata"].get("name", "")
    if name != target.name:
        raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({target.name})")
    replicas = wish["spec"].get("replicas", 0)
    if replicas < 0 and target.resource.custom:
        wrong = invalid_value(paths.spec, replicas, "should be a non-negative integer")
        raise invalid(target.resource.kind, target.resource.group, name, [wrong])
    if replicas < 0:
        wrong = invalid_value("spec.replicas", replicas, "must be greater than or equal to 0")
        raise invalid("Scale", "autoscaling", name, [wrong])


def _scaled(live: Json, paths: Scale, wish: Json) -> Json:
    *parents, last = paths.spec.strip(".").split(".")
    place = live
    for parent in parents:
        place = place.setdefault(parent, {})
    place[last] = wish["spec"].get("replicas", 0)
    if version := wish["metadata"].get("resourceVersion"):
        live["metadata"]["resourceVersion"] = version
    return live


def _shown(body: Json, paths: Scale) -> Json:
    metadata = {key: body["metadata"][key] for key in _KEPT if key in body["metadata"]}
    status: Json = {"replicas": at(body, paths.status) or 0}
    if selector := _selector(at(body, paths.selector) if paths.selector else None):
        status["selector"] = selector
    wanted = at(body, paths.spec)
    spec = {"replicas": wanted} if wanted else {}
    return {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec, "status": status}


def _selector(found: Any) -> str:
    if isinstance(found, dict):
        return ",".join(f"{key}={value}" for key, value in sorted((found.get("matchLabels") or {}).items()))
    return found or ""
