"""The paths of an OpenAPI document: what can be asked of each resource, with which parameters, bodies and answers."""

from collections.abc import Iterable

from harness.emulated.apiserver.kinds.registry import Json, ServedResource
from harness.emulated.apiserver.wire.negotiation import JSON, PROTOBUF, YAML
from harness.emulated.apiserver.wire.patch import APPLY, JSON_PATCH, MERGE, STRATEGIC

META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_KINDS_OF_PARAMETERS = {
    **dict.fromkeys(("allowWatchBookmarks", "sendInitialEvents", "watch", "force", "orphanDependents"), "boolean"),
    "ignoreStoreReadErrorWithClusterBreakingPotential": "boolean",
    **dict.fromkeys(("limit", "timeoutSeconds", "gracePeriodSeconds"), "integer"),
}
_LISTED = (
    *("allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion", "resourceVersionMatch"),
    *("sendInitialEvents", "shardSelector", "timeoutSeconds", "watch"),
)
_DELETED = (
    "dryRun",
    "gracePeriodSeconds",
    "ignoreStoreReadErrorWithClusterBreakingPotential",
    "orphanDependents",
    "propagationPolicy",
)
_WRITTEN = ("dryRun", "fieldManager", "fieldValidation")
_COLLECTED = tuple(sorted({*_DELETED, *_LISTED} - {"allowWatchBookmarks", "watch"}))
_STREAMS = (f"{JSON};stream=watch", f"{PROTOBUF};stream=watch")
RETURNED = frozenset(
    {
        *(
            "Namespace",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ResourceQuota",
            "Service",
            "ServiceAccount",
        ),
        *("CSIDriver", "CSINode", "DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice", "StorageClass"),
        *("VolumeAttachment", "VolumeAttributesClass"),
    }
)
"""Built-in kinds whose deletion answers with the object."""


def name_of(group: str, version: str, kind: str, *, custom: bool = False) -> str:
    """The name of a schema: `io.k8s.api.apps.v1.Deployment`, `test.probe.v1.Widget`."""
    if custom:
        return f"{'.'.join(reversed(group.split('.')))}.{version}.{kind}"
    apart = {
        "apiextensions.k8s.io": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
        "apiregistration.k8s.io": "io.k8s.kube-aggregator.pkg.apis.apiregistration",
    }
    package = apart.get(group) or "io.k8s.api." + (group or "core").partition(".")[0]
    return f"{package}.{version}.{kind}"


def schema_name(resource: ServedResource, kind: str = "") -> str:
    """The name of the schema of a resource, or of another kind of its version."""
    return name_of(resource.group, resource.version, kind or resource.kind, custom=resource.custom)


def words(group: str) -> str:
    """`apps`, `rbacAuthorization`, `probeTest`: how a group is told in identifiers."""
    first, *more = (group.removesuffix(".k8s.io") or "core").split(".")
    return first + "".join(each[:1].upper() + each[1:] for each in more)


def paths_of(base: str, resources: Iterable[ServedResource]) -> Json:
    """All paths of one group version below `/apis/apps/v1`."""
    found: Json = {}
    for resource in resources:
        found |= _Paths(base, resource).made()
    return dict(sorted(found.items()))


