"""What the recorder adds to a request: direct and through it, in turns, in one run. `python -m benchmarks.recorder`.

An emulated BMC and the recorder run as processes of their own; one client asks them serially on connections that are kept. Printed are
medians, the 99th percentiles, what the recorder adds, and the ratio, which is what to compare between machines. A write is on the
disk before it is passed on; the last row has the same without a disk. On a machine with other work, run it under `chrt -r 1`.
"""
# ruff: noqa: INP001 - a script, no package

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from bmc.machine import Machine
from bmc.redfish.emulator import redfish_app

UUID = "babe0000-0000-0000-0000-000000000001"
SYSTEM = f"/redfish/v1/Systems/{UUID}"
LOGIN = {"Authorization": aiohttp.encode_basic_auth("admin", "password")}
LIMIT_MS = 1.0
WARM_UP = 50
MEMORY = Path("/dev/shm")  # noqa: S108 - a file system without a disk, to tell what part of a write is the disk's


async def serve_bmc() -> None:
    """An emulated BMC, until its standard input closes."""
    machine = Machine(name="node-0", uuid=UUID, clock=lambda: datetime.now(UTC))
    app = redfish_app(machine, system_id=UUID, credentials={"admin": "password"}, power_seconds=0.0)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{json.dumps(runner.addresses[0][1])}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[object]:
    """A Python process while the block runs; what its first line says."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=pipe, stdout=pipe)
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.terminate()
        await process.communicate()


async def measure(
    session: aiohttp.ClientSession, bases: dict[str, str], ask: tuple[str, str, object], count: int
) -> dict[str, list[float]]:
    """Seconds of each request, by the way it went; the ways take turns."""
    method, path, body = ask
    seconds: dict[str, list[float]] = {way: [] for way in bases}
    for number in range(count + WARM_UP):
        for way, base in bases.items():
            began = time.perf_counter()
            async with session.request(method, base + path, json=body) as answer:
                await answer.read()
            if number >= WARM_UP:
                seconds[way].append(time.perf_counter() - began)
    return seconds


def row_of(name: str, seconds: dict[str, list[float]]) -> tuple[str, float]:
    """One line of the table, and what the recorder adds at the median, in milliseconds."""
    medians = {way: statistics.median(it) * 1000 for way, it in seconds.items()}
    worst = {way: statistics.quantiles(it, n=100)[98] * 1000 for way, it in seconds.items()}
    added = medians["recorded"] - medians["direct"]
    figures = f"{medians['direct']:8.3f} {medians['recorded']:9.3f} {added:8.3f} {medians['recorded'] / medians['direct']:6.2f}"
    return f"{name:24} {figures} {worst['direct']:8.3f} {worst['recorded']:9.3f}", added


async def main(count: int) -> int:
    """Print the table; 1 where the recorder adds LIMIT_MS or more to the median reading."""
    sys.stdout.write(f"{'milliseconds':24} {'direct':>8} {'recorded':>9} {'added':>8} {'ratio':>6} {'p99':>8} {'p99 rec.':>9}\n")
    rows = await measured(count, None)
    if os.path.isdir(MEMORY):  # noqa: PTH112, ASYNC240 - nothing waits for us
        writing = (await measured(count, MEMORY))["PATCH Boot"]
        rows["PATCH Boot, no disk"] = writing
    added = 0.0
    for name, seconds in rows.items():
        line, more = row_of(name, seconds)
        added = more if name == "GET System" else added
        sys.stdout.write(f"{line}\n")
    return int(added >= LIMIT_MS)


async def measured(count: int, place: Path | None) -> dict[str, dict[str, list[float]]]:
    """Readings and writings, direct and recorded; the log lies in a temporary directory of `place`."""
    with tempfile.TemporaryDirectory(dir=place) as directory:
        log = str(Path(directory) / "log.jsonl")
        async with running("-m", "benchmarks.recorder", "--bmc") as port:
            direct = f"http://127.0.0.1:{port}"
            async with running("-m", "bmc.recorder", "--listen", "127.0.0.1:0", "--to", direct, "--log", log) as ready:
                bases = {"direct": direct, "recorded": f"http://{next(iter(ready['ready'].values()))}"}  # type: ignore[index]
                async with aiohttp.ClientSession(headers=LOGIN) as session:
                    reading = await measure(session, bases, ("GET", SYSTEM, None), count)
                    boot = {"Boot": {"BootSourceOverrideTarget": "Hdd", "BootSourceOverrideEnabled": "Disabled"}}
                    writing = await measure(session, bases, ("PATCH", SYSTEM, boot), max(count // 4, 20))
    return {"GET System": reading, "PATCH Boot": writing}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bmc", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=2000, help="readings each way")
    chosen = parser.parse_args()
    sys.exit(asyncio.run(serve_bmc() if chosen.bmc else main(chosen.count)))
