"""A host's BMC answers nobody: connections are taken and nothing comes back. Without a host: every BMC."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from harness.arguments import Host
from harness.bench import Bench
from harness.effect import Effect
from harness.facts import SightLost
from harness.network_control import controlled


@asynccontextmanager
async def fault(bench: Bench, *, host: Host = "") -> AsyncIterator[Effect]:
    """Silence it for the time of the block; that we lost sight of it is the effect."""
    effect = Effect()
    names = [bench.host(host)] if host else list(bench.bmcs)
    first = len(bench.journal.entries)
    async with AsyncExitStack() as stack:
        for name in names:
            address = bench.bmcs[name].network_address
            await stack.enter_async_context(
                controlled(bench, "silences", f"silence the BMC of {name}", {"address": address}, host=name)
            )
        yield effect
        lost = {entry.fact.host for entry in bench.journal.entries[first:] if isinstance(entry.fact, SightLost)}
        if lost & set(names):
            effect.happened(f"lost sight of the BMC of {', '.join(sorted(lost & set(names)))}")
        else:
            effect.says = "no sight of a BMC was lost"
