"""The status annotation of a host vanishes in a cluster before the host is un-paused there.

The Baremetal Operator of that cluster then takes a running server for a new one: it re-inspects and re-images it (recorded run d).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.bench.bench import Bench
from harness.files.durations import HostName
from harness.journal.facts import Side
from harness.metal3 import HOSTS_PATH, STATUS
from harness.scenario.effect import PHASE_WAIT_SECONDS, Effect, run_alongside


@asynccontextmanager
async def fault(bench: Bench, *, host: HostName = "", cluster: Side = "target") -> AsyncIterator[Effect]:
    """Take the annotation away as soon as the host appears."""
    effect = Effect()
    name = bench.host(host)

    async def inject() -> None:
        await bench.until(
            lambda world: world.last(cluster, "BareMetalHost", bench.namespace, name) is not None, PHASE_WAIT_SECONDS, name
        )
        path = f"{HOSTS_PATH.format(namespace=bench.namespace)}/{name}"
        async with bench.writing(f"cluster {cluster}", f"remove the status annotation of {name}", host=name):
            await bench.ask(bench.clusters[cluster].patch_merge(path, {"metadata": {"annotations": {STATUS: None}}}))
        version = bench.world.last(cluster, "BareMetalHost", bench.namespace, name)
        state = version and version.get("status", "provisioning", "state")
        if not state:
            effect.happened(f"the status annotation of {name} was removed while its status was empty")

    async with run_alongside(inject):
        yield effect
