"""Paths of the API: which resource, namespace, object and subresource a request means."""

from dataclasses import dataclass
from urllib.parse import unquote

from aiohttp import web

from harness.emulated.apiserver.kinds.errors import ApiError, method_not_allowed, not_found, path_not_found, resource_not_found
from harness.emulated.apiserver.kinds.registry import BUILTINS, Registry, ServedResource

BUILTIN_GROUPS = frozenset(each.group for each in BUILTINS)


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """What a path means; `name` is empty for a collection, `namespace` for all of them or a cluster-scoped resource."""

    resource: ServedResource
    namespace: str
    name: str
    subresource: str


def resolve(registry: Registry, path: str, method: str) -> RequestInfo:
    """The target of `/api/v1/...` or `/apis/group/version/...`; raises HTTPNotFound or ApiError 404, 405."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] == "api" and len(parts) > 2:
        return _target(registry, "", parts[1], parts[2:], method)
    if parts[0] == "apis" and len(parts) > 3:
        return _target(registry, parts[1], parts[2], parts[3:], method)
    raise path_not_found()


def absent(group: str) -> ApiError | web.HTTPNotFound:
    """404 of a path that is not served: built-in groups answer with a Status."""
    return resource_not_found() if group in BUILTIN_GROUPS else path_not_found()


def _target(registry: Registry, group: str, version: str, parts: list[str], method: str) -> RequestInfo:
    rest, namespace = parts, ""
    if rest[0] == "namespaces" and len(rest) > 2 and not (group == "" and rest[2:] == ["status"]):
        namespace, rest = rest[1], rest[2:]
    resource = registry.find(group, version, rest[0])
    if resource is None or len(rest) > 3 or (namespace and not resource.namespaced):
        raise absent(group)
    name, subresource = (*rest[1:], "", "")[:2]
    if name and resource.namespaced and not namespace:
        raise absent(group)
    if subresource and not resource.has(subresource):
        raise not_found(resource.plural, group, name) if resource.custom else absent(group)
    if resource.namespaced and not namespace and method in {"POST", "DELETE", "PUT", "PATCH"}:
        raise path_not_found() if resource.custom else method_not_allowed()
    return RequestInfo(resource, namespace, name, subresource)
