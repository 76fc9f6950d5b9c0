"""Takes clusterctl's labels from a cluster's CRDs for a time, or puts them there; each write is journaled with its undo."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from harness.bench.bench import Bench, step_error
from harness.errors import LabBrokeError, StepFailedError, UsageError
from harness.journal.facts import Side
from harness.kube.errors import ClusterError
from harness.lab.undo import Undo, UndoAccess, unless
from harness.metal3 import CLUSTERCTL, DEFINITIONS_PATH
from harness.world.world import World, version_at

HOSTS = ("baremetalhosts.metal3.io", "hardwaredata.metal3.io")
DEFINITION = "CustomResourceDefinition"

Labels = dict[str, str]


class LabelsBack(Undo, frozen=True, kw_only=True, tag="labels"):
    """The object gets the labels back that were taken from it."""

    cluster: str
    path: str
    labels: Labels

    @property
    def touches_no_owner(self) -> bool:
        """Labels of a definition own no server."""
        return True

    async def undo(self, access: UndoAccess) -> None:
        """Put them back, where it is still there."""
        body = {"metadata": {"labels": self.labels}}
        await unless(404, lambda: access.clusters[self.cluster].patch_merge(self.path, body))


class LabelsGone(Undo, frozen=True, kw_only=True, tag="unlabel"):
    """The object loses the labels that it was given."""

    cluster: str
    path: str
    labels: list[str]

    @property
    def touches_no_owner(self) -> bool:
        """Labels of a definition own no server, but without them a move back would leave hosts behind."""
        return False

    async def undo(self, access: UndoAccess) -> None:
        """Take them away, where it is still there."""
        body = {"metadata": {"labels": dict.fromkeys(self.labels)}}
        await unless(404, lambda: access.clusters[self.cluster].patch_merge(self.path, body))


async def label_definition(bench: Bench, cluster: Side, name: str, labels: Collection[str]) -> None:
    """Put these labels on a definition, where they are missing, and wait until our watch shows them.

    UsageError where there is no such definition, StepFailedError where the cluster refuses.
    """
    there = await _labels(bench, cluster, name)
    missing = [label for label in labels if label not in there]
    if not missing:
        return
    path = f"{DEFINITIONS_PATH}/{name}"
    undo = LabelsGone(cluster=cluster, path=path, labels=missing)
    async with bench.writing(f"cluster {cluster}", f"label definition {name} with {', '.join(missing)}", undo=undo):
        await bench.ask(bench.clusters[cluster].patch_merge(path, {"metadata": {"labels": dict.fromkeys(missing, "")}}))

    def labelled(world: World) -> bool:
        version = world.last(cluster, DEFINITION, "", name)
        return version is not None and set(labels) <= set(version.labels)

    await bench.until(labelled, bench.limits.fault_seen_seconds, f"{name} in the {cluster} to have its labels")


def is_of_clusterctl(label: str) -> bool:
    """Is this the key of a label by which clusterctl finds what it moves?"""
    return label == CLUSTERCTL or label.startswith(f"{CLUSTERCTL}/")


@asynccontextmanager
async def without_labels(bench: Bench, cluster: Side, name: str, only: Collection[str] = ()) -> AsyncIterator[Labels]:
    """Take clusterctl's labels (or `only` some of them) from a definition for the time of the block; yields what was taken.

    UsageError where there is no such definition, StepFailedError where the cluster refuses. The block begins when our watch shows
    them gone, or after `fault_seen_seconds`; `lacked_since` reports whether they were gone.
    """
    taken = {label: value for label, value in (await _labels(bench, cluster, name)).items() if is_of_clusterctl(label)}
    taken = {label: value for label, value in taken.items() if label in only or not only}
    if not taken:
        yield {}
        return
    path = f"{DEFINITIONS_PATH}/{name}"
    undo = LabelsBack(cluster=cluster, path=path, labels=taken)
    async with bench.writing(f"cluster {cluster}", f"take {', '.join(taken)} from definition {name}", undo=undo) as write:
        await bench.ask(bench.clusters[cluster].patch_merge(path, {"metadata": {"labels": dict.fromkeys(taken)}}))
    try:
        with contextlib.suppress(StepFailedError):
            limit = bench.limits.fault_seen_seconds
            await bench.until(lambda world: lacks(world, cluster, name, taken), limit, f"{name} to be without its labels")
        yield taken
    finally:
        await asyncio.shield(_put_back(bench, cluster, path, taken))
        bench.undone(write)


async def _labels(bench: Bench, cluster: Side, name: str) -> Labels:
    try:
        definition = await bench.clusters[cluster].get_json(f"{DEFINITIONS_PATH}/{name}")
    except ClusterError as error:
        if error.status != 404:
            raise step_error(error) from error
        there = ", ".join(sorted(key.name for key, _ in bench.world.living(cluster, DEFINITION)))
        raise UsageError(f"the {cluster} has no definition {name}; it has {there or 'none'}") from error
    return dict(definition["metadata"].get("labels") or {})


async def _put_back(bench: Bench, cluster: Side, path: str, labels: Labels) -> None:
    try:
        await bench.clusters[cluster].patch_merge(path, {"metadata": {"labels": labels}})
    except ClusterError as error:
        raise LabBrokeError(f"the labels {', '.join(labels)} could not be put back: {error}") from error


def lacks(world: World, cluster: str, name: str, labels: Collection[str]) -> bool:
    """Is the definition there, and without any of these labels?"""
    version = world.last(cluster, DEFINITION, "", name)
    return version is not None and not set(labels) & set(version.labels)


def lacked_since(world: World, cluster: str, name: str, labels: Collection[str], since: float) -> bool:
    """Did the definition lack these labels in every version since that time (seconds)?"""
    timeline = world.timeline(cluster, DEFINITION, "", name)
    first = version_at(timeline, since)
    later = [version for version in timeline if version.entry.at > since]
    return first is not None and all(version.alive and not set(labels) & set(version.labels) for version in [first, *later])
