"""What holds for every request, whatever it is for: methods, versions, queries, bodies, ETags (DSP0266 §6 to §8)."""

import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from bmc.redfish.service.errors import malformed, not_allowed, not_found, precondition_failed, query_not_supported
from bmc.redfish.service.resources import Body, RedfishResource, ResourceProvider, WriteRequest

_GOES_ON = frozenset({"DateTime", "CurrentPowerOnTimeSeconds", "PowerOnMinutes"})
"""Properties that change every second and do not change the ETag."""

_encoder = msgspec.json.Encoder()


class RequestRouter:
    """Finds the resource a request is for among the parts, and answers."""

    def __init__(self, parts: Iterable[ResourceProvider]) -> None:
        self._parts = tuple(parts)

    def find(self, path: str) -> RedfishResource | None:
        """The resource at a path; a trailing slash is ignored."""
        path = path.rstrip("/")
        return next((found for part in self._parts if (found := part.find(path)) is not None), None)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer any request that may be made."""
        resource = self.find(request.path)
        if resource is None:
            return not_found(request.path)
        if request.method not in resource.methods:
            return not_allowed(resource.methods)
        if request.headers.get("OData-Version", "4.0") != "4.0":
            return precondition_failed()
        if request.method not in ("GET", "HEAD"):
            return await self._write(request, resource)
        if resource.answer is not None:
            return await resource.answer(request)
        return self._read(request, resource)

    def _read(self, request: web.Request, resource: RedfishResource) -> web.Response:
        if any(name.startswith("$") for name in request.query):
            return query_not_supported()
        body = resource.read() if resource.read else {}
        tag = etag(body)
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return shown(body, resource, tag=tag)

    async def _write(self, request: web.Request, resource: RedfishResource) -> web.Response:
        body = _object(await request.read())
        if body is None:
            return malformed()
        if resource.read and request.headers.get("If-Match", "*") not in ("*", etag(resource.read())):
            return precondition_failed()
        return resource.writes[request.method](WriteRequest(request, body))


def shown(
    body: Body, resource: RedfishResource, *, tag: str = "", status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """A resource's body with the headers that every answer to a GET has."""
    kept = {
        "OData-Version": "4.0",
        "Allow": ", ".join(resource.methods),
        "Cache-Control": "no-cache",
        "Link": f"<{_schema(body.get('@odata.type', ''))}>; rel=describedby",
        **(headers or {}),
    }
    if tag:
        kept["ETag"] = tag
    return web.Response(body=_encoder.encode(body), status=status, headers=kept, content_type="application/json", charset="utf-8")


def etag(body: Body) -> str:
    """A strong ETag of a body (DSP0266 §6.5)."""
    stable = {name: value for name, value in body.items() if name not in _GOES_ON}
    oem = stable.get("Oem")
    if oem:
        stable["Oem"] = {vendor: _stable(marks) for vendor, marks in oem.items()}
    return f'"{zlib.crc32(_encoder.encode(stable)):08x}"'


def _stable(marks: Any) -> Any:
    return {name: value for name, value in marks.items() if name not in _GOES_ON} if isinstance(marks, dict) else marks


def _schema(kind: str) -> str:
    """Where the JSON schema of a resource's type is published (DSP0266 §8.1.3)."""
    name = kind.lstrip("#").rpartition(".")[0] or "odata"
    return f"http://redfish.dmtf.org/schemas/v1/{name}.json"


def _object(data: bytes) -> Body | None:
    """The JSON object in a request's body; None where it is something else."""
    try:
        body = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