class _Paths:
    def __init__(self, base: str, resource: ServedResource) -> None:
        self._base, self._resource = base, resource
        scope = "/namespaces/{namespace}" if resource.namespaced else ""
        self._all, self._one = f"{base}{scope}/{resource.plural}", f"{base}{scope}/{resource.plural}/{{name}}"
        group = words(resource.group)
        self._tag = f"{group}_{resource.version}"
        self._words = group[:1].upper() + group[1:] + resource.version[:1].upper() + resource.version[1:]

    def made(self) -> Json:
        verbs, made = self._resource.verbs, {}
        made[self._all] = self._collection() | self._shared(named=False)
        if "get" in verbs:
            made[self._one] = self._object() | self._shared(named=True)
        for part in self._resource.parts:
            if operations := self._part(part):
                made[f"{self._one}/{part['name']}"] = operations | self._shared(named=True)
        if self._resource.namespaced and "list" in verbs:
            made[f"{self._base}/{self._resource.plural}"] = self._everywhere()
        return made | (self._watched() if "watch" in verbs and not self._resource.custom else {})

    def _collection(self) -> Json:
        own, verbs = schema_name(self._resource), self._resource.verbs
        listed = schema_name(self._resource, self._resource.kind_of_list)
        made: Json = {}
        if "list" in verbs:
            made["get"] = self._operation("list", "list", _LISTED, {"200": listed}, stream=True)
        if "create" in verbs:
            made["post"] = self._operation("create", "post", _WRITTEN, dict.fromkeys(("200", "201", "202"), own), body=own)
        if "deletecollection" in verbs:
            names, body = (_LISTED, "") if self._resource.custom else (_COLLECTED, f"{META}.DeleteOptions")
            gone = {"200": f"{META}.Status"}
            made["delete"] = self._operation("deleteCollection", "deletecollection", names, gone, body=body)
        return made

    def _object(self) -> Json:
        own, verbs = schema_name(self._resource), self._resource.verbs
        made: Json = {"get": self._operation("read", "get", ("resourceVersion",) if self._resource.custom else (), {"200": own})}
        if "update" in verbs:
            made |= self._changes(own, "")
        if "delete" in verbs:
            gone = own if not self._resource.custom and self._resource.kind in RETURNED else f"{META}.Status"
            codes = dict.fromkeys(("200", "202"), gone)
            made["delete"] = self._operation("delete", "delete", _DELETED, codes, body=f"{META}.DeleteOptions")
        return made

    def _changes(self, own: str, part: str, kind: Json | None = None) -> Json:
        codes = ("200",) if self._resource.custom else ("200", "201")
        put = self._operation("replace", "put", _WRITTEN, dict.fromkeys(("200", "201"), own), body=own, part=part, kind=kind)
        patch = self._operation("patch", "patch", (*_WRITTEN, "force"), dict.fromkeys(codes, own), body="", part=part, kind=kind)
        forms = (APPLY, JSON_PATCH, MERGE, *(() if self._resource.custom else (STRATEGIC,)))
        patch["requestBody"] = {"content": {form: _reference(f"{META}.Patch") for form in forms}, "required": True}
        return {"put": put, "patch": patch}

    def _part(self, part: Json) -> Json:
        """The operations of a subresource that is read and written as a document."""
        if not {"get", "update", "patch"} <= {*part["verbs"]}:
            return {}
        said = {key: value for key, value in part["kind"].items() if value}
        scale = said["kind"] == "Scale"
        own = name_of("autoscaling", "v1", "Scale") if scale else schema_name(self._resource)
        title = part["name"][:1].upper() + part["name"][1:]
        names = ("resourceVersion",) if self._resource.custom else ()
        kind = {"group": "autoscaling", "version": "v1", "kind": "Scale"} if scale and not self._resource.custom else None
        read = self._operation("read", "get", names, {"200": own}, part=title, kind=kind)
        return {"get": read} | self._changes(own, title, kind)

    def _everywhere(self) -> Json:
        listed = schema_name(self._resource, self._resource.kind_of_list)
        operation = self._operation("list", "list", (), {"200": listed}, stream=True, scope="ForAllNamespaces")
        return {"get": operation, "parameters": _parameters((*_LISTED, "pretty"))}

    def _watched(self) -> Json:
        """The paths below `/watch/`, which are older than the parameter."""
        event, names = {"200": f"{META}.WatchEvent"}, (*_LISTED, "pretty")
        base, plural = f"{self._base}/watch", self._resource.plural
        scope = "/namespaces/{namespace}" if self._resource.namespaced else ""
        placed = ("namespace",) if self._resource.namespaced else ()
        many = self._operation("watch", "watchlist", (), event, stream=True, suffix="List")
        one = self._operation("watch", "watch", (), event, stream=True)
        made = {
            f"{base}{scope}/{plural}": {"get": many, "parameters": _parameters(names, placed)},
            f"{base}{scope}/{plural}/{{name}}": {"get": one, "parameters": _parameters(names, ("name", *placed))},
        }
        if self._resource.namespaced:
            wide = self._operation("watch", "watchlist", (), event, stream=True, suffix="List", scope="ForAllNamespaces")
            made[f"{base}/{plural}"] = {"get": wide, "parameters": _parameters(names)}
        return made

    def _shared(self, *, named: bool) -> Json:
        places = (*(("name",) if named else ()), *(("namespace",) if self._resource.namespaced else ()))
        return {"parameters": _parameters(("pretty",), places)}

    def _operation(  # noqa: PLR0913 -- one operation is that much
        self,
        verb: str,
        action: str,
        names: Iterable[str],
        answers: dict[str, str],
        *,
        body: str = "",
        part: str = "",
        suffix: str = "",
        scope: str = "",
        stream: bool = False,
        kind: Json | None = None,
    ) -> Json:
        resource = self._resource
        placed = "" if scope or not resource.namespaced else "Namespaced"
        collected = "Collection" if verb == "deleteCollection" else ""
        told = f"{verb.removesuffix('Collection')}{self._words}{collected}{placed}{resource.kind}{suffix}{part}{scope}"
        media = (JSON, YAML) if resource.custom else (JSON, YAML, PROTOBUF, *(_STREAMS if stream else ()))
        codes = {
            code: {"description": _SAID[code], "content": {each: _reference(name) for each in media}}
            for code, name in answers.items()
        }
        made: Json = {
            "tags": [self._tag],
            "operationId": told,
            "responses": codes | {"401": {"description": "Unauthorized"}},
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind": kind
            or {"group": resource.group, "version": resource.version, "kind": resource.kind},
        }
        if names := tuple(names):
            made["parameters"] = _parameters(names)
        if body:
            wanted = {each: _reference(body) for each in ((JSON, YAML) if resource.custom else ("*/*",))}
            made["requestBody"] = {"content": wanted} | ({} if body.endswith("DeleteOptions") else {"required": True})
        return made


_SAID = {"200": "OK", "201": "Created", "202": "Accepted"}


def _reference(name: str) -> Json:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}


def _parameters(names: Iterable[str], places: Iterable[str] = ()) -> list[Json]:
    asked = [
        {"name": name, "in": "query", "schema": {"type": _KINDS_OF_PARAMETERS.get(name, "string"), "uniqueItems": True}}
        for name in names
    ]
    placed = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "uniqueItems": True}} for name in places
    ]
    return sorted([*asked, *placed], key=lambda each: str(each["name"]))
