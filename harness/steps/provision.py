"""Provision a Cluster from zero: apply the lab file's `manifests`, hosts first, and wait until every host and Machine is there.

It is `provision_cluster`, `provision_control_plane` and `provision_worker` at once. If the scenario is interrupted before a move has
begun, everything is deleted again, newest first.
"""

from collections.abc import Iterator, Sequence

import msgspec

from harness.bench.bench import Bench, step_error
from harness.errors import StepFailedError, UsageError
from harness.journal.facts import SIDES, Side
from harness.kube.errors import ClusterError
from harness.lab.created import DeleteCreated
from harness.lab.manifests import Manifest, ProvisionStage, hosts_in, machines_wanted, manifests_of, of_stage
from harness.metal3 import CONTROL_PLANE
from harness.steps import settle
from harness.world.world import Version, World

PROVISION_SECONDS = 3000.0
"""Servers are inspected, cleaned, imaged, and booted four times.

Shorter than the limit of a step, so that the message names what is missing.
"""
AT_REST = ("available", "ready", "provisioned", "externally provisioned")
STAGES: tuple[ProvisionStage, ...] = ("cluster", "control_plane", "worker")


async def step(bench: Bench, *, cluster: Side = "source") -> None:
    """Apply hosts and Cluster to this cluster; done when all Machines run and everything has been quiet for a moment."""
    await provision(bench, cluster, STAGES)


async def provision(bench: Bench, side: Side, stages: Sequence[ProvisionStage]) -> None:
    """Apply what belongs to these stages, and wait for it. UsageError, with nothing applied, where that cannot be."""
    listed = written(bench)
    refuse_without_servers(bench, side, listed, stages)
    manifests = [each for each in listed if any(each in of_stage(listed, stage) for stage in stages)]
    refuse_what_is_elsewhere(bench, side, manifests)
    paths = [await path_of(bench, side, each) for each in manifests]
    await refuse_what_is_there(bench, side, manifests, paths)
    for manifest, path in zip(manifests, paths, strict=True):
        await create(bench, side, manifest, path)
    try:
        await bench.until(lambda world: not any(lacking(world, side, listed, stages)), PROVISION_SECONDS, "all Machines to run")
    except StepFailedError as error:
        raise StepFailedError(f"{error}: {'; '.join(lacking(bench.world, side, listed, stages))}") from None
    await settle.pause(bench, bench.journal.now(), 0.0)


def written(bench: Bench) -> tuple[Manifest, ...]:
    """The lab's manifests. UsageError where it names none, or where they make no control plane."""
    manifests = manifests_of(bench.lab)
    if not manifests:
        cure = "name both files there, or write `embedded: {provisioned: false}` for a lab that comes with them"
        raise UsageError(
            f"{bench.lab.path}: `manifests: {{hosts: ..., cluster: ...}}` is missing, so nothing can be applied; {cure}"
        )
    if not machines_wanted(of_stage(manifests, "control_plane")):
        file = bench.lab.manifests.cluster if bench.lab.manifests else ""
        cure = f"name a KubeadmControlPlane there, or Machines with the label {CONTROL_PLANE}"
        raise UsageError(f"{file}: there is no control plane in it, and a Cluster without one never runs; {cure}")
    return manifests


def refuse_without_servers(bench: Bench, side: Side, listed: Sequence[Manifest], stages: Sequence[ProvisionStage]) -> None:
    """UsageError where there are fewer free servers than these stages, or with the Cluster all of them, make Machines."""
    first = "cluster" in stages
    wanted = sum(machines_wanted(of_stage(listed, stage)) for stage in (STAGES if first else stages))
    free = [key.name for key, version in bench.world.living(side, "BareMetalHost") if is_free(version)]
    free += [each.name for each in hosts_in(listed) if first and each.name not in free]
    if len(free) < wanted:
        named = ", ".join(free) or "none"
        cure = "name more hosts in the lab's manifests, or want fewer Machines"
        raise UsageError(
            f"too few servers in the {side}: {wanted} Machines are wanted, and {len(free)} are free ({named}); {cure}"
        )


