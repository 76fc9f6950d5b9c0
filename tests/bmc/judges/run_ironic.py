"""A real Ironic 39 judges the emulated BMCs: what Metal3 does with a host, but for what needs an agent.

    python -m tests.bmc.judges.run_ironic [--only NAME]...

Each personality of the Redfish BMC is registered with the hardware type `redfish`, managed (verified), inspected without an agent,
given and taken virtual media, set to boot from elsewhere, adopted, interrupted, and switched off, on and over; the IPMI BMC the same
with the hardware type `ipmi`, as far as IPMI goes (needs ipmitool). What Ironic then believes is compared with the machine. Printed
is a line for each; the exit code is 1 where one failed, 2 where there is no ipmitool and IPMI was asked for.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import aiohttp
from aiohttp import web

from bmc.machine import Machine
from bmc.redfish.personality import PERSONALITIES
from harness.processes.programs import build
from harness.processes.programs import ironic as installed
from tests.bmc.judges import ironic_ipmi, ironic_redfish
from tests.bmc.judges.ironic_node import Node, NodeStepError, Step
from tests.bmc.judges.ironic_process import VERSION, ironic
from tests.bmc.serving import served

IMAGE = b"an image" * 512
AT_ONCE = 3
"""Nodes that Ironic has to do with at the same time: it sleeps more than it works."""
NAMES = (ironic_ipmi.NAME, *PERSONALITIES)


@dataclass(frozen=True)
class Outcome:
    """How far one BMC came, and in how many seconds; `says` is empty where all went well."""

    name: str
    done: tuple[str, ...]
    says: str
    seconds: float


def steps(name: str) -> tuple[Step, ...]:
    """What that BMC has to go through."""
    return ironic_ipmi.STEPS if name == ironic_ipmi.NAME else ironic_redfish.STEPS


def present() -> tuple[str, ...]:
    """All that can be judged on this machine: IPMI needs ipmitool, and Ironic does not even start without one if IPMI is enabled."""
    return NAMES if shutil.which("ipmitool") else tuple(PERSONALITIES)


async def judge(names: Sequence[str] = ()) -> list[Outcome]:
    """Have these BMCs judged; all that can be, where none is named."""
    names = names or present()
    programs = await asyncio.to_thread(_programs)
    with tempfile.TemporaryDirectory() as directory:
        async with (
            ironic(programs, Path(directory), ipmi=ironic_ipmi.NAME in names) as url,
            _images() as image,
            aiohttp.ClientSession(url, headers=VERSION) as client,
        ):
            turns = asyncio.Semaphore(AT_ONCE)
            async with asyncio.TaskGroup() as tasks:
                judging = [tasks.create_task(_in_turn(turns, client, name, image)) for name in names]
    return [each.result() for each in judging]


async def _in_turn(turns: asyncio.Semaphore, client: aiohttp.ClientSession, name: str, image: str) -> Outcome:
    async with turns:
        return await _judge(client, name, image)


def _programs() -> Path:
    """The directory of the pinned Ironic's programs, the same that labs of processes use; installed where it is missing."""
    if not installed.is_installed(build.kept()):
        with build.alone():
            if not installed.is_installed(build.kept()):
                installed.install(build.kept())
    return installed.ironic(build.kept()).parent


async def _judge(client: aiohttp.ClientSession, name: str, image: str) -> Outcome:
    ipmi = name == ironic_ipmi.NAME
    mac = f"52:54:00:00:00:{NAMES.index(name):02x}"
    machine = Machine(name="node-0", uuid=str(uuid4()), clock=lambda: datetime.now(UTC), mac_addresses=(mac,))
    done: list[str] = []
    began = time.monotonic()
    says = ""
    serving = ironic_ipmi.ipmi_bmc if ipmi else ironic_redfish.redfish_bmc
    interfaces = ironic_ipmi.INTERFACES if ipmi else ironic_redfish.interfaces(name)
    async with serving(machine, name) as driver_info:
        node = Node(client, name, machine, image)
        try:
            await node.register("ipmi" if ipmi else "redfish", driver_info, **interfaces)
            for step in steps(name):
                await step(node)
                done.append(step.__name__)
        except NodeStepError as error:
            says = str(error)
        finally:
            # Gone from Ironic before its BMC is gone.
            await node.of("/maintenance", "PUT", {"reason": "judged"})
    return Outcome(name, tuple(done), says, time.monotonic() - began)


@asynccontextmanager
async def _images() -> AsyncIterator[str]:
    """A server of one image: its URL."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=IMAGE)

    app = web.Application()
    app.router.add_get("/image.iso", answer)
    async with served(app) as port:
        yield f"http://127.0.0.1:{port}/image.iso"


def main() -> int:
    """Run, print, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=NAMES, default=[])
    names = parser.parse_args().only
    if missing := set(names) - set(present()):
        sys.stderr.write(f"{', '.join(missing)}: there is no ipmitool on PATH (apt-get or dnf install ipmitool)\n")
        return 2
    outcomes = asyncio.run(judge(names))
    for each in outcomes:
        failed = f" FAILED: {each.says}" if each.says else ""
        sys.stdout.write(f"{each.name:18} {each.seconds:5.1f} s  {' '.join(each.done)}{failed}\n")
    return 1 if any(each.says for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
