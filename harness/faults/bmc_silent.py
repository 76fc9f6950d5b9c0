"""A host's BMC answers nobody: connections are taken and nothing comes back. Without a host: every BMC.

The block begins once each BMC was seen to be silent, because a short move could be over before that.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from harness.bench.bench import Bench
from harness.bench.network_control import controlled
from harness.errors import StepFailedError
from harness.files.durations import HostName
from harness.journal.facts import SightLost
from harness.scenario.effect import Effect


@asynccontextmanager
async def fault(bench: Bench, *, host: HostName = "") -> AsyncIterator[Effect]:
    """Silence it while the block runs; the effect is that our watcher loses it."""
    effect = Effect()
    names = [bench.host(host)] if host else list(bench.bmcs)
    first = len(bench.journal.entries)
    async with AsyncExitStack() as stack:
        for name in names:
            address = bench.bmcs[name].network_address
            await stack.enter_async_context(
                controlled(bench, "silences", f"silence the BMC of {name}", {"address": address}, host=name)
            )
        with suppress(StepFailedError):
            limit = bench.limits.fault_seen_seconds
            await bench.until(lambda _: _lost(bench, first) >= set(names), limit, "sight of the BMCs to be lost")
        yield effect
        if lost := _lost(bench, first) & set(names):
            effect.happened(f"lost sight of the BMC of {', '.join(sorted(lost))}")
        else:
            effect.says = "no sight of a BMC was lost"


def _lost(bench: Bench, first: int) -> set[str]:
    """The hosts of whose BMC sight was lost since that entry."""
    return {entry.fact.host for entry in bench.journal.entries[first:] if isinstance(entry.fact, SightLost)}
