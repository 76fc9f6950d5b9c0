"""Discovery: which groups, versions and resources there are; aggregated (v2) and legacy, cached until a definition changes."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256

import msgspec
from aiohttp import web

from harness.emulated.apiserver.custom.definitions import priority
from harness.emulated.apiserver.kinds.errors import path_not_found
from harness.emulated.apiserver.kinds.registry import Json, Registry, ServedResource
from harness.emulated.apiserver.kinds.routes import absent
from harness.emulated.apiserver.wire.health import PATHS
from harness.emulated.apiserver.wire.negotiation import JSON, OFFERS, media_types, rendered

_encode = msgspec.json.Encoder().encode
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


class Discovery:
    """Answers `/api`, `/apis` and below from blobs made once per state of the registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._made_for = -1
        self._blobs: dict[tuple[str, bool], bytes] = {}

    def answer(self, request: web.Request, path: str) -> web.Response:
        """The document of a path; raises HTTPNotFound for groups and versions not served."""
        accept = request.headers.get("Accept", "")
        aggregated = path in {"/api", "/apis"} and _wants_aggregated(accept)
        blob = self._blob(path, aggregated=aggregated)
        if not aggregated:
            media = _plain(accept)
            return web.Response(body=rendered(media, blob), headers={"Content-Type": media})
        headers = {
            "Content-Type": AGGREGATED,
            "Vary": "Accept",
            "Cache-Control": "public",
            "ETag": f'"{sha256(blob).hexdigest().upper()}"',
        }
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=blob, headers=headers)

    def root(self) -> Json:
        """The paths that can be asked for; Cluster API asks whether a cluster can be reached at all."""
        versions = {f"/apis/{each.api_version}" for each in self._registry.all() if each.group}
        return {"paths": sorted({*_PATHS, *PATHS, *versions})}

    def _blob(self, path: str, *, aggregated: bool) -> bytes:
        if self._made_for != self._registry.changes:
            self._made_for, self._blobs = self._registry.changes, {}
        key = (path, aggregated)
        if key not in self._blobs:
            self._blobs[key] = _encode(_document(groups(self._registry.all()), path, aggregated=aggregated))
        return self._blobs[key]


_PATHS = ("/api", "/api/v1", "/apis", "/openapi/v2", "/openapi/v3", "/version")
_STORED_ELSEWHERE = {
    ("events.k8s.io", "events"): ("", "v1"),
    ("autoscaling", "horizontalpodautoscalers"): ("autoscaling", "v2"),
    ("apiextensions.k8s.io", "customresourcedefinitions"): ("apiextensions.k8s.io", "v1beta1"),
}
Groups = dict[str, dict[str, list[ServedResource]]]


def groups(resources: Iterable[ServedResource]) -> Groups:
    """Resources by group and version, in the order in which they are served; preferred versions first."""
    found: Groups = {}
    for each in resources:
        found.setdefault(each.group, {}).setdefault(each.version, []).append(each)
    return {group: dict(sorted(versions.items(), key=lambda item: priority(item[0]))) for group, versions in found.items()}


def _plain(accept: str) -> str:
    """The media type of legacy discovery: the first plain one that is accepted, or JSON."""
    plain = [each.name for each in media_types(accept) if "as" not in each.parameters]
    return next((name for name in plain if name in OFFERS), JSON)


def _wants_aggregated(accept: str) -> bool:
    first = next((each for each in media_types(accept) if each.name in {JSON, "*/*"}), None)
    return first is not None and first.parameters.get("as") == "APIGroupDiscoveryList" and _aggregated_version(accept)


def _aggregated_version(accept: str) -> bool:
    return any(each.parameters.get("v") == "v2" for each in media_types(accept))


