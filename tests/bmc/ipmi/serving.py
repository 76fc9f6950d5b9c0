"""Real BMCs on loopback for the tests of IPMI: the emulated one in a process of its own, and some that answer badly."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bmc.model import Credentials

CREDENTIALS = Credentials("admin", "verysecret")
REPOSITORY = Path(__file__).parents[3]
LINE_BYTES_MAX = 16 * 1024 * 1024


@dataclass
class Bmc:
    process: asyncio.subprocess.Process
    port: int

    @property
    def address(self) -> str:
        return f"ipmi://127.0.0.1:{self.port}"

    async def order(self, name: str, *arguments: object) -> Any:
        self.process.stdin.write(json.dumps([name, *arguments]).encode() + b"\n")
        return json.loads(await self.process.stdout.readline())

    async def state(self) -> dict[str, Any]:
        return await self.order("state")

    async def asked(self, path: str) -> list[list]:
        return [each for each in (await self.state())["requests"] if each[4] == path]


@asynccontextmanager
async def emulated(**settings: object) -> AsyncIterator[Bmc]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bmc.ipmi.bmc_process",
        cwd=REPOSITORY,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_BYTES_MAX,
    )
    try:
        credentials = {CREDENTIALS.username: CREDENTIALS.password}
        process.stdin.write(json.dumps({"credentials": credentials, **settings}).encode() + b"\n")
        yield Bmc(process, json.loads(await process.stdout.readline())["port"])
    finally:
        process.stdin.close()
        await process.wait()
        process._transport.close()


class _Answering(asyncio.DatagramProtocol):
    def __init__(self, answers) -> None:
        self.answers = answers
        self.packets: list[bytes] = []

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data, address) -> None:
        self.packets.append(data)
        for answer in self.answers(data):
            self.transport.sendto(answer, address)


@asynccontextmanager
async def answering(answers) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A UDP server that answers each packet with what `answers` makes of it; its port, and the packets that came."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(lambda: _Answering(answers), local_addr=("127.0.0.1", 0))
    try:
        yield transport.get_extra_info("sockname")[1], protocol.packets
    finally:
        transport.close()
