"""Paths of the API: which resource, namespace, object and subresource a request means."""

from dataclasses import dataclass
from urllib.parse import unquote

from harness.emulated.apiserver.errors import path_not_found
from harness.emulated.apiserver.kinds import NAMESPACES, Registry, Resource

SUBRESOURCES = ("status", "scale", "finalize", "token")


@dataclass(frozen=True, slots=True)
class Target:
    """What a path means; `name` is empty for a collection, `namespace` for all of them or a cluster-scoped resource."""

    resource: Resource
    namespace: str
    name: str
    subresource: str
    watch: bool


def resolve(registry: Registry, path: str) -> Target:
    """The target of `/api/v1/...` or `/apis/group/version/...`; raises HTTPNotFound."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] == "api" and len(parts) > 2:
        return _target(registry, "", parts[1], parts[2:])
    if parts[0] == "apis" and len(parts) > 3:
        return _target(registry, parts[1], parts[2], parts[3:])
    raise path_not_found()


def _target(registry: Registry, group: str, version: str, parts: list[str]) -> Target:
    watch = parts[0] == "watch" and len(parts) > 1
    rest = parts[1:] if watch else parts
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and not _of_namespace(group, rest):
        namespace, rest = rest[1], rest[2:]
    resource = registry.find(group, version, rest[0])
    if resource is None or len(rest) > 3 or (namespace and not resource.namespaced):
        raise path_not_found()
    name, subresource = (*rest[1:], "", "")[:2]
    if name and resource.namespaced and not namespace:
        raise path_not_found()
    if subresource and not _has(resource, subresource):
        raise path_not_found()
    return Target(resource, namespace, name, subresource, watch)


def _of_namespace(group: str, rest: list[str]) -> bool:
    """`/api/v1/namespaces/x/status` speaks of the namespace itself."""
    return not group and len(rest) == 3 and rest[2] in SUBRESOURCES


def _has(resource: Resource, subresource: str) -> bool:
    return (
        (subresource == "status" and resource.has_status)
        or (subresource == "scale" and resource.scale is not None)
        or (subresource == "finalize" and resource is NAMESPACES)
    )
