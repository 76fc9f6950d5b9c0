"""The scale subresource: replicas of a Deployment or of a custom resource, as autoscaling/v1 Scale."""

from typing import Any

from aiohttp import web

from harness.emulated.apiserver import patch, writing
from harness.emulated.apiserver.errors import bad_request, method_not_allowed
from harness.emulated.apiserver.kinds import DEPLOYMENTS, Json, Scale
from harness.emulated.apiserver.negotiation import json_answer, read_body
from harness.emulated.apiserver.objects import Objects
from harness.emulated.apiserver.routes import Target
from harness.emulated.apiserver.table import at

_KEPT = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


async def answer(objects: Objects, request: web.Request, target: Target) -> web.Response:
    """GET, PUT or PATCH of `.../scale`."""
    paths = target.resource.scale or Scale()
    key = (target.namespace, target.name)
    stored = objects.get(target.resource, key)
    if request.method == "GET":
        return json_answer(_shown(stored.read(), paths))
    wish = await _wish(request, _shown(stored.read(), paths))
    options = writing.writing_of(request)
    options.operation = "Patch"
    written = objects.update(target.resource, key, lambda live: _scaled(live, paths, wish), options)
    return json_answer(_shown(written.read(), paths))


async def _wish(request: web.Request, shown: Json) -> Json:
    body = await read_body(request)
    if request.method == "PUT":
        wish = body
    elif request.method == "PATCH":
        kind = patch.MERGE if request.content_type == patch.STRATEGIC else request.content_type
        wish = writing.patcher(DEPLOYMENTS, kind, body)(shown)
    else:
        raise method_not_allowed()
    replicas = (wish.get("spec") or {}).get("replicas", 0) if isinstance(wish, dict) else None
    if not isinstance(replicas, int) or replicas < 0:
        raise bad_request("spec.replicas must be a whole number, 0 or more")
    return {"replicas": replicas, "resourceVersion": wish["metadata"].get("resourceVersion")}


def _scaled(live: Json, paths: Scale, wish: Json) -> Json:
    *parents, last = paths.spec.strip(".").split(".")
    place = live
    for parent in parents:
        place = place.setdefault(parent, {})
    place[last] = wish["replicas"]
    if wish["resourceVersion"]:
        live["metadata"]["resourceVersion"] = wish["resourceVersion"]
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
