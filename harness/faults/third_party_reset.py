"""Somebody who is neither Ironic nor a controller resets a host in mid-move; its power state never shows Off at a poll."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.bench.bench import Bench
from harness.files.durations import HostName
from harness.scenario.effect import Effect, Phase, run_alongside, wait_for_phase
from harness.steps import reset


@asynccontextmanager
async def fault(
    bench: Bench,
    *,
    host: HostName = "",
    type: str = "ForceRestart",  # noqa: A002 - Redfish's own word
    when: Phase = "create",
) -> AsyncIterator[Effect]:
    """Send one Reset of this Redfish ResetType when the mover begins the phase."""
    effect = Effect()
    name = bench.host(host)

    async def inject() -> None:
        await wait_for_phase(bench, when)
        await reset.step(bench, host=name, type=type)
        effect.happened(f"the BMC of {name} took a {type}")

    async with run_alongside(inject):
        yield effect
