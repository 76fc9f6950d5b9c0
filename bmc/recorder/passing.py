"""Passing a BMC's answer back to the asker: as a whole, as it comes, or not at all."""

from urllib.parse import urlsplit

from aiohttp import ClientError
from aiohttp.web import BaseRequest, Response, StreamResponse
from multidict import CIMultiDict

from bmc.recorder.exchange import Exchange
from bmc.recorder.upstream import Answer

_BODILESS = frozenset({204, 304})


def dropped(request: BaseRequest) -> StreamResponse:
    """End the asker's connection without a word, as a BMC does whose network fails."""
    if request.transport:
        request.transport.abort()
    return Response()


def whole(exchange: Exchange, answer: Answer, body: bytes) -> StreamResponse:
    """The BMC's answer with this body."""
    headers = answer.headers.copy()
    _relative_location(headers)
    length = headers.pop("Content-Length", None)
    if exchange.method == "HEAD" or answer.status in _BODILESS:
        if length is not None and exchange.method == "HEAD":
            headers["Content-Length"] = length
        return Response(status=answer.status, reason=answer.reason, headers=headers)
    return Response(status=answer.status, reason=answer.reason, headers=headers, body=body)


async def streamed(request: BaseRequest, answer: Answer) -> StreamResponse:
    """Pass on an answer as it comes; where it breaks off, it breaks off at the same place for the asker."""
    headers = answer.headers.copy()
    _relative_location(headers)
    response = StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
    await response.prepare(request)
    await response.write(answer.body)
    try:
        if answer.rest is not None:
            async for piece in answer.rest.iter_any():
                await response.write(piece)
    except (ClientError, OSError, TimeoutError) as error:
        answer.broken = f"{type(error).__name__}: {error}"
    if answer.broken:
        return dropped(request)
    await response.write_eof()
    return response


def _relative_location(headers: CIMultiDict[str]) -> None:
    """A Location that names the BMC's own authority leads past the recorder: only its path stays (RFC 9110 §10.2.2)."""
    location = headers.get("Location", "")
    if "://" in location:
        parts = urlsplit(location)
        headers["Location"] = parts.path + (f"?{parts.query}" if parts.query else "")
