"""Events that BMCs push to us (DSP0266 §13.5): a listener, and subscriptions that are always deleted.

A forged event can only trigger an extra poll of the BMC; events never prove that nothing happened.
"""

import asyncio
import hmac
import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from bmc.address import parse_address
from bmc.errors import BmcError, ErrorKind
from bmc.model import Credentials, Tls
from bmc.names import USER_AGENT
from bmc.redfish.connection import Body, RedfishConnection
from bmc.redfish.events import DEADLINE_SECONDS, Hear, heard
from bmc.redfish.trust import aiohttp_trust
from bmc.redfish.wire import ROOT
from bmc.witness.family import inner

_CONTEXT = f"{USER_AGENT}:"


@dataclass(frozen=True, kw_only=True)
class EventListenerLimits:
    """What is taken of a pushed message, and how long it may take to arrive."""

    message_bytes: int = 256 * 1024
    message_seconds: float = 5.0
    shutdown_seconds: float = 1.0
    """How long pending messages may take when the listener stops."""


class EventListener:
    """An HTTP server for pushed events; use it as `async with`. With `tls` it speaks HTTPS, which Dell's BMCs insist on.

    `host`: where it listens. `base`: how the BMCs reach it, where that is another address (behind a NAT); by default the same.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        base: str = "",
        limits: EventListenerLimits | None = None,
    ) -> None:
        self._limits = limits or EventListenerLimits()
        self._host = host
        self._port = port
        self._tls = tls
        self._base = base
        self._hearers: dict[str, Hear] = {}
        app = web.Application(client_max_size=self._limits.message_bytes)
        app.router.add_post("/{secret}", self._pushed)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=self._limits.shutdown_seconds)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start listening. Raises OSError if the address is taken or not local."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port, ssl_context=self._tls).start()
        except BaseException:
            await self._runner.cleanup()
            raise
        scheme = "https" if self._tls else "http"
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._base = self._base or f"{scheme}://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Listen no more."""
        await self._runner.cleanup()

    @asynccontextmanager
    async def subscribed(self, subscription: "EventSubscription", hear: Hear) -> AsyncIterator[None]:
        """Have a BMC push its events here while the block runs; each is given to `hear`. Raises BmcError where it refuses.

        The subscription is deleted on every way out, also where its making was interrupted. A BMC that cannot be reached then keeps
        it, and gives it up by itself; the subscription tells.
        """
        secret = secrets.token_urlsafe(32)
        self._hearers[secret] = hear
        try:
            await subscription.make(f"{self._base}/{secret}")
            yield
        finally:
            del self._hearers[secret]
            await subscription.delete()

    async def _pushed(self, request: web.Request) -> web.Response:
        """Receive one message: 204 at once; 404 for an unknown path."""
        hear = self._hearer(request.match_info["secret"])
        if hear is None:
            return web.Response(status=404)
        try:
            async with asyncio.timeout(self._limits.message_seconds):
                data = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        for event in heard(data):
            hear(event)
        return web.Response(status=204)

    def _hearer(self, secret: str) -> Hear | None:
        """The callback of this path. All secrets are compared in constant time."""
        offered, found = secret.encode(), None
        for known, hear in self._hearers.items():
            if hmac.compare_digest(known.encode(), offered):
                found = hear
        return found


class EventSubscription:
    """One subscription at one BMC: created, checked, deleted.

    `context` identifies it at the BMC, so that a subscription of another process can be deleted too. `deleted`: the BMC no longer
    has it, or never had.
    """

    def __init__(
        self,
        address: str,
        credentials: Credentials | None,
        *,
        tls: Tls | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
        context: str = "",
    ) -> None:
        self.context = context or _CONTEXT + secrets.token_hex(8)
        self.deleted = True
        self._address = parse_address(address)
        self._credentials = credentials
        self._tls = tls or Tls()
        self._deadline_seconds = deadline_seconds
        self._path = ""
        self._folder = ""

    async def make(self, destination: str) -> None:
        """Make the subscription. Raises BmcError."""
        self._folder = await self._find_folder()
        body = {"Destination": destination, "Protocol": "Redfish", "Context": self.context}
        self.deleted = False
        status, location = await self._send("POST", self._folder, body)
        if status != 201:
            self.deleted = True
            kind: ErrorKind = "busy" if status in (429, 503) else "refused"
            raise BmcError(kind=kind, blame="bmc", says=f"the BMC refuses the subscription ({status})")
        path = urlsplit(location).path
        if path.startswith(f"{self._folder.rstrip('/')}/"):
            self._path = path

    async def lives(self) -> bool:
        """Does the subscription still exist? Many BMCs lose all when they restart. Raises BmcError if the BMC does not answer."""
        async with self._connection() as connection:
            try:
                path = self._path or await self._find()
                return bool(path) and (await connection.get(path)).get("Context") == self.context
            except BmcError as error:
                if error.kind == "missing":
                    return False
                raise

    async def delete(self) -> None:
        """Delete the subscription; if its creation was not answered, find it by context first. Errors are ignored."""
        if self.deleted:
            return
        with suppress(BmcError):
            path = self._path or await self._find()
            status = (await self._send("DELETE", path, None))[0] if path else 404
            self.deleted = status < 300 or status == 404

    async def find_and_delete(self) -> bool:
        """Delete it, whoever made it; False where the BMC has none of this context. Raises BmcError."""
        self._folder = await self._find_folder()
        path = await self._find()
        if path:
            status, _ = await self._send("DELETE", path, None)
            if status >= 300 and status != 404:
                raise BmcError(kind="refused", blame="bmc", says=f"the BMC does not delete the subscription ({status})")
        return bool(path)

    async def _find_folder(self) -> str:
        async with self._connection() as connection:
            service = inner(await connection.get(f"{ROOT}/"), "EventService", "@odata.id")
            if not isinstance(service, str):
                raise BmcError(kind="missing", blame="bmc", says="the BMC has no EventService")
            folder = inner(await connection.get(service), "Subscriptions", "@odata.id")
        if not isinstance(folder, str) or not folder.startswith("/"):
            raise BmcError(kind="missing", blame="bmc", says="the BMC takes no subscriptions")
        return folder

    async def _find(self) -> str:
        """The path of the subscription of our context; empty where there is none."""
        async with self._connection() as connection:
            members = (await connection.get(self._folder)).get("Members")
            for member in members if isinstance(members, list) else []:
                path = inner(member, "@odata.id")
                if isinstance(path, str) and (await connection.get(path)).get("Context") == self.context:
                    return path
        return ""

    def _connection(self) -> RedfishConnection:
        return RedfishConnection(self._address, self._credentials, tls=self._tls, deadline_seconds=self._deadline_seconds)

    async def _send(self, method: str, path: str, body: Body | None) -> tuple[int, str]:
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        if self._credentials:
            headers["Authorization"] = aiohttp.encode_basic_auth(self._credentials.username, self._credentials.password)
        more: dict[str, Any] = {"json": body} if body is not None else {}
        connector = aiohttp.TCPConnector(limit=1, ssl=aiohttp_trust(self._tls))
        try:
            async with (
                asyncio.timeout(self._deadline_seconds),
                aiohttp.ClientSession(connector=connector, headers=headers) as session,
                session.request(method, self._address.base + path, allow_redirects=False, **more) as response,
            ):
                return response.status, response.headers.get("Location", "")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise BmcError(
                kind="dropped", blame="network", says=f"{method} {path} was not answered ({type(error).__name__})"
            ) from error
