"""Who may do what: whoever bears the token may do everything, whoever bears none is anonymous and may ask for little."""

from aiohttp import web

from harness.emulated.apiserver.errors import ApiError, forbidden, qualified
from harness.emulated.apiserver.kinds import NAMESPACES
from harness.emulated.apiserver.routes import Target

ANONYMOUS = "system:anonymous"
OPEN_PATHS = frozenset({"/healthz", "/livez", "/readyz", "/version", "/version/"})
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete", "GET": "get", "HEAD": "get"}


def user_of(request: web.Request, *, known: bool) -> str:
    """The name of a user without rights; empty for the administrator."""
    return request.headers.get("Impersonate-User", "") if known else ANONYMOUS


def refused_path(user: str, method: str, path: str) -> ApiError:
    """403 of a path that is no resource."""
    return ApiError(403, "Forbidden", f'forbidden: User "{user}" cannot {_VERBS.get(method, method).lower()} path "{path}"', {})


def refused(user: str, request: web.Request, target: Target) -> ApiError:
    """403 of a resource."""
    resource, verb = target.resource, _verb(request, target)
    namespace = target.name if target.resource is NAMESPACES else target.namespace
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    part = f"/{target.subresource}" if target.subresource else ""
    why = f'User "{user}" cannot {verb} resource "{resource.plural}{part}" in API group "{resource.group}" {where}'
    if target.name:
        return forbidden(resource.plural, resource.group, target.name, why)
    details = {key: value for key, value in (("group", resource.group), ("kind", resource.plural)) if value}
    return ApiError(403, "Forbidden", f"{qualified(resource.plural, resource.group)} is forbidden: {why}", details)


def _verb(request: web.Request, target: Target) -> str:
    verb = _VERBS.get(request.method, request.method.lower())
    if target.name:
        return verb
    if verb == "get":
        return "watch" if target.watch or "watch" in request.query else "list"
    return "deletecollection" if verb == "delete" else verb
