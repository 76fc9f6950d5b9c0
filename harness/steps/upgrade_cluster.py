"""Upgrade a Cluster to another Kubernetes by a rollout of its control plane, and then of its workers: new Machines from a new boot image.

What is applied is the lab file's `upgrade: {cluster: FILE}`: machine templates under new names, and what of the `spec` of the
KubeadmControlPlane and of the MachineDeployments is to be changed. Done when every Machine of them is of the new version and runs. Refused,
with nothing applied, where a version is the same or a lower one, a template is neither written nor there, or a surge finds no free server.
A rollout cannot be undone.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from harness.bench.bench import Bench
from harness.errors import StepFailedError, UsageError
from harness.journal.facts import Side
from harness.lab.manifests import Manifest
from harness.steps import settle
from harness.steps.provision import is_free, unrest
from harness.steps.upgrade_providers import apply_one, refuse_no_higher, written
from harness.world.changes.rollouts import MAKERS, machines_of, surge_of, template_of, version_of
from harness.world.world import ObjectKey, Version, World

ROLLOUT_SECONDS = 3000.0
"""Of one control plane, or one deployment: each of its servers is cleaned, imaged and booted.

Shorter than the limit of a step, so that the message names what is missing.
"""


async def step(bench: Bench, *, cluster: Side = "target") -> None:
    """Upgrade it in the cluster that has it."""
    manifests = await written(bench, "cluster", bench.lab.upgrade.cluster)
    makers = sorted((each for each in manifests if each.kind in MAKERS), key=lambda each: MAKERS.index(each.kind))
    refuse(bench, cluster, manifests, makers)
    for manifest in (each for each in manifests if each not in makers):
        await apply_one(bench, cluster, manifest)
    for maker in makers:
        write = await apply_one(bench, cluster, maker)
        await rolled_out(bench, cluster, maker)
        bench.undone(write, "it is rolled out, as was wanted")
    await settle.pause(bench, bench.journal.now(), 0.0)


def refuse(bench: Bench, side: Side, manifests: Sequence[Manifest], makers: Sequence[Manifest]) -> None:
    """UsageError, with nothing applied, where this is no upgrade, or where it could not come to its end."""
    file = bench.lab.upgrade.cluster
    if not makers:
        raise UsageError(
            f"{file}: there is no KubeadmControlPlane and no MachineDeployment in it, so nothing would be rolled out"
        )
    free = [key.name for key, version in bench.world.living(side, "BareMetalHost") if is_free(version)]
    for maker in makers:
        there = bench.world.last(side, maker.kind, maker.namespace, maker.name)
        refuse_no_higher(maker, version_of(maker.kind, there.body if there else {}), version_of(maker.kind, maker.body), side)
        name = template_of(maker.kind, maker.body)
        known = bench.world.last(side, "Metal3MachineTemplate", maker.namespace, name)
        if name and known is None and not any((each.kind, each.name) == ("Metal3MachineTemplate", name) for each in manifests):
            cure = "write it there, or name one that is"
            raise UsageError(
                f"{maker} is to make Machines of the template {name}, which is neither in {file} nor in the {side}; {cure}"
            )
        if there and surge_of(there) and not free:
            cure = "add a server, or set `maxSurge: 0`"
            raise UsageError(
                f"too few servers in the {side}: a rollout of {maker} makes a Machine more first, and no host is free; {cure}"
            )


async def rolled_out(bench: Bench, side: Side, maker: Manifest) -> None:
    """Wait until all Machines of this maker are new and run."""
    key = ObjectKey(side, maker.kind, maker.namespace, maker.name)
    missing = partial(lacking, key=key, wanted=version_of(maker.kind, maker.body))
    try:
        await bench.until(lambda world: not any(missing(world)), ROLLOUT_SECONDS, f"{maker} to be rolled out")
    except StepFailedError as error:
        raise StepFailedError(f"{error}: {'; '.join(missing(bench.world))}") from None


def lacking(world: World, key: ObjectKey, wanted: str) -> Iterator[str]:
    """What is still missing of a rollout, one text each."""
    machines = machines_of(world, key)
    maker = world.last(key.cluster, key.kind, key.namespace, key.name)
    count = maker.get("spec", "replicas") if maker else None
    if len(machines) != count:
        yield f"there are {len(machines)} Machines of {count}"
    for one, version in machines:
        if version.get("spec", "version") != wanted:
            yield f"Machine {one.name} is still of {version.get('spec', 'version')}"
        elif version.deleting or version.get("status", "phase") != "Running":
            yield f"Machine {one.name} is {version.get('status', 'phase') or 'without a phase'}"
    yield from (f"host {name} is {wrong}" for name, host in hosts(world, key) if (wrong := unrest(host)))


def hosts(world: World, key: ObjectKey) -> list[tuple[str, Version]]:
    """Every host of that side."""
    return [(one.name, version) for one, version in world.living(key.cluster, "BareMetalHost")]
