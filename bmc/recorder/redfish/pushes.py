"""Pushed events routed through the recorder: it replaces the destination of each subscription by its own URL.

Done only if the BMC is known to reach the recorder. Destinations are kept in memory: after a restart the recorder answers 404,
and the BMC gives those subscriptions up.
"""

import secrets
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiohttp.web import BaseRequest, Response

from bmc.recorder.redfish.events import EventOrder, Fitting

FOLDER = "/recorder-events/"
MESSAGE_BYTES = 1024 * 1024
DELIVERY_SECONDS = 10.0
_NOT_PASSED_ON = frozenset({"host", "content-length", "connection", "transfer-encoding", "expect"})

PushedRequest = tuple[dict[str, str], bytes]


class Destination:
    """Where the events of one subscription go to."""

    def __init__(self, url: str, fitting: Fitting) -> None:
        self.url = url
        self.path = ""
        """The subscription's path at the BMC, once that has answered."""
        self.order = EventOrder[PushedRequest](fitting)


class Pushes:
    """The destinations behind one listening place. `base`: how the BMC reaches it, as `http://10.0.0.5:8001`."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")
        self._destinations: dict[str, Destination] = {}
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Deliver nothing any more."""
        if self._session:
            await self._session.close()

    def led_here(self, body: bytes, fitting: Fitting) -> tuple[bytes, Destination] | None:
        """The subscription with our URL as destination, and the original one; None if its destination is no HTTP URL."""
        try:
            wanted = msgspec.json.decode(body, type=dict)
            url = wanted["Destination"]
            known = urlsplit(url).scheme in ("http", "https")
        except (msgspec.DecodeError, KeyError, ValueError, AttributeError, TypeError):
            return None
        if not known:
            return None
        secret = secrets.token_urlsafe(32)
        made = self._destinations[secret] = Destination(url, fitting)
        return msgspec.json.encode({**wanted, "Destination": f"{self._base}{FOLDER}{secret}"}), made

    def as_asked(self, body: bytes) -> bytes:
        """The BMC's answer with the clients' own destinations restored."""
        for secret, each in self._destinations.items():
            body = body.replace(f"{self._base}{FOLDER}{secret}".encode(), each.url.encode())
        return body

    def forget(self, path: str) -> None:
        """The subscription of this path is no more."""
        self._destinations = {secret: each for secret, each in self._destinations.items() if each.path != path}

    def drop(self, destination: Destination) -> None:
        """The subscription was not made."""
        self._destinations = {secret: each for secret, each in self._destinations.items() if each is not destination}

    async def pushed(self, request: BaseRequest) -> Response:
        """Receive an event and deliver what the faults let through; returns the status of the last delivery."""
        destination = self._destinations.get(request.path.removeprefix(FOLDER))
        if destination is None:
            return Response(status=404)
        data = await request.content.read(MESSAGE_BYTES)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_PASSED_ON}
        status = 204
        for message in destination.order.came((headers, data)):
            status = await self._deliver(destination.url, message)
        return Response(status=status)

    async def _deliver(self, url: str, message: PushedRequest) -> int:
        """The destination's answer; 502 where it is away, so that the BMC tries again as it would have done."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=DELIVERY_SECONDS)
            # A BMC does not verify its listeners unless it is told to, and we know no more than it does.
            connector = aiohttp.TCPConnector(ssl=False)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False)
        headers, data = message
        try:
            async with self._session.post(url, data=data, headers=headers, allow_redirects=False) as answer:
                return answer.status
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            return 502