def is_free(host: Version) -> bool:
    """May a Machine take this host?"""
    taken = host.get("spec", "consumerRef") or host.get("spec", "image") or host.get("spec", "externallyProvisioned")
    return not (taken or host.deleting)


async def require_cluster(bench: Bench, side: Side, *, initialized: bool) -> None:
    """UsageError where the Cluster of the manifests is not there, or has not the control plane that its workers join."""
    for manifest in (each for each in written(bench) if each.kind == "Cluster"):
        found = bench.world.last(side, "Cluster", manifest.namespace, manifest.name)
        if found is None:
            other = SIDES[1 - SIDES.index(side)]
            elsewhere = bench.world.last(other, "Cluster", manifest.namespace, manifest.name)
            cure = (
                f"it is in the {other}: name that"
                if elsewhere
                else "the step `provision_cluster` comes first, in the same cluster"
            )
            raise UsageError(f"there is no {manifest} in the {side}; {cure}")
        if initialized and not is_initialized(found):
            raise UsageError(
                f"{manifest} has no control plane yet that a worker could join; `provision_control_plane` comes first"
            )


async def path_of(bench: Bench, side: Side, manifest: Manifest) -> str:
    """Where the object will be, in its own version; UsageError where the cluster knows no such kind."""
    try:
        served = await bench.clusters[side].resource(manifest.group, manifest.kind)
    except ClusterError as error:
        raise step_error(error) from error
    if served is None:
        raise UsageError(f"{manifest}: the {side} serves no {manifest.kind} of {manifest.group}; install what defines it first")
    return msgspec.structs.replace(served, version=manifest.version).path(manifest.namespace, manifest.name)


def refuse_what_is_elsewhere(bench: Bench, side: Side, manifests: Sequence[Manifest]) -> None:
    """UsageError, with nothing applied, where the other cluster has one of these hosts or Clusters: servers would have two owners."""
    other = SIDES[1 - SIDES.index(side)]
    there = [
        str(each)
        for each in manifests
        if each.kind in ("BareMetalHost", "Cluster") and bench.world.last(other, each.kind, each.namespace, each.name)
    ]
    if there:
        cure = f"go on in the {other}, or deprovision it there first"
        raise UsageError(f"{', '.join(there)}: in the {other} already, and servers would have two owners; {cure}")


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
        raise step_error(error) from error
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


def lacking(world: World, side: Side, manifests: Sequence[Manifest], stages: Sequence[ProvisionStage] = STAGES) -> Iterator[str]:
    """What is still missing of these stages, one text each."""
    for manifest in hosts_in(manifests):
        host = world.last(side, "BareMetalHost", manifest.namespace, manifest.name)
        if wrong := unrest(host):
            yield f"host {manifest.name} is {wrong}"
    for manifest in manifests:
        cluster = world.last(side, "Cluster", manifest.namespace, manifest.name) if manifest.kind == "Cluster" else None
        if manifest.kind != "Cluster":
            continue
        if "cluster" not in stages or "control_plane" in stages:
            if cluster is None or not is_initialized(cluster):
                yield f"Cluster {manifest.name} has no control plane yet"
        elif cluster is None or not cluster.get("status", "initialization", "infrastructureProvisioned"):
            yield f"Cluster {manifest.name} has no infrastructure yet"
    yield from lacking_machines(world, side, manifests, stages)


def lacking_machines(world: World, side: Side, manifests: Sequence[Manifest], stages: Sequence[ProvisionStage]) -> Iterator[str]:
    """The Machines of these stages that do not run, or are not there."""
    roles = {True: "control_plane", False: "worker"}
    machines = [
        (key.name, version.get("status", "phase"))
        for key, version in world.living(side, "Machine")
        if roles[CONTROL_PLANE in version.labels] in stages
    ]
    yield from (f"Machine {name} is {phase or 'without a phase'}" for name, phase in machines if phase != "Running")
    wanted = sum(machines_wanted(of_stage(manifests, stage)) for stage in stages)
    if len(machines) < wanted:
        yield f"there are {len(machines)} of {wanted} Machines"


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
