"""Provision a Cluster from zero: apply the lab file's `manifests`, hosts first, and wait until every host and Machine is there.

If the scenario is interrupted before a move has begun, everything is deleted again, newest first.
"""

from collections.abc import Iterator, Sequence

import msgspec

from harness.bench.bench import Bench
from harness.errors import StepFailedError, UsageError
from harness.journal.facts import Side
from harness.kube.errors import ClusterError
from harness.lab.created import DeleteCreated
from harness.lab.manifests import Manifest, hosts_in, machines_wanted, manifests_of
from harness.steps import settle
from harness.world.world import Version, World

PROVISION_SECONDS = 3000.0
"""Servers are inspected, cleaned, imaged, and booted four times.

Shorter than the limit of a step, so that the message names what is missing.
"""
AT_REST = ("available", "ready", "provisioned", "externally provisioned")


async def step(bench: Bench, *, cluster: Side = "source") -> None:
    """Apply hosts and Cluster to this cluster; done when all Machines run and everything has been quiet for a moment."""
    manifests = manifests_of(bench.lab)
    if not manifests:
        cure = "name both files there, or write `embedded: {provisioned: false}` for a lab that comes with them"
        raise UsageError(
            f"{bench.lab.path}: `manifests: {{hosts: ..., cluster: ...}}` is missing, so nothing can be applied; {cure}"
        )
    paths = [await path_of(bench, cluster, each) for each in manifests]
    await refuse_what_is_there(bench, cluster, manifests, paths)
    for manifest, path in zip(manifests, paths, strict=True):
        await create(bench, cluster, manifest, path)
    try:
        await bench.until(lambda world: not any(lacking(world, cluster, manifests)), PROVISION_SECONDS, "all Machines to run")
    except StepFailedError as error:
        raise StepFailedError(f"{error}: {'; '.join(lacking(bench.world, cluster, manifests))}") from None
    await settle.pause(bench, bench.journal.now(), 0.0)


async def path_of(bench: Bench, side: Side, manifest: Manifest) -> str:
    """Where the object will be, in its own version; UsageError where the cluster knows no such kind."""
    try:
        served = await bench.clusters[side].resource(manifest.group, manifest.kind)
    except ClusterError as error:
        raise StepFailedError(str(error)) from error
    if served is None:
        raise UsageError(f"{manifest}: the {side} serves no {manifest.kind} of {manifest.group}; install what defines it first")
    return msgspec.structs.replace(served, version=manifest.version).path(manifest.namespace, manifest.name)


async def refuse_what_is_there(bench: Bench, side: Side, manifests: Sequence[Manifest], paths: Sequence[str]) -> None:
    """UsageError, with nothing applied, where one of the objects is there already: it is somebody else's."""
    there = [manifest for manifest, path in zip(manifests, paths, strict=True) if await exists(bench, side, path)]
    if there:
        named = ", ".join(map(str, there))
        raise UsageError(
            f"{named}: already in the {side}, and provisioning begins from zero; delete that first, or leave this step out"
        )


async def exists(bench: Bench, side: Side, path: str) -> bool:
    """Is there such an object?"""
    try:
        await bench.clusters[side].get_json(path)
    except ClusterError as error:
        if error.status == 404:
            return False
        raise StepFailedError(str(error)) from error
    return True


async def create(bench: Bench, side: Side, manifest: Manifest, path: str) -> None:
    """Create one object. Its undo is journaled before; where somebody was faster, there is nothing to undo."""
    undo = DeleteCreated(cluster=side, path=path, until_gone=True)
    host = manifest.name if manifest.kind == "BareMetalHost" else ""
    async with bench.writing(f"cluster {side}", f"create {manifest}", host=host, undo=undo) as write:
        try:
            await bench.clusters[side].create(path.rpartition("/")[0], manifest.body)
        except ClusterError as error:
            if error.status in range(400, 500):
                bench.undone(write, "was not created")
            raise StepFailedError(f"{manifest}: {error}") from error


def lacking(world: World, side: Side, manifests: Sequence[Manifest]) -> Iterator[str]:
    """What is still missing, one text each."""
    for manifest in hosts_in(manifests):
        host = world.last(side, "BareMetalHost", manifest.namespace, manifest.name)
        if wrong := unrest(host):
            yield f"host {manifest.name} is {wrong}"
    for manifest in manifests:
        cluster = world.last(side, "Cluster", manifest.namespace, manifest.name) if manifest.kind == "Cluster" else None
        if manifest.kind == "Cluster" and (cluster is None or not is_initialized(cluster)):
            yield f"Cluster {manifest.name} has no control plane yet"
    machines = [(key.name, version.get("status", "phase")) for key, version in world.living(side, "Machine")]
    yield from (f"Machine {name} is {phase or 'without a phase'}" for name, phase in machines if phase != "Running")
    if len(machines) < machines_wanted(manifests):
        yield f"there are {len(machines)} of {machines_wanted(manifests)} Machines"


def unrest(host: Version | None) -> str:
    """Why the host is not in its wanted state; empty if it is."""
    state = str(host.get("status", "provisioning", "state") or "") if host else ""
    if host is None or state not in (AT_REST[2:] if host.get("spec", "consumerRef") else AT_REST):
        return f"`{state}`" if state else "without status"
    if host.get("status", "operationalStatus") != "OK":
        return f"`{state}`, in trouble: {host.get('status', 'errorMessage') or host.get('status', 'operationalStatus')}"
    if host.get("status", "poweredOn") is not bool(host.get("spec", "online")):
        return f"`{state}`, and its power is not as its spec wants it"
    return ""


def is_initialized(cluster: Version) -> bool:
    """Does the Cluster say that it has a control plane?"""
    said = cluster.get("status", "conditions") or []
    return any(each.get("type") == "ControlPlaneInitialized" and each.get("status") == "True" for each in said)
