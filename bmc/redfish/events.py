"""A BMC's events, read from its server-sent events (DSP0266 §13.6).

Events only say when to poll; they prove nothing. Losing events therefore costs promptness only, and callers must poll as well.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from bmc.address import Address, parse_address
from bmc.errors import BmcError
from bmc.model import Credentials, Tls
from bmc.names import USER_AGENT
from bmc.redfish.connection import RedfishConnection
from bmc.redfish.trust import aiohttp_trust
from bmc.redfish.wire import ROOT
from bmc.text import utf8
from bmc.witness.family import inner, word

DEADLINE_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class EventStreamLimits:
    """How long a stream of events is waited for, and how much of it is taken."""

    deadline_seconds: float = DEADLINE_SECONDS
    """For one request, and for the beginning of a stream."""
    silence_seconds: float = 600.0
    """A stream without any data, even a comment, for this long is reopened."""
    again_seconds: float = 1.0
    """Before a broken stream is opened again; twice as long each time, up to `again_limit_seconds`."""
    again_limit_seconds: float = 60.0
    line_bytes: int = 64 * 1024
    event_bytes: int = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One event as a BMC told it; nothing in it is verified. `time` is the BMC's own."""

    message_id: str = ""
    message: str = ""
    origin: str = ""
    time: str = ""


BEGAN = Heard(message="the stream of events began; what happened before was not told")

Hear = Callable[[Heard], None]


async def follow(
    address: str,
    credentials: Credentials | None,
    hear: Hear,
    *,
    tls: Tls | None = None,
    limits: EventStreamLimits | None = None,
) -> None:
    """Call `hear` with each event that a BMC streams, and with BEGAN at each beginning, until cancelled.

    Returns where the BMC offers no stream. A broken stream is reopened with growing delays. Nothing is left at the BMC, which
    ends a stream with its connection. Raises BmcError(kind="address") only.
    """
    parsed, trust = parse_address(address), tls or Tls()
    limits = limits or EventStreamLimits()
    again_seconds = limits.again_seconds
    while True:
        opened = asyncio.get_running_loop().time()
        try:
            async with RedfishConnection(parsed, credentials, tls=trust, deadline_seconds=limits.deadline_seconds) as connection:
                path = await stream_path(connection)
            if not path:
                return
            await _listen(parsed, path, credentials, hear, tls=trust, limits=limits)
        except BmcError as error:
            if error.kind == "address":
                raise
        if asyncio.get_running_loop().time() - opened > limits.again_limit_seconds:
            again_seconds = limits.again_seconds
        await asyncio.sleep(again_seconds)
        again_seconds = min(again_seconds * 2, limits.again_limit_seconds)


async def stream_path(connection: RedfishConnection) -> str:
    """Where this BMC streams its events; empty where it does not. Raises BmcError."""
    service = inner(await connection.get(f"{ROOT}/"), "EventService", "@odata.id")
    if not isinstance(service, str):
        return ""
    try:
        return word((await connection.get(service)).get("ServerSentEventUri"))
    except BmcError as error:
        if error.kind == "missing":
            return ""
        raise


async def _listen(  # noqa: PLR0913 - one stream
    address: Address, path: str, credentials: Credentials | None, hear: Hear, *, tls: Tls, limits: EventStreamLimits
) -> None:
    """Read one stream to its end. Raises BmcError if there is no stream, or the answer is not an event stream."""
    if not path.startswith("/"):
        raise BmcError(kind="content", blame="bmc", says="the stream of events is at another service")
    headers = {"User-Agent": USER_AGENT, "Accept": "text/event-stream", "Accept-Encoding": "identity", "OData-Version": "4.0"}
    if credentials:
        headers["Authorization"] = aiohttp.encode_basic_auth(credentials.username, credentials.password)
    timeout = aiohttp.ClientTimeout(total=None, connect=limits.deadline_seconds, sock_read=limits.silence_seconds)
    connector = aiohttp.TCPConnector(limit=1, ssl=aiohttp_trust(tls))
    try:
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
            async with asyncio.timeout(limits.deadline_seconds):
                response = await session.get(address.base + path, headers=headers, allow_redirects=False)
            async with response:
                _check(response)
                hear(BEGAN)
                await _read(response, hear, limits)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        # TimeoutError is an OSError; whatever broke the stream, it is over.
        raise BmcError(kind="dropped", blame="network", says=f"the stream of events broke ({type(error).__name__})") from error


def _check(response: aiohttp.ClientResponse) -> None:
    if response.status != 200 or response.content_type != "text/event-stream":
        raise BmcError(kind="status", blame="bmc", says=f"the stream of events is answered {response.status}")


async def _read(response: aiohttp.ClientResponse, hear: Hear, limits: EventStreamLimits) -> None:
    lines = EventLines(limits)
    async for chunk in response.content.iter_any():
        for data in lines.feed(chunk):
            for event in heard(data):
                hear(event)


class EventLines:
    """Cuts a stream into the data of its events (WHATWG, server-sent events), with a limit on everything."""

    def __init__(self, limits: EventStreamLimits | None = None) -> None:
        self._limits = limits or EventStreamLimits()
        self._rest = b""
        self._data: list[bytes] = []
        self._bytes = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events that this chunk completes. Raises BmcError for a line or an event that is too long."""
        *lines, self._rest = (self._rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        if len(self._rest) > self._limits.line_bytes:
            raise _too_long("a line", self._limits.line_bytes)
        return [data for line in lines if (data := self._line(line))]

    def _line(self, line: bytes) -> bytes:
        """The data of the event that this line ends, empty where it ends none."""
        if line:
            name, _, value = line.partition(b":")
            if name == b"data":
                self._add(value.removeprefix(b" "))
            return b""
        data = b"\n".join(self._data)
        self._data, self._bytes = [], 0
        return data

    def _add(self, value: bytes) -> None:
        self._bytes += len(value) + 1
        if self._bytes > self._limits.event_bytes:
            raise _too_long("an event", self._limits.event_bytes)
        self._data.append(value)


def heard(data: bytes) -> list[Heard]:
    """The events in one Event message; none where it is something else, like a MetricReport or no JSON."""
    try:
        body = msgspec.json.decode(utf8(data))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return []
    records = body.get("Events") if isinstance(body, dict) else None
    return [_one(record) for record in records if isinstance(record, dict)] if isinstance(records, list) else []


def _one(record: dict[str, Any]) -> Heard:
    origin = inner(record, "OriginOfCondition", "@odata.id")
    return Heard(
        message_id=word(record.get("MessageId")),
        message=word(record.get("Message")),
        origin=word(origin) or word(record.get("OriginOfCondition")),
        time=word(record.get("EventTimestamp")),
    )


def _too_long(what: str, limit: int) -> BmcError:
    return BmcError(kind="content", blame="bmc", says=f"the stream of events has {what} longer than {limit} bytes")
