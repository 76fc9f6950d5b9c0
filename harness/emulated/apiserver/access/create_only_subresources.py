"""Subresources that are only created: a Pod's binding and eviction, a service account's token."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from hashlib import blake2b

from aiohttp import web

from harness.emulated.apiserver.access.users import User, groups_of
from harness.emulated.apiserver.kinds.errors import ApiError, Json, bad_request, conflict, invalid, invalid_value
from harness.emulated.apiserver.kinds.registry import NODES, PODS, SECRETS, ServedResource
from harness.emulated.apiserver.kinds.routes import RequestInfo
from harness.emulated.apiserver.kinds.types import TYPES
from harness.emulated.apiserver.objects import options
from harness.emulated.apiserver.objects.writes import ObjectWriter
from harness.emulated.apiserver.store import managed_fields
from harness.emulated.apiserver.store.deleting import Deletion
from harness.emulated.apiserver.store.managed_fields import Author
from harness.emulated.apiserver.wire import bodies
from harness.emulated.apiserver.wire.negotiation import accepted, answer

SECONDS, SECONDS_MIN, SECONDS_MAX = 3600, 600, 1 << 32
DONE: Json = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
BINDING = ServedResource("", "v1", "bindings", "Binding", schema=TYPES["core.v1.Binding"])
EVICTION = ServedResource("policy", "v1", "evictions", "Eviction", schema=TYPES["policy.v1.Eviction"])
TOKEN = ServedResource(
    "authentication.k8s.io", "v1", "tokenrequests", "TokenRequest", schema=TYPES["authentication.v1.TokenRequest"]
)
_BINDABLE = {"Pod": PODS, "Node": NODES, "Secret": SECRETS}
Tokens = dict[str, User]
"""Issued token -> the user that it authenticates."""


async def _body(request: web.Request, kind: ServedResource) -> Json:
    sent = bodies.received(kind, await bodies.read(request), request.headers.get("Content-Type", "application/json"))
    return bodies.typed(kind, sent, "Ignore", [])


async def bind(objects: ObjectWriter, request: web.Request, target: RequestInfo, _: Tokens) -> web.Response:
    """POST of a Pod's binding, or of a Binding: the Pod is on that node from then on."""
    form, body, how = accepted(request, custom=False), await _body(request, BINDING), options.writing_of(request, "CreateOptions")
    node, name = body["target"].get("name", ""), target.name or body["metadata"].get("name", "")
    if body["metadata"].get("name") not in {None, "", name}:
        raise bad_request("name in URL does not match name in Binding object")
    if not node:
        raise ApiError(500, "", "target.name: Required value")
    key = (target.namespace, name)
    if placed := objects.get(PODS, key).read()["spec"].get("nodeName"):
        raise conflict("pods/binding", "", name, f"pod {name} is already assigned to node {placed!r}".replace("'", '"'))

    def bound(live: Json) -> None:
        live["spec"]["nodeName"] = node
        _set_condition(live, {"type": "PodScheduled", "status": "True"}, objects.now())

    objects.mark(PODS, key, bound, how)
    return answer(form, DONE, 201)


async def evict(objects: ObjectWriter, request: web.Request, target: RequestInfo, _: Tokens) -> web.Response:
    """POST of a Pod's eviction: it is marked as disrupted, and deleted."""
    form, body, how = (
        accepted(request, custom=False),
        await _body(request, EVICTION),
        options.writing_of(request, "CreateOptions"),
    )
    if body["metadata"].get("name", "") != target.name:
        raise bad_request("name in URL does not match name in Eviction object")
    asked, key = body.get("deleteOptions") or {}, (target.namespace, target.name)
    how = replace(how, dry_run=how.dry_run or bool(asked.get("dryRun")))
    told = {"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI", "message": "Eviction API: evicting"}
    objects.mark(PODS, key, lambda live: _set_condition(live, told, objects.now()), how)
    objects.delete(PODS, key, Deletion(dry_run=how.dry_run, grace_seconds=asked.get("gracePeriodSeconds")))
    return answer(form, DONE, 201)


def _set_condition(body: Json, condition: Json, now: str) -> None:
    held = [each for each in body["status"].get("conditions") or () if each["type"] != condition["type"]]
    body["status"]["conditions"] = [*held, condition | {"lastProbeTime": None, "lastTransitionTime": now}]


async def issue(objects: ObjectWriter, request: web.Request, target: RequestInfo, tokens: Tokens) -> web.Response:
    """POST of a service account's token: it stands for that account until the server ends."""
    form, body = accepted(request, custom=False), await _body(request, TOKEN)
    account = objects.get(target.resource, (target.namespace, target.name))
    seconds = body["spec"]["expirationSeconds"] = body["spec"].get("expirationSeconds") or SECONDS
    bound = body["spec"].get("boundObjectRef") or {}
    if bound.get("kind") in _BINDABLE:
        objects.get(_BINDABLE[bound["kind"]], (target.namespace, bound.get("name", "")))
    if wrong := _wrong(seconds):
        raise invalid(TOKEN.kind, TOKEN.group, "", [invalid_value("spec.expirationSeconds", seconds, wrong)])
    text = blake2b(f"{account.uid}/{len(tokens)}".encode(), digest_size=32).hexdigest()
    name = f"system:serviceaccount:{target.namespace}:{target.name}"
    tokens[text] = User(name, groups_of(name, ()))
    now, until = objects.now(), objects.now(seconds)
    metadata = {"name": target.name, "namespace": target.namespace, "uid": account.uid, "creationTimestamp": now}
    managed_fields.track(TOKEN, {}, body, Author(options.writing_of(request, "CreateOptions").manager, now, "token"))
    metadata["managedFields"] = body["metadata"].get("managedFields")
    spec = body["spec"] | {
        "audiences": body["spec"].get("audiences") or [f"{request.scheme}://{request.host}"],
        "expirationSeconds": seconds,
    }
    whole = body | {"metadata": metadata, "spec": spec, "status": {"token": text, "expirationTimestamp": until}}
    return answer(form, whole, 201)


def _wrong(seconds: int) -> str:
    if seconds < SECONDS_MIN:
        return "may not specify a duration less than 10 minutes"
    return "may not specify a duration larger than 2^32 seconds" if seconds > SECONDS_MAX else ""


Post = Callable[[ObjectWriter, web.Request, RequestInfo, Tokens], Awaitable[web.Response]]
POSTS: dict[tuple[str, str], Post] = {
    ("pods", "binding"): bind,
    ("bindings", ""): bind,
    ("pods", "eviction"): evict,
    ("serviceaccounts", "token"): issue,
}
"""By resource and subresource."""
