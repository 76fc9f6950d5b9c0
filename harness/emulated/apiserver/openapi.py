"""OpenAPI: the v3 index and one document per group version, and a v2 document that is valid and empty."""

from hashlib import sha256

import msgspec
from aiohttp import web

from harness.emulated.apiserver.kinds import Json, Registry, Resource
from harness.emulated.apiserver.negotiation import JSON

_encode = msgspec.json.Encoder().encode
INFO = {"title": "Kubernetes", "version": "v1.36.0"}
V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
_WRITE_PARAMETERS = ("dryRun", "fieldManager", "fieldValidation", "force")
_ACTIONS = {"get": "get", "put": "put", "patch": "patch", "delete": "delete"}


def _text_field(number: int, text: str) -> bytes:
    return bytes([number << 3 | 2, len(text)]) + text.encode()


_INFO_MESSAGE = _text_field(1, INFO["title"]) + _text_field(2, INFO["version"])
V2_MESSAGE = _text_field(1, "2.0") + bytes([2 << 3 | 2, len(_INFO_MESSAGE)]) + _INFO_MESSAGE + bytes([8 << 3 | 2, 0])
"""swagger, info and empty paths: enough for clients that ask for v2 before they go on with v3."""


class OpenApi:
    """Answers `/openapi/...`; documents are made once per state of the registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._made_for = -1
        self._documents: dict[str, bytes] = {}

    def answer(self, request: web.Request, path: str) -> web.Response:
        """A document; raises HTTPNotFound."""
        if path == "/openapi/v2":
            return _version_2(request.headers.get("Accept", ""))
        if self._made_for != self._registry.changes:
            self._made_for, self._documents = self._registry.changes, _documents(self._registry.all())
        if path == "/openapi/v3":
            return web.Response(body=_index(self._documents), headers={"Content-Type": JSON})
        document = self._documents.get(path.removeprefix("/openapi/v3/"))
        if document is None:
            return web.Response(status=404)
        headers = {"Vary": "Accept", "ETag": f'"{_hash(document)}"'}
        if request.query.get("hash", _hash(document)) != _hash(document):
            return web.Response(
                status=301, headers=headers | {"Content-Type": JSON, "Location": f"{path}?hash={_hash(document)}"}
            )
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=document, headers=headers | {"Content-Type": JSON})


def _version_2(accept: str) -> web.Response:
    if "protobuf" in accept:
        return web.Response(body=V2_MESSAGE, headers={"Content-Type": V2_PROTOBUF})
    return web.Response(body=_encode({"swagger": "2.0", "info": INFO, "paths": {}}), headers={"Content-Type": JSON})


def _hash(document: bytes) -> str:
    return sha256(document).hexdigest().upper()


def _index(documents: dict[str, bytes]) -> bytes:
    links = {name: {"serverRelativeURL": f"/openapi/v3/{name}?hash={_hash(document)}"} for name, document in documents.items()}
    return _encode({"paths": links})


def _documents(resources: list[Resource]) -> dict[str, bytes]:
    by_version: dict[str, list[Resource]] = {}
    for each in resources:
        by_version.setdefault(f"apis/{each.api_version}" if each.group else f"api/{each.version}", []).append(each)
    return {name: _encode(_document(name, members)) for name, members in by_version.items()}


def _document(name: str, resources: list[Resource]) -> Json:
    paths: Json = {}
    for resource in resources:
        paths |= _paths(f"/{name}", resource)
    schemas = {_schema_name(resource): _schema(resource) for resource in resources}
    return {"openapi": "3.0.0", "info": INFO, "paths": paths, "components": {"schemas": schemas}}


def _kind(resource: Resource) -> Json:
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}


def _paths(base: str, resource: Resource) -> Json:
    collection = f"{base}/namespaces/{{namespace}}/{resource.plural}" if resource.namespaced else f"{base}/{resource.plural}"
    paths = {collection: {"get": _operation(resource, "list"), "post": _operation(resource, "post")}}
    if "get" in resource.verbs:
        paths[f"{collection}/{{name}}"] = {verb: _operation(resource, action) for verb, action in _ACTIONS.items()}
    return paths


def _operation(resource: Resource, action: str) -> Json:
    names = _WRITE_PARAMETERS if action in {"post", "put", "patch"} else ()
    reference = {"$ref": f"#/components/schemas/{_schema_name(resource)}"}
    return {
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": _kind(resource),
        "parameters": [{"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}} for name in names],
        "responses": {"200": {"description": "OK", "content": {JSON: {"schema": reference}}}},
    }


def _schema_name(resource: Resource) -> str:
    group = ".".join(reversed(resource.group.split("."))) if resource.group else "io.k8s.api.core"
    return f"{group}.{resource.version}.{resource.kind}"


def _schema(resource: Resource) -> Json:
    own: Json = dict(resource.schema) if resource.custom else {"type": "object"}
    standard = {name: {"type": "string"} for name in ("apiVersion", "kind")}
    metadata = {"type": "object", "description": "Standard object's metadata."}
    own["properties"] = standard | (own.get("properties") or {}) | {"metadata": metadata}
    return own | {"x-kubernetes-group-version-kind": [_kind(resource)]}