def _document(found: Groups, path: str, *, aggregated: bool) -> Json:
    parts = path.strip("/").split("/")
    core = parts[0] == "api"
    if len(parts) == 1:
        make = _aggregated if aggregated else (_core_versions if core else _group_list)
        return make({group: versions for group, versions in found.items() if (group == "") is core})
    group, version = ("", parts[1]) if core else (parts[1], parts[2] if len(parts) == 3 else "")
    if group not in found or (version and version not in found[group]) or len(parts) > (2 if core else 3):
        raise absent(group) if version else path_not_found()
    return _resource_list(group, version, found[group][version]) if version else _group(group, found[group]) | _typed("APIGroup")


def _typed(kind: str) -> Json:
    return {"kind": kind, "apiVersion": "v1"}


def _core_versions(_: Groups) -> Json:
    address = {"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1:6443"}
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [address]}


def _group_list(found: Groups) -> Json:
    return _typed("APIGroupList") | {"groups": [_group(group, versions) for group, versions in found.items()]}


def _group(group: str, versions: dict[str, list[ServedResource]]) -> Json:
    listed = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions]
    return {"name": group, "versions": listed, "preferredVersion": listed[0]}


def _resource_list(group: str, version: str, resources: list[ServedResource]) -> Json:
    listed = [entry for resource in resources for entry in _entries(resource)]
    kind = {"kind": "APIResourceList"} if not group else _typed("APIResourceList")
    return kind | {"groupVersion": f"{group}/{version}" if group else version, "resources": listed}


def _entries(resource: ServedResource) -> list[Json]:
    base = {"namespaced": resource.namespaced, "kind": resource.kind}
    entry: Json = {
        "name": resource.plural,
        "singularName": resource.singular,
        **base,
        "verbs": resource.verbs,
        **_optional(resource),
    }
    if "watch" in resource.verbs:
        entry["storageVersionHash"] = _storage_hash(resource)
    return [entry, *(_part(resource, part) for part in resource.parts)]


def _part(resource: ServedResource, part: Json) -> Json:
    kind = {key: value for key, value in part["kind"].items() if value}
    foreign = kind.get("group", resource.group) != resource.group
    own = {key: kind[key] for key in ("group", "version") if foreign and key in kind}
    base = {"name": f"{resource.plural}/{part['name']}", "singularName": "", "namespaced": resource.namespaced}
    return {**base, **own, "kind": kind["kind"], "verbs": part["verbs"]}


def _storage_hash(resource: ServedResource) -> str:
    """Tells clients when objects come to be stored in another version."""
    group, version = _STORED_ELSEWHERE.get(
        (resource.group, resource.plural), (resource.group, resource.storage or resource.version)
    )
    return b64encode(sha256(f"{group}/{version}/{resource.kind}".encode()).digest()[:8]).decode()


def _optional(resource: ServedResource) -> Json:
    values = {"shortNames": resource.short_names, "categories": resource.categories}
    return {name: value for name, value in values.items() if value}


def _aggregated(found: Groups) -> Json:
    items = [_aggregated_group(group, versions) for group, versions in found.items()]
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def _aggregated_group(group: str, versions: dict[str, list[ServedResource]]) -> Json:
    listed = [
        {"version": version, "resources": [_aggregated_resource(each) for each in resources], "freshness": "Current"}
        for version, resources in versions.items()
    ]
    name = {"name": group} if group else {}
    return {"metadata": name, "versions": listed}


def _aggregated_resource(resource: ServedResource) -> Json:
    own = _kind(resource, resource.kind)
    entry: Json = {"resource": resource.plural, "responseKind": own, "scope": "Namespaced" if resource.namespaced else "Cluster"}
    entry |= {"singularResource": resource.singular, "verbs": resource.verbs, **_optional(resource)}
    parts = [{"subresource": part["name"], "responseKind": part["kind"], "verbs": part["verbs"]} for part in resource.parts]
    return entry | ({"subresources": parts} if parts else {})


def _kind(resource: ServedResource, kind: str) -> Json:
    """Built-in kinds are told without the group and version that they are listed under."""
    group, version = (resource.group, resource.version) if resource.custom else ("", "")
    return {"group": group, "version": version, "kind": kind}
