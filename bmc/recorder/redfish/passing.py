"""Returning a BMC's answer to the client: whole, streamed, or not at all."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from aiohttp import ClientError
from aiohttp.web import BaseRequest, Response, StreamResponse
from multidict import CIMultiDict

from bmc.recorder.redfish.events import Cutter, EventOrder, Fitting, is_event
from bmc.recorder.redfish.exchange import Exchange
from bmc.recorder.redfish.upstream import UpstreamResponse

_BODILESS = frozenset({204, 304})


def dropped(request: BaseRequest) -> StreamResponse:
    """End the asker's connection without a word, as a BMC does whose network fails."""
    if request.transport:
        request.transport.abort()
    return Response()


def whole(exchange: Exchange, answer: UpstreamResponse, body: bytes) -> StreamResponse:
    """The BMC's answer with this body."""
    headers = answer.headers.copy()
    _relative_location(headers)
    length = headers.pop("Content-Length", None)
    if exchange.method == "HEAD" or answer.status in _BODILESS:
        if length is not None and exchange.method == "HEAD":
            headers["Content-Length"] = length
        return Response(status=answer.status, reason=answer.reason, headers=headers)
    return Response(status=answer.status, reason=answer.reason, headers=headers, body=body)


async def streamed(request: BaseRequest, answer: UpstreamResponse, fitting: Fitting) -> StreamResponse:
    """Stream an answer; if it breaks off, the client's connection breaks off at the same byte.

    Events of a stream are subject to the faults active at that time.
    """
    headers = answer.headers.copy()
    _relative_location(headers)
    response = StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
    await response.prepare(request)
    await response.write(answer.body)
    try:
        if answer.rest is not None:
            pieces = answer.rest.iter_any()
            async for piece in _events(pieces, fitting) if answer.is_stream else pieces:
                await response.write(piece)
    except (ClientError, OSError, TimeoutError) as error:
        answer.broken = f"{type(error).__name__}: {error}"
    if answer.broken:
        return dropped(request)
    await response.write_eof()
    return response


async def _events(chunks: AsyncIterator[bytes], fitting: Fitting) -> AsyncIterator[bytes]:
    """The events of a stream as they are told."""
    cutter, order = Cutter(), EventOrder[bytes](fitting)
    async for chunk in chunks:
        for piece in cutter.feed(chunk):
            told = order.came(piece) if is_event(piece) else [*order.passed(), piece]
            for each in told:
                yield each
    yield cutter.rest()


def _relative_location(headers: CIMultiDict[str]) -> None:
    """Reduce an absolute Location to its path, so that the client does not bypass the recorder (RFC 9110 §10.2.2)."""
    location = headers.get("Location", "")
    if "://" in location:
        parts = urlsplit(location)
        headers["Location"] = parts.path + (f"?{parts.query}" if parts.query else "")
