"""The API server of every cluster: every kind that matters, by watches of our own."""

import copy
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import msgspec

from harness.journal.facts import SIDES, AnyFact, Body, FieldManager, ObjectSeen
from harness.journal.journal import Journal
from harness.journal.merge_patch import merge_patch
from harness.lab.model import IronicAccess, Lab
from harness.sight.kube.backoff import KubeSightLimits
from harness.sight.kube.cluster import KubeSight, served_kinds
from harness.sight.kube.followed import FollowedKinds
from harness.sight.kube.kinds import PIVOT_KINDS, WORKLOAD_KINDS, Kind
from harness.sight.kube.objects.bodies import closed
from harness.sight.kube.objects.field_managers import KnownTimes, makers, managed_entries, times_of, writers
from harness.sight.kube.served import CommonVersions
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
    limits = KubeSightLimits()
    served = {name: served_kinds(cluster, journal, limits) for name, cluster in context.clusters.items()}
    versions = CommonVersions({side: served[side] for side in SIDES if side in served})
    for name, cluster in context.clusters.items():
        sight = KubeSight(
            cluster,
            name,  # type: ignore[arg-type]
            journal,
            kinds=WORKLOAD_KINDS if name == "workload" else (*PIVOT_KINDS, *_ironic_kinds(context.lab, name)),
            namespace=context.namespace,
            key=key,
            limits=limits,
            followed=followed if name in SIDES else None,
            versions=versions if name in SIDES else CommonVersions({name: served[name]}),
        )
        end = partial(sight.barrier, context.limits.close_seconds)
        watches.append(Watch(cluster_watch(name), sight, end, ends_itself=True, leave=end))
    yield watches


def cluster_watch(name: str) -> str:
    """What the watch of this cluster is called."""
    return f"cluster {name}"


def _ironic_kinds(lab: Lab, side: str) -> tuple[Kind, ...]:
    """The Pods of this side's Ironic: they distinguish its absence from a gap in coverage."""
    access: IronicAccess | None = getattr(lab.ironic, side)
    return (msgspec.structs.replace(POD, namespace=access.runs_as.namespace),) if access and access.runs_as else ()


class _Versions:
    """Turns the rows of one recording into facts; of each object it remembers the version before."""

    def __init__(self) -> None:
        """No row was read yet."""
        self._known: dict[tuple[str, ...], tuple[Body, KnownTimes]] = {}
        self._key = secrets.token_bytes(32)

    def convert(self, row: Body) -> tuple[float, AnyFact]:
        """One watch event."""
        body = {name: value for name, value in row["object"].items() if name != "metadata"}
        metadata = row["object"].get("metadata") or {}
        body["metadata"] = {name: value for name, value in metadata.items() if name != "managedFields"}
        body = closed(copy.deepcopy(body), str(body.get("apiVersion") or ""), row["kind"], self._key)
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
            managers=self._managers(row, body, metadata),
        )
        return row["at"] - (0.0 if row["type"] == "LISTED" else LATENESS_SECONDS), fact

    def _managers(self, row: Body, body: Body, metadata: Body) -> list[FieldManager]:
        """Who wrote this version, by the managedFields that the row has."""
        key = (row["cluster"], row["kind"], row.get("ns") or "", row["name"], metadata.get("uid") or "")
        entries = managed_entries(msgspec.json.encode(row["object"]), row["kind"])
        before = self._known.pop(key, None)
        if row["type"] == "DELETED":
            return []
        self._known[key] = (body, times_of(entries))
        if row["type"] == "MODIFIED" and before:
            return writers(before[1], entries, merge_patch(before[0], body))
        return makers(entries, body) if row["type"] == "ADDED" else []


SOURCE = Source(_opened, begins="last", recording=Recording("watch", "kube", lambda: _Versions().convert))
