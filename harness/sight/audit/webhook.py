"""Receives an audit log that an API server posts to us (`--audit-webhook-config-file`): batches of events, an EventList each.

A batch that nobody takes is sent again; how much the server still holds back nobody can ask, so this sight never ends complete.
"""

import asyncio
import ssl

import msgspec
from aiohttp import web

from harness.errors import UsageError
from harness.journal.facts import Side, SightBegan, SightEnded, SightLost, SightRegained
from harness.journal.journal import FactRecorder
from harness.sight.audit.events import AuditEventError, AuditReader
from harness.sight.audit.limits import AuditLimits

HELD_BACK = "what the API server still holds back was not received"


class AuditBatch(msgspec.Struct, gc=False):
    """What is posted."""

    kind: str
    items: list[msgspec.Raw]


_decoder = msgspec.json.Decoder(AuditBatch)


class AuditWebhookSight:
    """Listens at an address of ours from `start` to `final`; `ready` at once, since nobody can be asked for more."""

    def __init__(self, side: Side, recorder: FactRecorder, reader: AuditReader, limits: AuditLimits | None = None) -> None:
        """Nobody listens yet."""
        self.ready = asyncio.Event()
        self.url = ""
        self._limits = limits or AuditLimits()
        self._side: Side = side
        self._recorder, self._reader = recorder, reader
        self._bad = 0
        application = web.Application(client_max_size=self._limits.post_bytes)
        application.router.add_post("/{path:.*}", self._posted)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=self._limits.shutdown_seconds)

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Listen. Raises UsageError where that is not possible there."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port, ssl_context=tls).start()
        except OSError as error:
            await self._runner.cleanup()
            raise UsageError(f"`audit`: nothing can be posted to {host} port {port}: {error.strerror or error}") from error
        address = self._runner.addresses[0]
        self.url = f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{address[1]}"

    async def run(self) -> None:
        """Go on until cancelled; what is posted is recorded as it comes."""
        self._recorder.record(SightBegan(sight="audit", cluster=self._side))
        self.ready.set()
        await asyncio.Event().wait()

    async def final(self) -> None:
        """Listen no more."""
        await self.stop()
        if self.ready.is_set():
            self._recorder.record(SightEnded(sight="audit", cluster=self._side, complete=False, says=HELD_BACK))

    async def stop(self) -> None:
        """Close the address."""
        await self._runner.cleanup()

    async def _posted(self, request: web.Request) -> web.Response:
        """Take a batch; what is none is refused, so that it is not sent again, and told."""
        try:
            async with asyncio.timeout(self._limits.post_seconds):
                batch = _decoder.decode(await request.read())
        except (msgspec.DecodeError, TimeoutError) as error:
            self._skip(f"what was posted is no list of events: {error or 'it did not arrive whole'}")
            return web.Response(status=400)
        if batch.kind != "EventList":
            self._skip(f"what was posted is no list of events: its kind is {batch.kind[:60]!r}")
            return web.Response(status=400)
        for item in batch.items:
            self._take(item)
        return web.Response()

    def _take(self, item: msgspec.Raw) -> None:
        try:
            write = self._reader.read(item)
        except AuditEventError as error:
            self._skip(f"an item of what was posted is {error}")
            return
        if write:
            self._recorder.record(write.fact, since=write.since, at=write.at)

    def _skip(self, says: str) -> None:
        """Tell of what cannot be read; of very much, only that there is more."""
        self._bad += 1
        if not self.ready.is_set() or self._bad > self._limits.told_lines:
            return
        more = ", and no more of it is told" if self._bad == self._limits.told_lines else ""
        self._recorder.record(SightLost(sight="audit", cluster=self._side, says=f"{says}{more}"))
        self._recorder.record(SightRegained(sight="audit", cluster=self._side, complete=False))
