"""The recorder as a process of its own, as users run it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

LIMIT_SECONDS = 20.0


@asynccontextmanager
async def recorder(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict]]:
    """`python -m bmc.recorder` while the block runs: the process, and its first line."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bmc.recorder", *arguments, stdout=pipe, stderr=pipe)
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            yield process, json.loads(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def failing(*arguments: str) -> tuple[int, str]:
    """Exit code and words of a recorder that does not come up."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bmc.recorder", *arguments, stdout=pipe, stderr=pipe)
    async with asyncio.timeout(LIMIT_SECONDS):
        _, said = await process.communicate()
    return process.returncode, said.decode()
