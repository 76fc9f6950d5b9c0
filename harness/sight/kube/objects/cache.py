"""The last known objects of one kind in one cluster, and the fact for each new sighting."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from harness.journal.facts import Body, Change, ClusterName, ObjectSeen
from harness.journal.merge_patch import merge_patch
from harness.sight.kube.kinds import Kind
from harness.sight.kube.objects.bodies import journaled
from harness.sight.kube.objects.field_managers import KnownTimes, ManagedEntry, makers, managed_entries, times_of, writers
from harness.sight.kube.wire import Sighting

NamespacedName = tuple[str, str]


class _Known(msgspec.Struct, gc=False):
    """One living object; its journaled body and its managers' times as JSON, a sixth of what they would take as objects of Python."""

    uid: str
    version: int
    body: bytes
    managers: bytes


class ObjectCache:
    """The living objects of a kind, by namespace and name. It turns sightings, given in the server's order, into facts.

    `notice` is shown each body as it is journaled.
    """

    def __init__(self, cluster: ClusterName, kind: Kind, key: bytes, notice: Callable[[Body], None]) -> None:
        self._cluster = cluster
        self._kind = kind
        self._key = key
        self._notice = notice
        self._known: dict[NamespacedName, _Known] = {}
        self.api_version = ""

    def __len__(self) -> int:
        return len(self._known)

    def versions(self) -> dict[NamespacedName, int]:
        """The resourceVersion of each living object."""
        return {key: known.version for key, known in self._known.items()}

    def see(self, sighting: Sighting, *, inferred: bool = False) -> ObjectSeen:
        """The fact for one sighting: the whole body, or a patch if the previous version is known."""
        body = journaled(sighting.raw, self.api_version, self._kind.kind, self._key)
        entries = managed_entries(sighting.raw, self._kind.kind)
        before = self._known.pop(sighting.key, None)
        if sighting.change != "deleted":
            times = msgspec.json.encode(times_of(entries))
            self._known[sighting.key] = _Known(sighting.metadata.uid, sighting.version, msgspec.json.encode(body), times)
            self._notice(body)
        told: dict[str, Any] = {"object": body}
        if sighting.change == "modified" and before is not None and before.uid == sighting.metadata.uid:
            told = _difference(before, body, entries, inferred=inferred)
        elif sighting.change == "added" and not inferred:
            told |= {"managers": makers(entries, body)}
        return self._fact(sighting.change, sighting.key, sighting.metadata.uid, sighting.version, inferred, **told)

    def see_list(self, sightings: Sequence[Sighting]) -> Iterator[ObjectSeen]:
        """The changes since the last sightings that this list implies, all `inferred`; only the last change of each key.

        An object recreated under the same name gives a deletion and an addition.
        """
        listed = {sighting.key: sighting for sighting in sightings}
        for key, known in list(self._known.items()):
            found = listed.get(key)
            if found is None or found.metadata.uid != known.uid:
                del self._known[key]
                yield self._fact("deleted", key, known.uid, known.version, inferred=True)
        for key, sighting in listed.items():
            before = self._known.get(key)
            if before is None or before.version != sighting.version:
                sighting.change = "added" if before is None else "modified"
                yield self.see(sighting, inferred=True)

    def _fact(self, change: str, key: NamespacedName, uid: str, version: int, inferred: bool, **told: Any) -> ObjectSeen:
        return ObjectSeen(
            cluster=self._cluster,
            change=_CHANGES[change],
            kind=self._kind.kind,
            name=key[1],
            namespace=key[0],
            uid=uid,
            resource_version=str(version),
            api_version=self.api_version,
            inferred=inferred,
            **told,
        )


def _difference(before: _Known, body: Body, entries: list[ManagedEntry], *, inferred: bool) -> dict[str, Any]:
    """What a fact tells of a version beside the one before it: the patch, and who wrote it."""
    patch = merge_patch(msgspec.json.decode(before.body), body)
    times = msgspec.json.decode(before.managers, type=KnownTimes)
    return {"patch": patch, "managers": writers(times, entries, patch, inferred=inferred)}


_CHANGES: dict[str, Change] = {change: change for change in ("listed", "added", "modified", "deleted")}
