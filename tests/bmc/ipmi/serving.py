"""Real BMCs on loopback for the tests of IPMI: the emulated one in a process of its own, and some that answer badly."""

import asyncio
import atexit
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bmc.model import Credentials

CREDENTIALS = Credentials("admin", "verysecret")
REPOSITORY = Path(__file__).parents[3]
LIMIT_SECONDS = 60.0


@cache
def process() -> subprocess.Popen[str]:
    """The process of all emulated BMCs of this test process; it ends with it."""
    command = (sys.executable, "-m", "tests.bmc.ipmi.bmc_process")
    started = subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    @atexit.register
    def end() -> None:
        started.stdin.close()
        started.stdout.close()
        started.wait()

    return started


def tell(*order: object) -> Any:
    process().stdin.write(json.dumps(order) + "\n")
    process().stdin.flush()
    return json.loads(process().stdout.readline())


@dataclass
class Bmc:
    number: int
    port: int

    @property
    def address(self) -> str:
        return f"ipmi://127.0.0.1:{self.port}"

    def order(self, name: str, *arguments: object) -> Any:
        """Let something happen to the server, or to its BMC, without IPMI."""
        return tell(self.number, name, *arguments)

    def state(self) -> dict[str, Any]:
        return self.order("state")

    def asked(self, path: str) -> list[list]:
        return [each for each in self.state()["requests"] if each[4] == path]


@contextmanager
def emulated(**settings: object) -> Iterator[Bmc]:
    credentials = {CREDENTIALS.username: CREDENTIALS.password}
    bmc = Bmc(*tell("new", {"credentials": credentials, **settings}))
    try:
        yield bmc
    finally:
        bmc.order("stop")


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


async def run(*command: str, environment: dict[str, str]) -> tuple[int, str]:
    """Run a judge to its end: its exit code, and all that it says."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=REPOSITORY, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(LIMIT_SECONDS):
        output, _ = await process.communicate()
    return process.returncode, output.decode()
