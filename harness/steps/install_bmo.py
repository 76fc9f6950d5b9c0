"""Install the Baremetal Operator in a cluster: apply the lab file's `init: {bmo: FILE}`, and wait until its Deployment is available.

What is there already stays as it is; an operator that is scaled to nothing is started. Refused, as `start_bmo` is, beside a host that the
other cluster owns.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from harness.bench.bench import Bench, replicas_of, step_error
from harness.bench.operator import start_operator
from harness.errors import StepFailedError, UsageError
from harness.journal.facts import Side
from harness.kube.absent import NOT_FOUND
from harness.kube.discovery import ApiResource
from harness.kube.errors import ClusterError
from harness.lab.manifests import Manifest, components_of
from harness.metal3 import BMO_DEPLOYMENT
from harness.move.interlock import refuse_two_owners
from harness.steps.provision import create, exists
from harness.world.coverage import SightKey
from harness.world.moved_kinds import kind_name
from harness.world.world import World

SERVED_SECONDS = 60.0
"""An API server takes a moment to serve what was defined just now."""
SERVED_POLL_SECONDS = 0.2
FIRST = ("Namespace", "CustomResourceDefinition")
"""What is applied before all else, in this order."""


async def step(bench: Bench, *, cluster: Side = "target") -> str:
    """Apply it to this cluster."""
    await bench.require(cluster)
    await refuse_two_owners(bench, cluster, "the Baremetal Operator")
    said = ""
    if bench.lab.init.bmo or not has_deployment(bench, cluster, BMO_DEPLOYMENT):
        said = await apply(bench, cluster, named(bench, "bmo", bench.lab.init.bmo))
    limit = bench.limits.operator_start_seconds
    await bench.until(lambda _: has_deployment(bench, cluster, BMO_DEPLOYMENT), limit, f"{BMO_DEPLOYMENT} in the {cluster}")
    if not replicas_of(bench.world, cluster, bench.bmo_deployment(cluster)):
        await start_operator(bench, cluster)
    return said


def has_deployment(bench: Bench, side: Side, name: str) -> bool:
    """Was a Deployment of that name seen in this cluster?"""
    return any(key.name == name for key, _ in bench.world.living(side, "Deployment"))


def named(bench: Bench, key: str, path: Path | None) -> Path:
    """The file that the lab file names. UsageError where it names none."""
    if path is None:
        cure = f"name there what you would apply by hand, as `init: {{{key}: FILE}}`"
        raise UsageError(f"{bench.lab.path}: `init.{key}` is missing, so this cannot be installed; {cure}")
    return path


async def apply(bench: Bench, side: Side, path: Path) -> str:
    """Create of a file what is not there yet, definitions first, and wait until its Deployments are available; what was there already."""
    listed = await asyncio.to_thread(components_of, path)
    manifests = sorted(listed, key=lambda each: FIRST.index(each.kind) if each.kind in FIRST else len(FIRST))
    since = bench.journal.now()
    made: list[Manifest] = []
    for manifest in manifests:
        place = await served_path(bench, side, manifest)
        if not await exists(bench, side, place):
            await create(bench, side, manifest, place)
            made.append(manifest)
    await until_available(bench, side, manifests)
    await until_watched(bench, side, made, since)
    kept = len(manifests) - len(made)
    return f"{kept} of {len(manifests)} objects of {path.name} were there already" if kept else ""


async def until_watched(bench: Bench, side: Side, made: Sequence[Manifest], since: float) -> None:
    """Wait until our watches see what was made, and the kinds that were defined: what is judged next is judged by them."""
    kinds = [each.body["spec"] for each in made if each.kind == "CustomResourceDefinition"]
    keys = [SightKey("kube", side, kind_name(spec["names"]["kind"], spec["group"])) for spec in kinds]

    def seen(world: World) -> bool:
        sights = [sight for key in keys if (sight := world.coverage.sights.get(key))]
        fresh = all(sight.began is not None and sight.began.at > since and sight.lost is None for sight in sights)
        return fresh and all(is_seen(world, side, each) for each in made)

    await bench.until(seen, bench.limits.operator_start_seconds, f"our watches of the {side} to see what was installed")


def is_seen(world: World, side: Side, manifest: Manifest) -> bool:
    """Does our watch of its kind, where there is one, show the object?"""
    kind = kind_name(manifest.kind, manifest.group)
    watched = world.coverage.sights.get(SightKey("kube", side, kind)) is not None
    return not watched or world.last(side, kind, manifest.namespace, manifest.name) is not None


async def served_path(bench: Bench, side: Side, manifest: Manifest) -> str:
    """Where the object will be; StepFailedError where its kind does not come to be served."""
    try:
        async with asyncio.timeout(SERVED_SECONDS):
            while not (served := await served_now(bench, side, manifest)):  # noqa: ASYNC110 - asked, as the API has it
                await asyncio.sleep(SERVED_POLL_SECONDS)
    except TimeoutError:
        kind = f"{manifest.kind} of {manifest.group or 'the core'}"
        raise StepFailedError(f"waited {SERVED_SECONDS:.0f} s for the {side} to serve {kind}, in vain") from None
    return msgspec.structs.replace(served, version=manifest.version).path(manifest.namespace, manifest.name)


async def served_now(bench: Bench, side: Side, manifest: Manifest) -> ApiResource | None:
    """Where the kind is served; None where it is not yet: a group may be told a moment before its kinds are."""
    try:
        return await bench.clusters[side].resource(manifest.group, manifest.kind)
    except ClusterError as error:
        if error.status == NOT_FOUND:
            return None
        raise step_error(error) from error


async def until_available(bench: Bench, side: Side, manifests: Sequence[Manifest]) -> None:
    """Wait until every Deployment of these that wants a replica has one."""
    wanted = [each for each in manifests if each.kind == "Deployment" and (each.body.get("spec") or {}).get("replicas", 1)]
    for each in wanted:
        if await replicas_wanted(bench, side, each):
            name = f"{each.namespace}/{each.name}"
            limit = bench.limits.operator_start_seconds
            await bench.until(partial(has_replica, side=side, name=name), limit, f"{name} in the {side}")


def has_replica(world: World, *, side: Side, name: str) -> bool:
    """Is the Deployment (`namespace/name`) available?"""
    return bool(replicas_of(world, side, name))


async def replicas_wanted(bench: Bench, side: Side, manifest: Manifest) -> int:
    """How many replicas a Deployment is told to have now: one that was there already may have none."""
    body = await bench.ask(bench.clusters[side].get_json(await served_path(bench, side, manifest)))
    return int((body.get("spec") or {}).get("replicas", 1))
