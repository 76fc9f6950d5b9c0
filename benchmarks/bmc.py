"""What emulated BMCs cost: how many fit into one process, and how fast they answer beside sushy-emulator 2.2.0, in one run.

    python -m benchmarks.bmc [--identities 1000] [--seconds 3] [--clients 1 10]

A process serves 1,000 BMCs, each an application on a port of its own with its own machine, sessions, logs and events; every one is
asked for its System once, then its memory is read. Then so many clients ask one System of ours, and the same of a sushy-emulator with
one system, in turns, on connections that are kept where the server keeps them (sushy-emulator closes each). Both have no TLS;
sushy-emulator has no authentication either. Printed are medians of three turns and the ratio, which is what to compare between machines.
"""
# ruff: noqa: INP001, T201 - a script that prints is what this is

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID, uuid5

import aiohttp
from aiohttp import web

from bmc.machine import Machine
from bmc.redfish.emulator import redfish_app
from bmc.redfish.personality import PERSONALITIES
from tests.bmc.judges.environment import made, sushy_emulator

NAMES = UUID("babe0000-0000-0000-0000-000000000000")
LOGIN = {"Authorization": aiohttp.encode_basic_auth("admin", "password")}
LIMIT_MB = 150
LIMIT_RATIO = 10
TURNS = 3
MB = 1024 * 1024


def clock() -> datetime:
    """The time."""
    return datetime.now(UTC)


async def serve(identities: int) -> None:
    """So many emulated BMCs of all personalities, until the standard input closes; prints their Systems' URLs."""
    urls, runners = [], []
    for number, personality in zip(range(identities), cycle(PERSONALITIES.values()), strict=False):
        uuid = str(uuid5(NAMES, str(number)))
        machine = Machine(
            name=f"node-{number}", uuid=uuid, clock=clock, mac_addresses=(f"52:54:00:00:{number >> 8:02x}:{number & 255:02x}",)
        )
        runner = web.AppRunner(redfish_app(machine, credentials={"admin": "password"}, personality=personality), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        system = personality.system_id or uuid
        urls.append(f"http://127.0.0.1:{runner.addresses[0][1]}/redfish/v1/Systems/{system}")
    sys.stdout.write(f"{json.dumps(urls)}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for runner in runners:
        await runner.cleanup()


@asynccontextmanager
async def ours(identities: int) -> AsyncIterator[tuple[list[str], int]]:
    """A process with so many BMCs while the block runs: their Systems' URLs, and its id."""
    pipe = asyncio.subprocess.PIPE
    arguments = ["-m", "benchmarks.bmc", "--serve", str(identities)]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=pipe, stdout=pipe, limit=MB)
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    try:
        yield json.loads(await process.stdout.readline()), process.pid
    finally:
        process.terminate()
        await process.communicate()


def resident_mb(process: int) -> float:
    """The memory a process holds, in MB (Linux)."""
    pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4096 / MB


async def ask_each(urls: list[str]) -> None:
    """GET every System once, each on a connection of its own that is closed then."""
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector, headers=LOGIN) as client:
        for url in urls:
            async with client.get(url) as response:
                assert response.status == 200, url  # noqa: S101 - else nothing is measured
                await response.read()


class Asker:
    """The cheapest client that can be: it shares two cores with what it measures, so that must not be lost on it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._place = parts.hostname, parts.port
        self._request = f"GET {parts.path} HTTP/1.1\r\nHost: bmc\r\nAuthorization: {LOGIN['Authorization']}\r\n\r\n".encode()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self) -> None:
        """One GET, on the connection that was kept or on a new one."""
        reader, writer = self._streams or await asyncio.open_connection(*self._place)
        writer.write(self._request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200"), head  # noqa: S101 - else nothing is measured
        await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        self._streams = reader, writer
        if b"connection: close" in head:
            self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._streams:
            self._streams[1].close()
            self._streams = None


async def rate(url: str, clients: int, seconds: float) -> float:
    """GETs a second of one URL by so many clients."""
    done = 0
    began = time.perf_counter()
    until = began + seconds

    async def work() -> None:
        nonlocal done
        asker = Asker(url)
        while time.perf_counter() < until:
            await asker.ask()
            done += 1
        asker.close()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(clients):
            tasks.create_task(work())
    return done / (time.perf_counter() - began)


class Memory(NamedTuple):
    """What so many identities in one process hold, and one alone, in MB."""

    identities: int
    held_mb: float
    alone_mb: float

    @property
    def good(self) -> bool:
        """Is it within the limit?"""
        return self.held_mb <= LIMIT_MB

    def __str__(self) -> str:
        each_kb = (self.held_mb - self.alone_mb) * 1024 / max(self.identities - 1, 1)
        return (
            f"{self.identities} identities in one process: {self.held_mb:.0f} MB resident; limit {LIMIT_MB} MB\n"
            f"one identity alone: {self.alone_mb:.0f} MB, so {each_kb:.0f} KB for each more"
        )


class Rate(NamedTuple):
    """GETs a second of one System by so many clients: of ours and of sushy-emulator's."""

    clients: int
    ours: float
    peer: float

    @property
    def ratio(self) -> float:
        """How many times as fast ours is."""
        return self.ours / self.peer

    @property
    def good(self) -> bool:
        """Is it often enough?"""
        return self.ratio >= LIMIT_RATIO

    def __str__(self) -> str:
        rates = f"ours {self.ours:6.0f}/s, sushy-emulator 2.2.0 {self.peer:5.0f}/s, ratio {self.ratio:.1f}"
        return f"GET System, {self.clients:3} clients: {rates}; limit {LIMIT_RATIO}"


async def memory(identities: int) -> Memory:
    """What so many identities cost."""
    async with ours(identities) as (urls, process):
        await ask_each(urls)
        held = resident_mb(process)
    async with ours(1) as (urls, process):
        await ask_each(urls)
        return Memory(identities, held, resident_mb(process))


async def rates(clients: list[int], seconds: float) -> list[Rate]:
    """Both rates for each number of clients: medians of turns, by turns."""
    programs, found = made(), []
    system = {"uuid": str(NAMES), "name": "node-0", "power_state": "On", "nics": [{"mac": "52:54:00:00:00:01", "ip": "10.0.0.1"}]}
    with tempfile.TemporaryDirectory() as directory:
        async with ours(1) as ([our_url], _), sushy_emulator(programs, Path(directory), [system]) as (base, _process):
            peer_url = f"{base}/redfish/v1/Systems/{NAMES}"
            for count in clients:
                measured = [(await rate(our_url, count, seconds), await rate(peer_url, count, seconds)) for _ in range(TURNS)]
                mine, peer = (statistics.median(values) for values in zip(*measured, strict=True))
                found.append(Rate(count, mine, peer))
    return found


def main() -> int:
    """Measure and print; 1 where a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--identities", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve is not None:
        asyncio.run(serve(arguments.serve))
        return 0
    small = asyncio.run(memory(arguments.identities))
    print(small)
    fast = asyncio.run(rates(arguments.clients, arguments.seconds))
    print("\n".join(map(str, fast)))
    return 0 if small.good and all(each.good for each in fast) else 1


if __name__ == "__main__":
    sys.exit(main())
