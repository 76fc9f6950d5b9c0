"""Connects to a lab: opens the connections for writing and all watchers, and begins the journal."""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from bmc.model import Tls
from harness.bench.bench import Bench
from harness.bench.leases.leases import held_leases
from harness.files.machine import mark
from harness.journal.facts import SIDES, IronicPlace, RunBegan, Side, WireUnverified
from harness.journal.journal import Journal
from harness.kube.awaited import open_awaited
from harness.kube.client import is_loopback, open_cluster
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterEndpoint
from harness.lab.access import BmcAccess
from harness.lab.discovery import bmc_accesses, image_urls, keep_kubeconfig, workload_cluster
from harness.lab.model import ClusterAccess, IronicAccess, Lab
from harness.processes.descriptors import have_descriptors
from harness.sight.lab_pace import LabPace
from harness.sight.own_stalls import OwnStalls
from harness.sight.source import WatchContext, owners_of, trust_of
from harness.sight.watchers import Watchers, watching

PLAIN = "plain HTTP"
SKIPPED = "its kubeconfig says insecure-skip-tls-verify"


@asynccontextmanager
async def open_bench(
    lab: Lab, directory: Path, journal: Journal, began: RunBegan, own: Collection[str] | None = None
) -> AsyncIterator[tuple[Bench, Watchers]]:
    """The bench of a lab, with every watcher ready before the block begins. `began` becomes the journal's first entry.

    Who will write gives his `own` earlier holders, or none, and holds a Lease in both clusters meanwhile: HeldError where another does.

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
        began = msgspec.structs.replace(began, **known)
        journal.record(msgspec.structs.replace(began, machine=mark_of_run(began)))
        bench = Bench(lab, directory, journal, await connected(lab, stack, namespace))
        if own is not None:
            bench.may_write = (await stack.enter_async_context(held_leases(journal, bench.clusters, own))).ask
        bench.bmcs = await bmc_accesses(lab, bench.clusters, namespace)
        have_descriptors(len(bench.bmcs))
        images = await image_urls(lab, bench.clusters, namespace)
        for wire, why in unverified_wires(lab, bench.clusters, bench.bmcs.values(), images):
            journal.record(WireUnverified(wire=wire, why=why))
        stalls = OwnStalls(journal)
        pace = LabPace(lab.network.control if lab.network else "", journal, stalls)
        place = WatchContext(lab, await connected(lab, stack, namespace), bench.bmcs, namespace, images, stalls, pace)
        watchers = await stack.enter_async_context(watching(place, journal))
        bench.leave_watch = watchers.leave
        bench.cut_watches = {name: cluster.severed for name, cluster in place.clusters.items()}
        await watchers.wait_ready()
        yield bench, watchers


def mark_of_run(began: RunBegan) -> str:
    """The mark that this machine puts on a run: on its begin, and on the lab file that `harness recover` will read."""
    return mark(began.started, f"{began.started_fraction}", began.lab_file)


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


def unverified_wires(
    lab: Lab, clusters: Mapping[str, KubeCluster], bmcs: Iterable[BmcAccess], images: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Each wire (`BMC of node-0`), and why it is not verified. On this machine itself plain HTTP is no wire."""
    for name, cluster in clusters.items():
        yield from _told(
            f"API server of cluster {name}", cluster.place.address, Tls(insecure=not cluster.place.verifies, reason=SKIPPED)
        )
    for bmc in bmcs:
        yield from _told(f"BMC of {bmc.host}", bmc.address, bmc.tls)
    for side in SIDES:
        access: IronicAccess | None = getattr(lab.ironic, side)
        if access:
            yield from _told(f"Ironic of the {side}", access.url, trust_of(access))
    for server in sorted({f"{url.scheme}://{url.netloc.rpartition('@')[2]}" for url in map(urlsplit, images)}):
        yield from _told(f"image server {server}", server, lab.images.tls)


def _told(wire: str, address: str, tls: Tls) -> Iterator[tuple[str, str]]:
    url = urlsplit(address)
    if url.scheme.endswith("http"):
        if not is_loopback(url.hostname or ""):
            yield wire, PLAIN
    elif tls.insecure and not url.scheme.startswith("ipmi"):
        yield wire, tls.reason
