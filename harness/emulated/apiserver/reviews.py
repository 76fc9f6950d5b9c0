"""Reviews: everything is allowed, and whoever bears the token is the administrator."""

from aiohttp import web

from harness.emulated.apiserver import bodies, managed_fields, options
from harness.emulated.apiserver.errors import bad_request, invalid, invalid_value, method_not_allowed
from harness.emulated.apiserver.kinds import Json, Resource
from harness.emulated.apiserver.negotiation import accepted, answer

USER: Json = {"username": "emulated-admin", "groups": ["system:masters", "system:authenticated"]}
BOTH = "cannot be specified in combination with resourceAttributes"
NEITHER = "exactly one of nonResourceAttributes or resourceAttributes must be specified"


def _causes(resource: Resource, spec: Json) -> list[Json]:
    """What is wrong with a question about access."""
    if not resource.kind.endswith("AccessReview"):
        return []
    given = [key for key in ("resourceAttributes", "nonResourceAttributes") if spec.get(key) is not None]
    found = []
    if len(given) == 2:
        found.append(invalid_value("spec.nonResourceAttributes", spec["nonResourceAttributes"], BOTH))
    elif not given:
        found.append(invalid_value("spec.resourceAttributes", None, NEITHER))
    if not resource.kind.startswith("Self") and not spec.get("user") and not spec.get("groups"):
        found.append(invalid_value("spec.user", "", "at least one of user or group must be specified"))
    return found


def _status(resource: Resource, spec: Json, user: Json, authorized: bool) -> Json:
    if resource.kind == "SelfSubjectReview":
        return {"userInfo": user}
    if resource.kind == "TokenReview":
        return {"authenticated": True, "user": user} if authorized else {"user": {}, "error": "invalid bearer token"}
    return {"allowed": True} if resource.kind.startswith("Self") else {"allowed": spec.get("user") == user["username"]}


async def create(request: web.Request, resource: Resource, token: str) -> web.Response:
    """The review with its status: 201; raises ApiError 400, 405 or 422."""
    if request.method != "POST":
        raise method_not_allowed()
    form, warnings = accepted(request, custom=False), list[str]()
    sent = bodies.received(resource, await bodies.read(request), request.headers.get("Content-Type", "application/json"))
    body = bodies.typed(resource, sent, "Warn", warnings)
    spec = body.get("spec") or {}
    if resource.kind == "TokenReview" and not spec.get("token"):
        raise bad_request("token is required for TokenReview in authentication")
    if causes := _causes(resource, spec):
        raise invalid("", resource.group, "", causes)
    managed_fields.track(resource, {}, body, options.writing_of(request, "CreateOptions").manager)
    return answer(form, body | {"status": _status(resource, spec, USER, spec.get("token") == token)}, 201, warnings)
