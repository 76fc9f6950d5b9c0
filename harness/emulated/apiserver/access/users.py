"""Who asks, and how they are told that they may not."""

from dataclasses import dataclass, field
from urllib.parse import unquote

from aiohttp import web

from harness.emulated.apiserver.kinds.errors import ApiError, Json, bad_request, forbidden, qualified, shown
from harness.emulated.apiserver.kinds.registry import NAMESPACES
from harness.emulated.apiserver.kinds.routes import RequestInfo

ADMIN, ANONYMOUS = "emulated-admin", "system:anonymous"
MASTERS, KNOWN, UNKNOWN = "system:masters", "system:authenticated", "system:unauthenticated"


@dataclass(frozen=True)
class User:
    """Who asks: a name and groups."""

    name: str
    groups: tuple[str, ...]
    extra: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_master(self) -> bool:
        """Whether everything is allowed."""
        return MASTERS in self.groups

    @property
    def info(self) -> Json:
        """As reviews tell of the user."""
        told: Json = {
            "username": self.name,
            "uid": self.name if self.name == ADMIN else "",
            "groups": [*self.groups],
            "extra": self.extra,
        }
        return {key: value for key, value in told.items() if value}


@dataclass(frozen=True)
class AccessRequest:
    """What somebody wants to do: to a resource, or to a path."""

    verb: str
    path: str = ""
    group: str = ""
    resource: str = ""
    part: str = ""
    namespace: str = ""
    name: str = ""


_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete", "GET": "get", "HEAD": "get"}


def user_of(request: web.Request, *, known: bool) -> User:
    """The administrator, anonymous, or whom the administrator speaks for; raises ApiError 400."""
    if not known:
        return User(ANONYMOUS, (UNKNOWN,))
    headers = request.headers
    name, groups = headers.get("Impersonate-User", ""), tuple(headers.getall("Impersonate-Group", ()))
    extra: dict[str, list[str]] = {}
    for key, value in headers.items():
        if key.lower().startswith("impersonate-extra-"):
            extra.setdefault(unquote(key.lower().removeprefix("impersonate-extra-")), []).append(value)
    if name:
        return User(name, groups_of(name, groups), extra)
    uid = headers.get("Impersonate-Uid", "")
    if groups or extra or uid:
        listed = f"[]string{{{', '.join(map(shown, groups))}}}" if groups else "[]string(nil)"
        whom = f'&user.DefaultInfo{{Name:"", UID:"{uid}", Groups:{listed}, Extra:map[string][]string(nil)}}'
        raise bad_request(f"requested {whom} without impersonating a user name")
    return User(ADMIN, (MASTERS, KNOWN))


def groups_of(name: str, groups: tuple[str, ...]) -> tuple[str, ...]:
    """The groups of an impersonated user, with the implicit ones."""
    account = name.removeprefix("system:serviceaccount:").split(":")
    if name.startswith("system:serviceaccount:") and len(account) == 2 and not groups:
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{account[0]}")
    if name == ANONYMOUS:
        return (*groups, UNKNOWN) if UNKNOWN not in groups else groups
    return groups if KNOWN in groups else (*groups, KNOWN)


def refused_path(user: User, method: str, path: str) -> ApiError:
    """403 of a path that is no resource."""
    return ApiError(403, "Forbidden", f'forbidden: User "{user.name}" cannot {path_verb(method)} path "{path}"', {})


def refused(user: User, request: web.Request, target: RequestInfo) -> ApiError:
    """403 of a resource."""
    resource, verb = target.resource, verb_of(request, target)
    namespace = target.name if target.resource is NAMESPACES else target.namespace
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    part = f"/{target.subresource}" if target.subresource else ""
    why = f'User "{user.name}" cannot {verb} resource "{resource.plural}{part}" in API group "{resource.group}" {where}'
    if target.name:
        return forbidden(resource.plural, resource.group, target.name, why)
    details = {key: value for key, value in (("group", resource.group), ("kind", resource.plural)) if value}
    return ApiError(403, "Forbidden", f"{qualified(resource.plural, resource.group)} is forbidden: {why}", details)


def verb_of(request: web.Request, target: RequestInfo) -> str:
    """What a request does to a resource: `get`, `list`, `watch`, ..."""
    verb = _VERBS.get(request.method, request.method.lower())
    if target.name:
        return verb
    if verb == "get":
        return "watch" if target.watch or "watch" in request.query else "list"
    return "deletecollection" if verb == "delete" else verb


def path_verb(method: str) -> str:
    """What a request does to a path that is no resource."""
    return _VERBS.get(method, method).lower()


def asked(request: web.Request, target: RequestInfo) -> AccessRequest:
    """What a request wants to do to a resource."""
    resource, namespace = target.resource, target.name if target.resource is NAMESPACES else target.namespace
    verb = verb_of(request, target)
    return AccessRequest(verb, "", resource.group, resource.plural, target.subresource, namespace, target.name)
