"""When a cluster ran an Ironic of its own, as its Deployment and its Pods show."""

from harness.journal.entry import FOREVER
from harness.journal.facts import Body, IronicPlace
from harness.world.coverage import SightKey
from harness.world.ironic.intervals import Span, without
from harness.world.world import ObjectKey, Timeline, Version, World, answered_once

KINDS = ("Deployment", "Pod")
CONTAINER = "ironic"
"""As it is called in the manifests of Baremetal Operator and of ironic-standalone-operator."""

ENDED_PHASES = ("Succeeded", "Failed")


def ironic_place(world: World, side: str) -> IronicPlace | None:
    """Where this side's Ironic is, and what it runs as; None where the lab does not tell."""
    return {str(name): known for name, known in world.run.ironics.items()}.get(side) if world.run else None


@answered_once
def absences(world: World, side: str) -> list[Span]:
    """The intervals in which this cluster certainly ran no Ironic; empty if that was not covered."""
    known = ironic_place(world, side)
    sights = [sight for kind in KINDS for sight in world.coverage.of(SightKey("kube", side, kind)) if sight.began]
    if known is None or not known.name or {sight.key.kind for sight in sights} != set(KINDS):
        return []
    began = max(sight.began.at for sight in sights if sight.began)
    gaps = [Span(gap.since, gap.until) for kind in KINDS for gap in world.coverage.gaps(SightKey("kube", side, kind))]
    return without([Span(began, FOREVER)], [*running(world, side, known), *gaps])


def running(world: World, side: str, known: IronicPlace) -> list[Span]:
    """The intervals in which one of its Pods may have lived, or its Deployment wanted one."""
    return [span for key in keys(world, side, known) for span in _running(world.objects[key], key.kind, known)]


def living_pods(world: World, side: str) -> list[str]:
    """The names of its Ironic's Pods that are there now."""
    known = ironic_place(world, side)
    found = [key for key in keys(world, side, known) if key.kind == "Pod"] if known else []
    return [key.name for key in found if known and _runs(world.objects[key][-1], key.kind, known)]


def keys(world: World, side: str, known: IronicPlace) -> list[ObjectKey]:
    """The Deployments and Pods of its namespace; none where it does not run in its cluster."""
    return [key for kind in KINDS for key in world.keys(side, kind) if known.name and key.namespace == known.namespace]


def _running(timeline: Timeline, kind: str, known: IronicPlace) -> list[Span]:
    found: list[Span] = []
    since: float | None = None
    for version in timeline:
        runs = _runs(version, kind, known)
        if runs and since is None:
            since = version.entry.since
        elif not runs and since is not None:
            found.append(Span(since, version.entry.at))
            since = None
    return [*found, *([Span(since, FOREVER)] if since is not None else [])]


def _runs(version: Version, kind: str, known: IronicPlace) -> bool:
    """A Pod of it until its end, a Deployment of it until it has neither replicas nor the wish for any."""
    if not version.alive or not _is_ironic(version, known):
        return False
    if kind == "Deployment":
        return version.get("spec", "replicas") != 0 or bool(version.get("status", "replicas"))
    return version.get("status", "phase") not in ENDED_PHASES


def _is_ironic(version: Version, known: IronicPlace) -> bool:
    """Is it named as the lab file says, or made of it, or has it a container `ironic`?"""
    name = str(version.metadata.get("name", ""))
    containers = version.get("spec", "containers") or version.get("spec", "template", "spec", "containers") or []
    return _is_named(name, known.name) or _has_ironic(containers)


def is_pod_of_ironic(pod: Body, name: str) -> bool:
    """The same of a Pod as its cluster has it."""
    containers = (pod.get("spec") or {}).get("containers") or []
    return _is_named(str(pod["metadata"]["name"]), name) or _has_ironic(containers)


def _is_named(own: str, name: str) -> bool:
    return own == name or own.startswith(f"{name}-")


def _has_ironic(containers: list[Body]) -> bool:
    return CONTAINER in [each.get("name") for each in containers]
