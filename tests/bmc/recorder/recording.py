"""A recorder before an emulated BMC, both on loopback, for the tests."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import sushy
from aiohttp import web

from bmc.model import RequestEntry
from bmc.recorder.control import control_app
from bmc.recorder.log.log import read
from bmc.recorder.log.records import AnyRecord, RequestEndedRecord, RequestRecord
from bmc.recorder.recorder import FlightRecorder, RedfishListener
from bmc.recorder.settings import BmcSettings, RecorderSettings, Trust
from bmc.redfish.observe import RedfishObserver
from tests.bmc.serving import CREDENTIALS, UUID, Bmc, emulated, served

SYSTEM = f"/redfish/v1/Systems/{UUID}"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"
MANAGERS = "/redfish/v1/Managers"
LOGIN = {"Authorization": aiohttp.encode_basic_auth(CREDENTIALS.username, CREDENTIALS.password)}


@dataclass
class Recorded:
    """A recorder before one BMC: `base` is where clients ask."""

    recorder: FlightRecorder
    log: Path
    base: str
    control: str
    bmc: Bmc | None = None

    @property
    def address(self) -> str:
        return f"redfish-virtualmedia+{self.base}{SYSTEM}"

    @property
    def listener(self) -> RedfishListener:
        return next(iter(self.recorder.listeners.values()))

    @property
    def lines(self) -> list[AnyRecord]:
        return list(read(self.log))

    def asked(self, path: str = "", method: str = "") -> list[RequestRecord]:
        found = [line for line in self.lines if isinstance(line, RequestRecord)]
        return [line for line in found if line.path.endswith(path) and method in ("", line.method)]

    def ended(self, asked: RequestRecord) -> RequestEndedRecord:
        return next(line for line in self.lines if isinstance(line, RequestEndedRecord) and line.request == asked.request)


@asynccontextmanager
async def standing(
    to: str,
    log: Path,
    *,
    name: str = "node-0",
    listen: str = "127.0.0.1:0",
    askers=(),
    trust: Trust | None = None,
    events="",
    sync=os.fdatasync,
    **tls,
) -> AsyncIterator[Recorded]:
    """A recorder before whatever is at `to`, with its control served."""
    settings = RecorderSettings(
        (BmcSettings(listen, to, name, trust or Trust(), events=events, **tls),), str(log), askers=tuple(askers)
    )
    async with FlightRecorder(settings, sync=sync) as recorder, served(control_app(recorder)) as port:
        place = recorder.listeners[name].place
        scheme = "https" if tls else "http"
        yield Recorded(recorder, log, f"{scheme}://{place}", f"http://127.0.0.1:{port}")


@asynccontextmanager
async def recorded(log: Path, **more) -> AsyncIterator[Recorded]:
    """A recorder before an emulated BMC."""
    async with emulated() as bmc, standing(bmc.base, log, **more) as running:
        running.bmc = bmc
        yield running


@asynccontextmanager
async def faulty(running: Recorded, kind: str, name: str = "f1", **order) -> AsyncIterator[None]:
    """A fault at work while the block runs, put in and healed through the control."""
    async with aiohttp.ClientSession() as session:
        async with session.put(f"{running.control}/faults/{name}", json={"kind": kind, **order}) as answer:
            assert answer.status == 201, await answer.text()
        try:
            yield
        finally:
            async with session.delete(f"{running.control}/faults/{name}") as answer:
                assert answer.status in (200, 404)


async def applied(running: Recorded, name: str = "f1") -> int:
    """How often a fault did something, as the control tells."""
    async with aiohttp.ClientSession() as session, session.get(f"{running.control}/faults/{name}") as answer:
        return (await answer.json())["applied"]


def client(running: Recorded, **more) -> sushy.Sushy:
    """sushy as Ironic makes it, but with short delays between the tries; Basic authentication unless told otherwise."""
    more.setdefault("auth", sushy.auth.BasicAuth(CREDENTIALS.username, CREDENTIALS.password))
    return sushy.Sushy(running.base, server_side_retries_delay=0.01, **more)


async def in_thread(work):
    return await asyncio.to_thread(work)


async def requests_of(running: Recorded) -> list[RequestEntry]:
    """All that the record offers over the wire, as the observer reads it."""
    async with RedfishObserver(running.address, CREDENTIALS) as observer:
        assert await observer.begin_requests()
        observer._reader._last, observer._reader._skip = None, 0
        return list((await observer.read_requests()).entries)


def answering(handler) -> web.Application:
    """A BMC that answers everything with one handler."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    return app
