"""The API server of every cluster: every kind that matters, by watches of our own."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import msgspec

from harness.journal.facts import SIDES, AnyFact, Body, ObjectSeen
from harness.journal.journal import Journal
from harness.lab.model import IronicAccess, Lab
from harness.sight.kube.cluster import KubeSight
from harness.sight.kube.followed import FollowedKinds
from harness.sight.kube.kinds import PIVOT_KINDS, WORKLOAD_KINDS, Kind
from harness.sight.source import Recording, Source, Watch, WatchContext

POD = Kind("Pod")
LATENESS_SECONDS = 0.3
"""Maximum delay between an event and the timestamp of its recorded row (see the format's description)."""
CHANGES = ("LISTED", "ADDED", "MODIFIED", "DELETED")


@asynccontextmanager
async def _opened(context: WatchContext, journal: Journal) -> AsyncIterator[Sequence[Watch]]:
    """A watcher for each cluster; it ends by proving that nothing is missing. Each side also watches the kinds that the other names."""
    key = secrets.token_bytes(32)
    watches: list[Watch] = []
    followed = FollowedKinds((*PIVOT_KINDS, POD))
    for name, cluster in context.clusters.items():
        sight = KubeSight(
            cluster,
            name,  # type: ignore[arg-type]
            journal,
            kinds=WORKLOAD_KINDS if name == "workload" else (*PIVOT_KINDS, *_ironic_kinds(context.lab, name)),
            namespace=context.namespace,
            bodies=context.bodies,
            key=key,
            followed=followed if name in SIDES else None,
        )
        watches.append(Watch(f"cluster {name}", sight, partial(sight.barrier, context.limits.close_seconds), ends_itself=True))
    yield watches


def _ironic_kinds(lab: Lab, side: str) -> tuple[Kind, ...]:
    """The Pods of this side's Ironic: they distinguish its absence from a gap in coverage."""
    access: IronicAccess | None = getattr(lab.ironic, side)
    return (msgspec.structs.replace(POD, namespace=access.runs_as.namespace),) if access and access.runs_as else ()


def _object_seen(row: Body) -> tuple[float, AnyFact]:
    """One watch event."""
    body = {name: value for name, value in row["object"].items() if name != "metadata"}
    metadata = row["object"].get("metadata") or {}
    body["metadata"] = {name: value for name, value in metadata.items() if name != "managedFields"}
    if row["type"] not in CHANGES:
        raise ValueError(f"type {row['type']!r} is none of {', '.join(CHANGES)}")
    fact = ObjectSeen(
        cluster=row["cluster"],
        change=row["type"].lower(),
        kind=row["kind"],
        name=row["name"],
        uid=metadata.get("uid") or "",
        resource_version=str(row.get("resourceVersion") or ""),
        api_version=row["object"].get("apiVersion") or "",
        namespace=row.get("ns") or "",
        object=body,
    )
    return row["at"] - (0.0 if row["type"] == "LISTED" else LATENESS_SECONDS), fact


SOURCE = Source(_opened, begins="last", recording=Recording("watch", "kube", lambda: _object_seen))
