"""A whole recorder: one log, and a listening place before each BMC, whose port a fault may close for a while."""

import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from aiohttp import web

from bmc.address import IPMI_PORT
from bmc.recorder.clients import ClientNames
from bmc.recorder.faults import Fault
from bmc.recorder.frontend import Attachment
from bmc.recorder.ipmi.relay import Reachable, Relay, RelayListener, everybody
from bmc.recorder.limits import RecorderLimits
from bmc.recorder.log.clock import now
from bmc.recorder.log.log import RecorderLog
from bmc.recorder.log.readers_view import Record
from bmc.recorder.log.records import BmcAttachedRecord, FaultInjectedRecord, FaultRemovedRecord
from bmc.recorder.redfish.proxy import Proxy
from bmc.recorder.settings import HERE, BmcSettings, RecorderSettings, RecorderSettingsError, Trust, bind, place_of, rule
from bmc.redfish.trust import server_tls

BaseHandler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
WrapHandler = Callable[[str, BaseHandler], BaseHandler]
"""Wraps the handler of the BMC of this name, e.g. with a network that can be cut; requests that it refuses are not recorded."""


def nothing_around(_name: str, handler: BaseHandler) -> BaseHandler:
    """Every request comes through."""
    return handler


class RedfishListener:
    """The place where one BMC is asked from now on."""

    def __init__(self, settings: BmcSettings, proxy: Proxy, around: WrapHandler, limits: RecorderLimits) -> None:
        self.proxy = proxy
        self._settings = settings
        self._backlog = limits.backlog_connections
        self._tls = server_tls(settings.certificate, settings.key) if settings.certificate else None
        handler = around(proxy.name, proxy.handle)
        self._server = web.Server(handler, access_log=None, keepalive_timeout=limits.keep_alive_seconds)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=limits.close_seconds)
        self._site: web.SockSite | None = None
        self._socket: socket.socket | None = None
        self.place = ""

    async def open(self, bound: socket.socket) -> None:
        """Listen on a bound socket."""
        await self._runner.setup()
        self.place = place_of(bound)
        if self._settings.events:
            here = f"{'https' if self._tls else 'http'}://{self.place}"
            self.proxy.lead_pushes(here if self._settings.events == HERE else self._settings.events)
        self._socket = bound
        await self._listen()

    async def close(self) -> None:
        """Listen no more, and close the connections."""
        await self._runner.cleanup()
        if self._socket is not None:
            self._socket.close()

    async def refuse(self) -> int:
        """Close the port and every connection to it; returns the number of connections closed."""
        if self._site is None or self._socket is None:
            return 0
        address, port = self._socket.getsockname()[:2]
        await self._site.stop()
        self._site = None
        self._socket.close()
        # Bound but not listening: connections are refused, and nobody else can take the port meanwhile.
        self._socket = bind(address, port)
        open_connections = [connection.transport for connection in self._server.connections if connection.transport]
        for transport in open_connections:
            transport.abort()
        return len(open_connections)

    async def accept(self) -> None:
        """Open the port again."""
        if self._site is None:
            await self._listen()

    async def _listen(self) -> None:
        if self._socket is None:
            raise RuntimeError("a listener is opened before it listens")
        self._site = web.SockSite(self._runner, self._socket, ssl_context=self._tls, backlog=self._backlog)
        await self._site.start()


AnyListener = RedfishListener | RelayListener


