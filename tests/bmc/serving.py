"""Real servers on loopback for the tests: the emulated BMC, and BMCs that answer badly."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiohttp import web

from bmc.machine import Machine
from bmc.model import Credentials
from bmc.redfish.emulator import redfish_app

UUID = "babe0000-0000-0000-0000-000000000001"
CREDENTIALS = Credentials("admin", "verysecret")
LIMIT_SECONDS = 10.0


class Ticking:
    """A clock that is a millisecond further each time it is asked."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def machine(**more) -> Machine:
    return Machine(name="node-0", uuid=UUID, clock=Ticking(), mac_addresses=("52:54:00:00:00:01",), **more)


@dataclass
class Bmc:
    machine: Machine
    base: str
    address: str
    passwords: dict[str, str]
    system: str = f"/redfish/v1/Systems/{UUID}"

    def reset_requests(self) -> list[str]:
        return [each.body for each in self.machine.requests if each.path.endswith("ComputerSystem.Reset")]


@asynccontextmanager
async def served(app: web.Application, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def emulated(
    server: Machine | None = None, *, system_id: str = UUID, tls: ssl.SSLContext | None = None, **more
) -> AsyncIterator[Bmc]:
    server = server or machine()
    passwords = {CREDENTIALS.username: CREDENTIALS.password}
    app = redfish_app(server, system_id=system_id, credentials=passwords, **more)
    async with served(app, tls) as port:
        scheme = "https" if tls else "http"
        base = f"{scheme}://127.0.0.1:{port}"
        system = f"/redfish/v1/Systems/{system_id}"
        yield Bmc(server, base, f"redfish-virtualmedia+{base}{system}", passwords, system)


@asynccontextmanager
async def raw(answer: bytes | None) -> AsyncIterator[int]:
    """A TCP server that reads a request and sends these bytes and closes; None: it says nothing at all."""
    gone = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            if answer is None:
                await gone.wait()
            else:
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        gone.set()
        server.close()
        await server.wait_closed()


@contextmanager
def deaf() -> Iterator[int]:
    """A port where nobody listens, kept so for as long as the test needs it."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
