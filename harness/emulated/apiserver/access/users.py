"""Users, what each may do, and the error for what one may not do."""

from dataclasses import dataclass

from aiohttp import web

from harness.emulated.apiserver.kinds.errors import ApiError, Json, forbidden, qualified
from harness.emulated.apiserver.kinds.registry import NAMESPACES
from harness.emulated.apiserver.kinds.routes import RequestInfo

MASTERS, READERS = "system:masters", "emulated:readers"
KNOWN, UNKNOWN = "system:authenticated", "system:unauthenticated"


@dataclass(frozen=True)
class User:
    """An authenticated user (or the anonymous one): a name and groups."""

    name: str
    groups: tuple[str, ...]

    @property
    def info(self) -> Json:
        """The user as reviews describe it. Only the administrator has a uid, as upstream."""
        uid = {"uid": self.name} if MASTERS in self.groups else {}
        return {"username": self.name, **uid, "groups": [*self.groups]}


ADMIN = User("emulated-admin", (MASTERS, KNOWN))
READER = User("emulated-reader", (READERS, KNOWN))
ANONYMOUS = User("system:anonymous", (UNKNOWN,))


@dataclass(frozen=True)
class AccessRequest:
    """One thing to decide: a verb on a resource, or on a path."""

    verb: str
    path: str = ""
    group: str = ""
    resource: str = ""
    part: str = ""


_OPEN_PATHS = ["/healthz", "/livez", "/readyz", "/version", "/version/"]
_RULES: dict[str, list[Json]] = {
    MASTERS: [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ],
    READERS: [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}],
    KNOWN: [
        *(
            {"apiGroups": [group], "resources": [plural], "verbs": ["create"]}
            for group, plural in (
                ("authentication.k8s.io", "selfsubjectreviews"),
                ("authorization.k8s.io", "selfsubjectaccessreviews"),
                ("authorization.k8s.io", "selfsubjectrulesreviews"),
            )
        ),
        {"nonResourceURLs": [*_OPEN_PATHS, "/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*"], "verbs": ["get"]},
    ],
    UNKNOWN: [{"nonResourceURLs": _OPEN_PATHS, "verbs": ["get"]}],
}
"""The rules of each group. Role and RoleBinding objects are stored, but decide nothing here."""


def rules_of(user: User) -> list[Json]:
    """All rules of a user, in the form of the rules of a Role."""
    return [rule for group in user.groups for rule in _RULES.get(group, ())]


def may(user: User, wanted: AccessRequest) -> bool:
    """Whether any rule of the user allows the request."""
    return any(_permits(rule, wanted) for rule in rules_of(user))


def _permits(rule: Json, wanted: AccessRequest) -> bool:
    if not {"*", wanted.verb} & {*rule["verbs"]}:
        return False
    if wanted.path:
        return any(_covers(each, wanted.path) for each in rule.get("nonResourceURLs", ()))
    if not {"*", wanted.group} & {*rule.get("apiGroups", ())}:
        return False
    return "*" in rule["resources"] or (wanted.resource in rule["resources"] and not wanted.part)


def _covers(pattern: str, path: str) -> bool:
    return pattern == path or (pattern.endswith("*") and path.startswith(pattern.rstrip("*")))


_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete", "GET": "get", "HEAD": "get"}


def check_path(user: User, request: web.Request) -> None:
    """Raise ApiError 403 unless the user may request this non-resource path."""
    verb = _VERBS.get(request.method, request.method).lower()
    if not may(user, AccessRequest(verb, request.path)):
        raise ApiError(403, "Forbidden", f'forbidden: User "{user.name}" cannot {verb} path "{request.path}"', {})


def check_resource(user: User, request: web.Request, target: RequestInfo) -> None:
    """Raise ApiError 403 unless the user may do this to the resource."""
    resource, verb = target.resource, _verb(request, target)
    if may(user, AccessRequest(verb, "", resource.group, resource.plural, target.subresource)):
        return
    namespace = target.name if target.resource is NAMESPACES else target.namespace
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    part = f"/{target.subresource}" if target.subresource else ""
    why = f'User "{user.name}" cannot {verb} resource "{resource.plural}{part}" in API group "{resource.group}" {where}'
    if target.name:
        raise forbidden(resource.plural, resource.group, target.name, why)
    details = {key: value for key, value in (("group", resource.group), ("kind", resource.plural)) if value}
    raise ApiError(403, "Forbidden", f"{qualified(resource.plural, resource.group)} is forbidden: {why}", details)


def _verb(request: web.Request, target: RequestInfo) -> str:
    """The verb of a request on a resource: `get`, `list`, `watch`, ..."""
    verb = _VERBS.get(request.method, request.method.lower())
    if target.name:
        return verb
    if verb == "get":
        return "watch" if "watch" in request.query else "list"
    return "deletecollection" if verb == "delete" else verb
