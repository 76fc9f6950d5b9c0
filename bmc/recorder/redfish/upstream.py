"""The connection to the BMC: passes a request on once, and says as exactly as can be known what became of it."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from bmc.recorder.limits import UpstreamLimits
from bmc.recorder.redfish.exchange import HOP_BY_HOP, Exchange
from bmc.recorder.settings import BmcSettings
from bmc.redfish.trust import aiohttp_trust

_OURS = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that aiohttp must not add if the client did not send them."""

_NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class NoAnswerError(Exception):
    """Nothing came back from the BMC; the text tells why."""


class UpstreamResponse:
    """The BMC's answer. `rest`: what comes after `body`, where it was not read to its end; `broken`: why the body broke off.

    `is_stream`: it is a stream of events.
    """

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.status = response.status
        self.reason = response.reason
        self.headers = CIMultiDict(response.headers)
        for name in HOP_BY_HOP:
            self.headers.popall(name, None)
        self.body = b""
        self.is_stream = response.content_type == "text/event-stream"
        self.rest: aiohttp.StreamReader | None = None
        self.broken = ""

    @property
    def plain(self) -> bool:
        """Can the body be read as it is?"""
        return self.rest is None and not self.broken and self.headers.get("Content-Encoding", "identity") == "identity"


class Upstream:
    """One BMC as it is reached.

    `on_send` is awaited for each write once its connection is open, just before it is sent; it may delay the request, or prevent
    it by raising.
    """

    def __init__(self, settings: BmcSettings, on_send: Callable[[Exchange], Awaitable[None]], limits: UpstreamLimits) -> None:
        self._base = settings.base
        self._on_send = on_send
        self._limits = limits
        trust = aiohttp_trust(settings.trust.tls) if self._base.startswith("https:") else True
        self._reads = self._session(aiohttp.TCPConnector(limit=0, ssl=trust, keepalive_timeout=limits.idle_seconds))
        # An idle connection may close just as a request goes out, and then nobody knows whether it was done; aiohttp would even
        # send a DELETE again. What changes something gets a connection of its own.
        self._writes = self._session(aiohttp.TCPConnector(limit=0, ssl=trust, force_close=True), self._trace())

    async def close(self) -> None:
        """Close all connections."""
        await self._reads.close()
        await self._writes.close()

    @asynccontextmanager
    async def answered(self, exchange: Exchange, *, path: str = "", plain: bool = False) -> AsyncIterator[UpstreamResponse]:
        """Pass a request on (to another `path` than its own, as a GET without a body, where that is given).

        `plain`: ask for an answer that can be read. Raises NoAnswerError; `exchange.sent` tells whether it went out.
        """
        session = self._writes if exchange.changes else self._reads
        url = URL(f"{self._base}{path or exchange.request.rel_url.raw_path_qs}", encoded=True)
        method, data = ("GET", None) if path else (exchange.method, exchange.data())
        headers = exchange.headers(plain=plain)
        if not exchange.whole and "Content-Length" in exchange.request.headers:
            headers["Content-Length"] = exchange.request.headers["Content-Length"]
        try:
            response = await session.request(
                method,
                url,
                headers=headers,
                data=data,
                allow_redirects=False,
                skip_auto_headers=_OURS,
                trace_request_ctx=exchange,
            )
        except (aiohttp.ClientError, TimeoutError, OSError, ssl.SSLError, ValueError) as error:
            exchange.sent = exchange.sent or not (exchange.changes or isinstance(error, _NOT_CONNECTED))
            raise NoAnswerError(f"{type(error).__name__}: {error}") from error
        try:
            yield await _read(response, self._limits.whole_bytes)
        finally:
            response.release()

    def _session(self, connector: aiohttp.TCPConnector, *traces: aiohttp.TraceConfig) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=self._limits.connect_seconds, sock_read=self._limits.answer_seconds
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_line_size=self._limits.header_bytes,
            max_field_size=self._limits.header_bytes,
            trace_configs=list(traces),
        )

    def _trace(self) -> aiohttp.TraceConfig:
        async def connected(_: Any, context: SimpleNamespace, __: Any) -> None:
            exchange: Exchange = context.trace_request_ctx
            await self._on_send(exchange)
            exchange.sent = True

        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(connected)
        return trace


async def _read(response: aiohttp.ClientResponse, whole_bytes: int) -> UpstreamResponse:
    answer = UpstreamResponse(response)
    if answer.is_stream:
        answer.rest = response.content
        return answer
    body = bytearray()
    try:
        while len(body) <= whole_bytes:
            piece = await response.content.readany()
            if not piece:
                break
            body += piece
        else:
            answer.rest = response.content
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        answer.broken = f"{type(error).__name__}: {error}"
    answer.body = bytes(body)
    return answer