class FlightRecorder:
    """All listeners and the log of one process; use `async with`.

    Raises RecorderSettingsError, BmcError (trust), RecorderLogError or OSError (ports).

    `around` stands before Redfish BMCs, `reachable` before those that speak IPMI. `users`: the users of an IPMI BMC by its name, and
    their passwords, besides those that its settings refer to. `sync` brings an open file's data to the disk.
    """

    def __init__(  # noqa: PLR0913 - all but two by name
        self,
        settings: RecorderSettings,
        around: WrapHandler = nothing_around,
        *,
        reachable: Reachable = everybody,
        users: Mapping[str, Mapping[str, str]] | None = None,
        limits: RecorderLimits | None = None,
        sync: Callable[[int], None] = os.fdatasync,
    ) -> None:
        self._settings = settings
        self._limits = limits or RecorderLimits()
        self._sync = sync
        self._around = around
        self._reachable = reachable
        self._users = users or {}
        self._askers = ClientNames(rule(text) for text in settings.askers)
        self._stack = AsyncExitStack()
        self.listeners: dict[str, AnyListener] = {}

    async def __aenter__(self) -> Self:
        async with self._stack as stack:
            bound = [(each, stack.enter_context(_bound(each))) for each in self._settings.bmcs]
            names = [each.name or place_of(it) for each, it in bound]
            if len(set(names)) < len(names) or not names:
                raise RecorderSettingsError(
                    f"each BMC needs a name of its own, and there must be one at least: {', '.join(names)}"
                )
            self.log = RecorderLog(Path(self._settings.log), self._sync)
            stack.callback(self.log.close)
            records = self._restored(names)
            for name, (each, it) in zip(names, bound, strict=True):
                await self._stand_before(stack, name, each, it, records[name])
            stack.push_async_callback(self._heal_all)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._stack.aclose()

    def find(self, bmc: str) -> AnyListener | None:
        """The listener with that name or address (a default port may be omitted).

        For an empty name: the only listener, else None.
        """
        if not bmc:
            return next(iter(self.listeners.values())) if len(self.listeners) == 1 else None
        places = (bmc, f"{bmc}:443", f"{bmc}:80", f"{bmc}:{IPMI_PORT}")
        return self.listeners.get(bmc) or next((each for each in self.listeners.values() if each.place in places), None)

    def fault(self, name: str) -> tuple[AnyListener, Fault] | None:
        """The fault of that name and where it works."""
        for listener in self.listeners.values():
            if fault := listener.proxy.faults.find(name):
                return listener, fault
        return None

    async def put(self, listener: AnyListener, fault: Fault) -> None:
        """Inject a fault; it replaces one of the same name.

        Raises ValueError if the BMC's protocol does not support it, RecorderLogError if it cannot be recorded.
        """
        if fault.order.kind not in listener.proxy.kinds:
            raise ValueError(
                f"{fault.order.kind!r} cannot be done to this BMC; there are {', '.join(sorted(listener.proxy.kinds))}"
            )
        await self.heal(fault.name)
        proxy = listener.proxy
        proxy.write(FaultInjectedRecord(bmc=proxy.name, time=now(), fault=fault.name, order=msgspec.to_builtins(fault.order)))
        proxy.faults.put(fault)
        if fault.order.kind == "refuse":
            fault.applied += await listener.refuse()

    async def heal(self, name: str) -> Fault | None:
        """Remove a fault; returns None if there is none of that name. The fault is removed even if that cannot be recorded."""
        found = self.fault(name)
        if found is None:
            return None
        listener, fault = found
        listener.proxy.faults.heal(name)
        if not any(each.order.kind == "refuse" for each in listener.proxy.faults):
            await listener.accept()
        listener.proxy.write(FaultRemovedRecord(bmc=listener.proxy.name, time=now(), fault=name, applied=fault.applied))
        return fault

    async def _heal_all(self) -> None:
        for listener in self.listeners.values():
            for fault in listener.proxy.faults:
                await self.heal(fault.name)

    def _restored(self, names: list[str]) -> dict[str, Record]:
        """What the log holds of each BMC from before."""
        records = {name: Record() for name in names}
        for line in self.log.restore():
            if line.bmc in records:
                records[line.bmc].take(line)
        return records

    async def _stand_before(
        self, stack: AsyncExitStack, name: str, each: BmcSettings, bound: socket.socket, record: Record
    ) -> None:
        to = each.base  # first of all: it refuses settings in the words of settings, which the frontends do not know
        attachment = Attachment(name, each, self.log, record, self._askers)
        listener: AnyListener
        if each.is_ipmi:
            users = each.passwords() | dict(self._users.get(name, {}))
            listener = RelayListener(Relay(attachment, users, self._limits.relay), self._reachable)
        else:
            listener = RedfishListener(each, Proxy(attachment, self._limits.upstream), self._around, self._limits)
        front = listener.proxy
        stack.push_async_callback(front.close)
        front.forget_unfinished("the recorder was killed")
        front.write(BmcAttachedRecord(bmc=name, time=now(), listen=place_of(bound), to=to, trust=_trust_says(each.trust)))
        self.listeners[name] = listener
        stack.push_async_callback(listener.close)
        await listener.open(bound)


def _bound(settings: BmcSettings) -> socket.socket:
    return bind(*settings.place, socket.SOCK_DGRAM if settings.is_ipmi else socket.SOCK_STREAM)


def _trust_says(trust: Trust) -> str:
    if trust.insecure:
        return f"any certificate, because {trust.insecure}"
    return trust.pin or trust.ca
