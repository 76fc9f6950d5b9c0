"""A lab tells for how long it was not idle: at work, or without a processor; and its control tells it to whoever waits for it."""

import asyncio
import time

import aiohttp

from harness.emulated.lab.idle_time import measured_loop
from harness.emulated.plan.network import EmulatedNetwork

BUSY_SECONDS = 0.3


def measured(work):
    """What a loop lost while it did this."""
    loop, lost_seconds = measured_loop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(asyncio.sleep(0))
        before = lost_seconds()
        runner.run(work())
        return lost_seconds() - before


def test_waiting_loses_nothing_and_work_all_of_its_time():
    async def rests():
        await asyncio.sleep(BUSY_SECONDS)

    async def works():
        began = time.monotonic()
        while time.monotonic() < began + BUSY_SECONDS:  # noqa: ASYNC110 - it shall be busy
            await asyncio.sleep(0)

    assert measured(works) >= 0.9 * BUSY_SECONDS
    assert measured(rests) < 0.5 * BUSY_SECONDS


async def test_the_control_tells_what_was_lost():
    network = EmulatedNetwork(lambda: 12.5)
    control = await network.start()
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{control}/pace") as answer:
            assert await answer.json() == {"lost_seconds": 12.5}
    finally:
        await network.stop()
