"""One cluster's side cannot reach a host's BMC: its connections there are refused, everybody else's are not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.bench.bench import Bench
from harness.bench.network_control import controlled
from harness.errors import UsageError
from harness.files.durations import HostName
from harness.journal.facts import ProbeSeen, Side
from harness.scenario.effect import Effect
from harness.world.world import World


@asynccontextmanager
async def fault(bench: Bench, *, from_: Side = "target", host: HostName = "") -> AsyncIterator[Effect]:
    """Cut the side's address off from the BMC, and wait until a probe has met the cut."""
    effect = Effect()
    name = bench.host(host)
    vantage = getattr(bench.lab.clusters, from_).vantage
    if not vantage:
        raise UsageError(f"{bench.lab.path}: `clusters.{from_}.vantage` is missing, so nothing can be cut off from it")
    address = bench.bmcs[name].network_address
    async with controlled(bench, "cuts", f"cut {from_} off from the BMC of {name}", {"from": vantage, "to": address}, host=name):
        limit = bench.limits.fault_seen_seconds
        await bench.until(lambda world: met(world, from_, name), limit, f"a probe from the {from_} to meet the cut")
        effect.happened(f"a probe from the {from_} could not reach the BMC of {name}")
        yield effect


def met(world: World, side: str, host: str) -> bool:
    """Did the newest probe of that BMC from that side fail?"""
    probes = [entry.fact for entry in world.probes if isinstance(entry.fact, ProbeSeen) and entry.fact.what == "bmc"]
    own = [fact for fact in probes if (fact.vantage, fact.host) == (side, host)]
    return bool(own) and not own[-1].ok
