"""OpenAPI: the v3 index and one document per group version, and a v2 document that is valid and empty."""

from hashlib import sha512

import msgspec
from aiohttp import web

from harness.emulated.apiserver.kinds.registry import Json, Registry, ServedResource
from harness.emulated.apiserver.openapi.paths import paths_of
from harness.emulated.apiserver.openapi.schemas import schemas_of
from harness.emulated.apiserver.wire.negotiation import JSON, media_types

_encode = msgspec.json.Encoder().encode
INFO = {"title": "Kubernetes", "version": "1.36"}
V3_PROTOBUF = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf"
V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"


def _text_field(number: int, text: str) -> bytes:
    return bytes([number << 3 | 2, len(text)]) + text.encode()


_INFO_MESSAGE = _text_field(1, INFO["title"]) + _text_field(2, INFO["version"])
V2_MESSAGE = _text_field(1, "2.0") + bytes([2 << 3 | 2, len(_INFO_MESSAGE)]) + _INFO_MESSAGE + bytes([8 << 3 | 2, 0])
"""swagger, info and empty paths: enough for clients that ask for v2 before they go on with v3."""


class OpenApi:
    """Answers `/openapi/...`; a document is made when it is first asked for, and again when its resources have changed."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._made_for = -1
        self._sources: dict[str, tuple[str, list[ServedResource]]] = {}
        self._documents: dict[str, bytes] = {}

    def answer(self, request: web.Request, path: str) -> web.Response:
        """A document; raises HTTPNotFound."""
        accept = request.headers.get("Accept", "")
        if path == "/openapi/v2":
            return _version_2(accept)
        if self._made_for != self._registry.changes:
            self._made_for, self._sources = self._registry.changes, _sources(self._registry.all())
        if path == "/openapi/v3":
            return web.Response(body=_index(self._sources), headers={"Content-Type": "text/plain; charset=utf-8"})
        name = path.removeprefix("/openapi/v3/")
        if name not in self._sources:
            return web.Response(status=404)
        return self._document(request, path, name)

    def _document(self, request: web.Request, path: str, name: str) -> web.Response:
        if not _takes(request.headers.get("Accept", ""), V3_PROTOBUF):
            return web.Response(status=406, headers={"Vary": "Accept"})
        digest, resources = self._sources[name]
        headers = {"Vary": "Accept", "ETag": f'"{digest}"'}
        if request.query.get("hash", digest) != digest:
            return web.Response(status=301, headers=headers | {"Content-Type": JSON, "Location": f"{path}?hash={digest}"})
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        if digest not in self._documents:
            self._documents[digest] = _encode(_document(name, resources))
        return web.Response(body=self._documents[digest], headers=headers | {"Content-Type": JSON})


def _takes(accept: str, protobuf: str) -> bool:
    """Whether JSON, or the protobuf of such documents, is taken."""
    names = [each.name for each in media_types(accept)]
    return not accept or any(name in {JSON, protobuf, "*/*", "application/*"} for name in names)


def _version_2(accept: str) -> web.Response:
    if not _takes(accept, V2_PROTOBUF.lower()):
        return web.Response(status=406, headers=[("Vary", "Accept-Encoding"), ("Vary", "Accept")])
    if "protobuf" in accept:
        return web.Response(body=V2_MESSAGE, headers={"Content-Type": V2_PROTOBUF.replace("@", ".")})
    return web.Response(body=_encode({"swagger": "2.0", "info": INFO, "paths": {}}), headers={"Content-Type": JSON})


def _hash(source: bytes) -> str:
    return sha512(source).hexdigest().upper()


def _index(sources: dict[str, tuple[str, list[ServedResource]]]) -> bytes:
    links = {name: {"serverRelativeURL": f"/openapi/v3/{name}?hash={digest}"} for name, (digest, _) in sources.items()}
    return _encode({"paths": links})


def _sources(resources: list[ServedResource]) -> dict[str, tuple[str, list[ServedResource]]]:
    """{name of a document: its hash, and the resources that it tells of}."""
    found: dict[str, list[ServedResource]] = {}
    for each in resources:
        found.setdefault(f"apis/{each.api_version}" if each.group else f"api/{each.version}", []).append(each)
    return {
        name: (_hash(_encode([name, INFO, [_document_inputs(each) for each in members]])), members)
        for name, members in sorted(found.items())
    }


def _document_inputs(resource: ServedResource) -> Json:
    """What of a resource decides its document."""
    return {"plural": resource.plural, "schema": resource.schema if resource.custom else None}


def _document(name: str, resources: list[ServedResource]) -> Json:
    components = {"schemas": schemas_of(resources)}
    return {"openapi": "3.0.0", "info": INFO, "paths": paths_of(f"/{name}", resources), "components": components}
