"""Reviews: who somebody is, and what somebody may do."""

from dataclasses import dataclass

from aiohttp import web

from harness.emulated.apiserver.access.rbac import Rbac
from harness.emulated.apiserver.access.users import ADMIN, KNOWN, MASTERS, AccessRequest, User
from harness.emulated.apiserver.kinds.errors import bad_request, invalid, invalid_value, method_not_allowed
from harness.emulated.apiserver.kinds.registry import Json, ServedResource
from harness.emulated.apiserver.kinds.routes import RequestInfo
from harness.emulated.apiserver.objects import options
from harness.emulated.apiserver.store import managed_fields
from harness.emulated.apiserver.store.clock import Clock, timestamp
from harness.emulated.apiserver.store.managed_fields import Author
from harness.emulated.apiserver.wire import bodies
from harness.emulated.apiserver.wire.negotiation import accepted, answer

BOTH = "cannot be specified in combination with resourceAttributes"
NEITHER = "exactly one of nonResourceAttributes or resourceAttributes must be specified"


def _causes(resource: ServedResource, spec: Json) -> list[Json]:
    """What is wrong with a question about access."""
    if not resource.kind.endswith("AccessReview"):
        return []
    given = [key for key in ("resourceAttributes", "nonResourceAttributes") if spec.get(key) is not None]
    found = []
    if len(given) == 2:
        path = {key.capitalize(): spec["nonResourceAttributes"].get(key, "") for key in ("path", "verb")}
        found.append(invalid_value("spec.nonResourceAttributes", path, BOTH))
    elif not given:
        found.append(invalid_value("spec.resourceAttributes", None, NEITHER))
    if not resource.kind.startswith("Self") and not spec.get("user") and not spec.get("groups"):
        found.append(invalid_value("spec.user", "", "at least one of user or group must be specified"))
    return found


def _status(kind: str, user: User, *, authorized: bool) -> Json:
    if kind == "SelfSubjectReview":
        return {"userInfo": user.info}
    admin = User(ADMIN, (MASTERS, KNOWN)).info
    return {"authenticated": True, "user": admin} if authorized else {"user": {}, "error": "invalid bearer token"}


def _decision(rbac: Rbac, spec: Json, user: User) -> Json:
    """What a review of access is told."""
    what, path = spec.get("resourceAttributes") or {}, (spec.get("nonResourceAttributes") or {}).get("path", "")
    verb = (what or spec.get("nonResourceAttributes") or {}).get("verb", "")
    keys = ("group", "resource", "subresource", "namespace", "name")
    asked = AccessRequest(verb, path) if path else AccessRequest(verb, "", *(what.get(key) or "" for key in keys))
    allowed, why = rbac.allowed(user, asked)
    return {"allowed": allowed} | ({"reason": why} if why else {})


def _asked_of(resource: ServedResource, spec: Json, user: User) -> User:
    """Of whom a review asks."""
    if resource.kind.startswith("Self"):
        return user
    name, groups = spec.get("user") or "", tuple(spec.get("groups") or ())
    return User(name, (*groups, MASTERS) if name == ADMIN else groups)


@dataclass(frozen=True)
class Reviewer:
    """What the server needs to answer reviews: its own token, the access rules and the clock."""

    token: str
    rbac: Rbac
    clock: Clock


async def create(request: web.Request, target: RequestInfo, reviewer: Reviewer, user: User) -> web.Response:
    """The review with its status: 201; raises ApiError 400, 405 or 422."""
    if request.method != "POST":
        raise method_not_allowed()
    resource, form, warnings = target.resource, accepted(request, custom=False), list[str]()
    sent = bodies.received(resource, await bodies.read(request), request.headers.get("Content-Type", "application/json"))
    body = bodies.typed(resource, sent, "Warn", warnings)
    spec = body.get("spec") or {}
    if resource.kind == "TokenReview" and not spec.get("token"):
        raise bad_request("token is required for TokenReview in authentication")
    if causes := _causes(resource, spec):
        raise invalid("", resource.group, "", causes)
    now = timestamp(reviewer.clock())
    if resource.kind == "SelfSubjectReview":
        body["metadata"]["creationTimestamp"] = now
    managed_fields.track(resource, {}, body, Author(options.writing_of(request, "CreateOptions").manager, now))
    if resource.kind == "SelfSubjectRulesReview":
        status = rules_for(reviewer.rbac, spec, user)
    elif resource.kind.endswith("AccessReview"):
        status = _decision(reviewer.rbac, spec, _asked_of(resource, spec, user))
    else:
        status = _status(resource.kind, user, authorized=spec.get("token") == reviewer.token)
    return answer(form, body | {"status": status}, 201, warnings)


def rules_for(rbac: Rbac, spec: Json, user: User) -> Json:
    """All that a user may do in a namespace; raises ApiError 400."""
    if not spec.get("namespace"):
        raise bad_request("no namespace on request")
    rules = rbac.rules_of(user, spec["namespace"])
    of_resources = [
        {key: rule[key] for key in ("verbs", "apiGroups", "resources", "resourceNames") if key in rule}
        for rule in rules
        if rule.get("resources")
    ]
    of_paths = [{key: rule[key] for key in ("verbs", "nonResourceURLs")} for rule in rules if rule.get("nonResourceURLs")]
    return {"resourceRules": of_resources, "nonResourceRules": of_paths, "incomplete": False}
