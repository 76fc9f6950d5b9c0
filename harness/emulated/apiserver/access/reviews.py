"""Reviews: who the user is (`kubectl auth whoami`, TokenReview) and what a user may do (`kubectl auth can-i`)."""

from dataclasses import dataclass

from aiohttp import web

from harness.emulated.apiserver.access.users import AccessRequest, User, may, rules_of
from harness.emulated.apiserver.kinds.errors import bad_request, invalid, invalid_value, method_not_allowed
from harness.emulated.apiserver.kinds.registry import Json
from harness.emulated.apiserver.kinds.routes import RequestInfo
from harness.emulated.apiserver.objects import options
from harness.emulated.apiserver.store import managed_fields
from harness.emulated.apiserver.store.clock import Clock, timestamp
from harness.emulated.apiserver.store.managed_fields import Author
from harness.emulated.apiserver.wire import bodies
from harness.emulated.apiserver.wire.negotiation import accepted, answer


@dataclass(frozen=True)
class Reviewer:
    """What the server needs to answer reviews: its users by their tokens, and the clock."""

    users: dict[str, User]
    clock: Clock


async def create(request: web.Request, target: RequestInfo, user: User, reviewer: Reviewer) -> web.Response:
    """The review with its status: 201; raises ApiError 400, 405 or 422."""
    if request.method != "POST" or not target.resource.kind.endswith("Review"):
        raise method_not_allowed()
    resource, form, warnings = target.resource, accepted(request, custom=False), list[str]()
    sent = bodies.received(resource, await bodies.read(request), request.headers.get("Content-Type", "application/json"))
    body = bodies.typed(resource, sent, "Warn", warnings)
    now = timestamp(reviewer.clock())
    if resource.kind == "SelfSubjectReview":
        body["metadata"]["creationTimestamp"] = now
    managed_fields.track(resource, {}, body, Author(options.writing_of(request, "CreateOptions").manager, now))
    status = _status(resource.kind, body.get("spec") or {}, user, reviewer.users)
    return answer(form, body | {"status": status}, 201, warnings)


def _status(kind: str, spec: Json, user: User, users: dict[str, User]) -> Json:
    if kind == "SelfSubjectReview":
        return {"userInfo": user.info}
    if kind == "TokenReview":
        return _token_status(spec, users)
    return _rules_status(spec, user) if kind == "SelfSubjectRulesReview" else _access_status(kind, spec, user)


def _token_status(spec: Json, users: dict[str, User]) -> Json:
    if not spec.get("token"):
        raise bad_request("token is required for TokenReview in authentication")
    found = users.get(spec["token"])
    return {"authenticated": True, "user": found.info} if found else {"user": {}, "error": "invalid bearer token"}


def _access_status(kind: str, spec: Json, user: User) -> Json:
    """The decision of an access review: about the requesting user, or about a named user, judged by the groups given."""
    what, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if (what is None) == (path is None):
        why = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise invalid("", "authorization.k8s.io", "", [invalid_value("spec.resourceAttributes", what, why)])
    whom = user if kind.startswith("Self") else User(spec.get("user") or "", tuple(spec.get("groups") or ()))
    asked = path or what or {}
    keys = (asked.get(key) or "" for key in ("verb", "path", "group", "resource", "subresource"))
    return {"allowed": may(whom, AccessRequest(*keys))}


def _rules_status(spec: Json, user: User) -> Json:
    """The rules of the user; they are the same in every namespace."""
    if not spec.get("namespace"):
        raise bad_request("no namespace on request")
    rules = rules_of(user)
    return {
        "resourceRules": [each for each in rules if "resources" in each],
        "nonResourceRules": [each for each in rules if "nonResourceURLs" in each],
        "incomplete": False,
    }
