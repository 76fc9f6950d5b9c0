"""The lab's manageable switch: who can reach whom, and who falls silent.

All servers of the embedded lab ask one `EmulatedNetwork` before they answer. A *cut* drops what comes from one address to another (or to
all); a *silence* lets a server accept and never answer, to anybody. A listening socket cannot refuse by sender, so a cut shows
itself as a connection that opens and is aborted at its first request.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

ANY = "*"
CLIENT_LOOK_SECONDS = 0.5
"""How often a silent server looks whether its client is still there."""
SHUTDOWN_SECONDS = 0.2


class Cut(msgspec.Struct, rename={"from_": "from"}):
    """Nothing gets from one address to another; either may be `*`. `dropped` counts what was stopped."""

    from_: str
    to: str
    dropped: int = 0

    def stops(self, from_: str, to: str) -> bool:
        """Does this cut lie between the two?"""
        return self.from_ in (ANY, from_) and self.to in (ANY, to)


class Silence(msgspec.Struct):
    """The server at `address` accepts and never answers. `dropped` counts the requests that wait in vain."""

    address: str
    dropped: int = 0


T = TypeVar("T", Cut, Silence)


class EmulatedNetwork:
    """The state of the switch, the middleware that makes servers obey it, and the API that changes it."""

    def __init__(self, lost_seconds: Callable[[], float] = lambda: 0.0) -> None:
        """Everything reaches everything. `lost_seconds`: for how long the lab was not able to act, since it began."""
        self._lost_seconds = lost_seconds
        self.cuts: dict[str, Cut] = {}
        self.silences: dict[str, Silence] = {}
        self._open: set[tuple[str, str, asyncio.Transport]] = set()
        self._healed = asyncio.Event()
        self._runner: web.AppRunner | None = None

    def reaches(self, from_: str, to: str) -> bool:
        """May a packet go from one address to the other? Counts what it stops; for servers that are not HTTP's."""
        for cut in self.cuts.values():
            if cut.stops(from_, to):
                cut.dropped += 1
                return False
        return True

    def is_silent(self, address: str) -> bool:
        """Does the server at this address not answer at all?"""
        for silence in self.silences.values():
            if silence.address == address:
                silence.dropped += 1
                return True
        return False

    def cut(self, name: str, from_: str, to: str) -> None:
        """Add a cut, and abort connections that it affects."""
        self.cuts[name] = cut = Cut(from_, to)
        for client, server, transport in list(self._open):
            if cut.stops(client, server):
                cut.dropped += 1
                transport.abort()

    def middleware(self, own_address: str) -> Middleware:
        """The aiohttp middleware of the server that listens at `own_address`; it must be the first one."""

        @web.middleware
        async def obey(request: web.Request, handler: Handler) -> web.StreamResponse:
            client = request.remote or ""
            if not self.reaches(client, own_address):
                return _abort(request)
            if self.is_silent(own_address):
                await self._outlast_silence(request, own_address)
                return _abort(request)
            if request.transport is None:
                return _abort(request)
            connection = (client, own_address, request.transport)
            self._open.add(connection)
            try:
                return await handler(request)
            finally:
                self._open.discard(connection)

        return obey

    async def _outlast_silence(self, request: web.Request, address: str) -> None:
        while request.transport is not None and any(silence.address == address for silence in self.silences.values()):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._healed.wait(), CLIENT_LOOK_SECONDS)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve the control API; its URL."""
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """End the control API and heal everything."""
        self.cuts.clear()
        self.silences.clear()
        self._wake()
        if self._runner is not None:
            await self._runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application()
        application.add_routes(
            [
                web.get("/pace", self._pace),
                web.get("/cuts", self._list_cuts),
                web.put("/cuts/{name}", self._put_cut),
                web.delete("/cuts/{name}", self._delete_cut),
                web.get("/silences", self._list_silences),
                web.put("/silences/{name}", self._put_silence),
                web.delete("/silences/{name}", self._delete_silence),
            ]
        )
        return application

    async def _pace(self, _: web.Request) -> web.Response:
        """How far the lab fell behind: whoever waits for it waits so much longer."""
        return _json({"lost_seconds": self._lost_seconds()})

    async def _list_cuts(self, _: web.Request) -> web.Response:
        return _json(self.cuts)

    async def _list_silences(self, _: web.Request) -> web.Response:
        return _json(self.silences)

    async def _put_cut(self, request: web.Request) -> web.Response:
        wanted = await _addresses(request, "from", "to")
        name = request.match_info["name"]
        self.cut(name, wanted["from"], wanted["to"])
        return _json(self.cuts[name])

    async def _put_silence(self, request: web.Request) -> web.Response:
        wanted = await _addresses(request, "address")
        silence = self.silences[request.match_info["name"]] = Silence(wanted["address"])
        return _json(silence)

    async def _delete_cut(self, request: web.Request) -> web.Response:
        return _json(_take(self.cuts, request))

    async def _delete_silence(self, request: web.Request) -> web.Response:
        silence = _take(self.silences, request)
        self._wake()
        return _json(silence)

    def _wake(self) -> None:
        self._healed.set()
        self._healed = asyncio.Event()


def _take(rules: dict[str, T], request: web.Request) -> T:
    rule = rules.pop(request.match_info["name"], None)
    if rule is None:
        raise web.HTTPNotFound(text=f"no rule {request.match_info['name']} is in force")
    return rule


async def _addresses(request: web.Request, *names: str) -> dict[str, str]:
    try:
        body = msgspec.json.decode(await request.read(), type=dict[str, str])
        return {name: body[name] for name in names}
    except (msgspec.DecodeError, KeyError) as error:
        raise web.HTTPBadRequest(text=f"the body must be JSON with {' and '.join(names)}, all texts") from error


def _json(content: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(content), content_type="application/json")


def _abort(request: web.Request) -> web.StreamResponse:
    """Cut the line; what is returned can no longer be sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)
