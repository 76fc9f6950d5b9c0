"""Connects to a lab: opens the connections for writing and all watchers, and begins the journal."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec

from harness.bench.bench import Bench
from harness.journal.facts import SIDES, IronicPlace, RunBegan, Side
from harness.journal.journal import Journal
from harness.kube.awaited import open_awaited
from harness.kube.client import open_cluster
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterEndpoint
from harness.lab.discovery import bmc_accesses, image_urls, keep_kubeconfig, workload_cluster
from harness.lab.model import ClusterAccess, IronicAccess, Lab
from harness.processes.descriptors import have_descriptors
from harness.sight.lab_pace import LabPace
from harness.sight.own_stalls import OwnStalls
from harness.sight.source import WatchContext, owners_of
from harness.sight.watchers import Watchers, watching


@asynccontextmanager
async def open_bench(lab: Lab, directory: Path, journal: Journal, began: RunBegan) -> AsyncIterator[tuple[Bench, Watchers]]:
    """The bench of a lab, with every watcher ready before the block begins. `began` becomes the journal's first entry.

    Writing and watching use separate connections, so that cutting the watches does not stop steps.
    """
    async with AsyncExitStack() as stack:
        namespace = lab.namespace
        known = {
            "speed": lab.speed,
            "namespace": namespace,
            "owners": owners_of(lab),
            "ironics": ironics_of(lab),
            "lab_file": str(lab.path.resolve()),
        }
        journal.record(msgspec.structs.replace(began, **known))
        bench = Bench(lab, directory, journal, await connected(lab, stack, namespace))
        bench.bmcs = await bmc_accesses(lab, bench.clusters, namespace)
        have_descriptors(len(bench.bmcs))
        images = await image_urls(lab, bench.clusters, namespace)
        stalls = OwnStalls(journal)
        pace = LabPace(lab.network.control if lab.network else "", journal, stalls)
        place = WatchContext(lab, await connected(lab, stack, namespace), bench.bmcs, namespace, images, stalls, pace)
        watchers = await stack.enter_async_context(watching(place, journal))
        bench.leave_watch = watchers.leave
        bench.cut_watches = {name: cluster.severed for name, cluster in place.clusters.items()}
        await watchers.wait_ready()
        yield bench, watchers


def ironics_of(lab: Lab) -> dict[Side, IronicPlace]:
    """Where each Ironic is and what it runs as, for the journal."""
    found: dict[Side, IronicPlace] = {}
    for side in SIDES:
        access: IronicAccess | None = getattr(lab.ironic, side)
        if access is not None:
            namespace, name = (access.runs_as.namespace, access.runs_as.name) if access.runs_as else ("", "")
            found[side] = IronicPlace(url=access.url.rstrip("/"), namespace=namespace, name=name)
    return found


def opened(
    lab: Lab, name: str, access: ClusterAccess, clusters: Mapping[str, KubeCluster]
) -> AbstractAsyncContextManager[KubeCluster]:
    """The cluster of this access; `clusters` has the source, where one that appears later has its kubeconfig."""
    context = access.context or None
    if not access.appears:
        return open_cluster(access.kubeconfig, context, name=name)
    place = ClusterEndpoint(name, access.kubeconfig)
    return open_awaited(access.kubeconfig, context, name=name, appear=partial(keep_kubeconfig, lab, clusters["source"], place))


async def connected(lab: Lab, stack: AsyncExitStack, namespace: str) -> dict[str, KubeCluster]:
    """Connections to both clusters, and to the workload cluster where it can be found; a target that appears later is that one too."""
    target = lab.clusters.target
    named = {"source": lab.clusters.source, "target": target}
    if workload_access := lab.clusters.workload or (target if target.appears else None):
        named["workload"] = workload_access
    clusters: dict[str, KubeCluster] = {}
    for name, access in named.items():
        clusters[name] = await stack.enter_async_context(opened(lab, name, access, clusters))
    if "workload" not in clusters:
        workload = await workload_cluster(clusters, namespace, stack)
        clusters |= {"workload": workload} if workload else {}
    return clusters
