"""Which field managers wrote a version of an object: by its `managedFields`, and those of the version before.

An API server keeps with each object which manager sets which fields, and since when (in whole seconds). One write makes one version, so
its author owns what was set in it; where something was only removed, it is the one whose time moved. What neither tells is not guessed.
Paths are kept, values never.
"""

from collections.abc import Iterable
from itertools import chain
from typing import Any

import msgspec

from harness.journal.facts import Body, FieldManager

PATHS_MAX = 8
"""More of them are told by what they have in common."""
PATH_CHARACTERS_MAX = 160
MANAGER_CHARACTERS_MAX = 128
MANAGERS_MAX = 4
"""How many a version that was listed after a gap may tell."""

UNTOLD_KINDS = frozenset({"Event"})
"""An Event says itself who reports it."""

UNTRACKED = frozenset(
    {"resourceVersion", "generation", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"}
)
"""Members of the metadata that the server writes itself."""

DIGESTS = frozenset({"specDigest", "digest"})
"""What stands in a journaled body for the members around it."""

FieldPath = tuple[str, ...]
Owner = tuple["ManagedEntry", list[FieldPath]]
KnownTimes = dict[str, str]
"""The time of each entry, by what tells it from the others."""


class ManagedEntry(msgspec.Struct, rename="camel", gc=False):
    """One entry of `metadata.managedFields`."""

    manager: str | None = None
    operation: str | None = None
    api_version: str | None = None
    time: str | None = None
    subresource: str | None = None
    fields_v1: dict[str, Any] | None = None

    @property
    def identity(self) -> str:
        """What tells this entry from the others of an object."""
        return "\n".join((self.manager or "", self.operation or "", self.api_version or "", self.subresource or ""))

    def told(self, paths: Iterable[FieldPath] = ()) -> FieldManager:
        """The same for the journal."""
        return FieldManager(
            manager=(self.manager or "")[:MANAGER_CHARACTERS_MAX],
            operation=self.operation or "",
            time=self.time or "",
            subresource=self.subresource or "",
            paths=texts_of(list(paths)),
        )


class _ManagedMetadata(msgspec.Struct, rename="camel", gc=False):
    managed_fields: list[ManagedEntry] | None = None


class _ManagedObject(msgspec.Struct, gc=False):
    metadata: _ManagedMetadata


_decoder = msgspec.json.Decoder(_ManagedObject)


def managed_entries(raw: bytes | memoryview | msgspec.Raw, kind: str) -> list[ManagedEntry]:
    """The managedFields of a raw object; none where they are not as an API server writes them."""
    if kind in UNTOLD_KINDS:
        return []
    try:
        return _decoder.decode(raw).metadata.managed_fields or []
    except msgspec.DecodeError:
        return []


def times_of(entries: Iterable[ManagedEntry]) -> KnownTimes:
    """What must be known of this version to tell who wrote the next one."""
    return {entry.identity: entry.time or "" for entry in entries}


def makers(entries: list[ManagedEntry], body: Body) -> list[FieldManager]:
    """Who made an object that was just added: nobody's time is later, and it is not before the object's own."""
    newest = max((entry.time or "" for entry in entries), default="")
    created = str((body.get("metadata") or {}).get("creationTimestamp") or "")
    if not newest or newest < created:
        return []
    return [entry.told() for entry in entries if entry.time == newest and not entry.subresource][:MANAGERS_MAX]


def writers(before: KnownTimes, entries: list[ManagedEntry], patch: Body, *, inferred: bool = False) -> list[FieldManager]:
    """Who wrote a version that differs by this patch from one whose entries had these times; several where it is inferred."""
    changes = [(path, removed) for path, removed in leaves(patch) if not is_untracked(path)]
    if not changes:
        return []
    paths = [path for path, removed in changes if not removed]
    later = [entry for entry in entries if (entry.time or "") > before.get(entry.identity, "")]
    found = owners(entries, paths) or [(entry, []) for entry in later]
    if not inferred:
        found = the_one(found, later)
    return [entry.told(own) for entry, own in found][:MANAGERS_MAX]


def owners(entries: list[ManagedEntry], paths: list[FieldPath]) -> list[Owner]:
    """Who owns which of these paths; of two that own one, it is whose that owns more than what holds it."""
    found: dict[int, list[FieldPath]] = {}
    for path in paths:
        depths = [owned_depth(entry.fields_v1 or {}, path) for entry in entries]
        for number, depth in enumerate(depths):
            if depth and depth == max(depths):
                found.setdefault(number, []).append(path)
    return [(entries[number], own) for number, own in sorted(found.items())]


def the_one(found: list[Owner], later: list[ManagedEntry]) -> list[Owner]:
    """Of those that own something of a single write, its author: several own a list of which each has set items."""
    for wanted in (
        [each for each in found if any(each[0] is entry for entry in later)],
        [each for each in found if set(each[1]) - set(chain(*(own for entry, own in found if entry is not each[0])))],
    ):
        if len(wanted) == 1:
            return wanted
    return found


def leaves(patch: Any, path: FieldPath = ()) -> list[tuple[FieldPath, bool]]:
    """Every path that a merge patch sets, or removes (true)."""
    if not isinstance(patch, dict) or not patch:
        return [(named(path), patch is None)]
    return [leaf for name, member in patch.items() for leaf in leaves(member, (*path, str(name)))]


def named(path: FieldPath) -> FieldPath:
    """A path of a journaled body as the object itself has it."""
    if path and path[-1] in DIGESTS:
        return path[:-1]
    return ("data", *path[1:]) if path[:1] == ("dataDigest",) else path


def is_untracked(path: FieldPath) -> bool:
    """Is this what the server writes, or nothing at all?"""
    return not path or path[0] in ("apiVersion", "kind") or (path[0] == "metadata" and (len(path) < 2 or path[1] in UNTRACKED))


def owned_depth(fields: dict[str, Any], path: FieldPath) -> int:
    """How much of this path is in a set of fields (`{"f:spec": {"f:online": {}}}`): a field without members is owned as a whole."""
    for depth, name in enumerate(path):
        if not fields:
            return depth
        inner = fields.get(f"f:{name}")
        if not isinstance(inner, dict):
            return 0
        fields = inner
    return len(path)


def texts_of(paths: list[FieldPath]) -> list[str]:
    """The paths as texts; if they are many, as much of them as they have in common in a few."""
    depth = max(map(len, paths), default=0)
    while True:
        texts = list(dict.fromkeys(text_of(path[:depth]) for path in paths))
        if len(texts) <= PATHS_MAX or depth <= 1:
            return texts[:PATHS_MAX]
        depth -= 1


def text_of(path: FieldPath) -> str:
    """A path as people write it: `metadata.annotations[metal3.io/x]`."""
    parts = [f"[{name}]" if "." in name or "/" in name else f".{name}" for name in path]
    return "".join(parts).lstrip(".")[:PATH_CHARACTERS_MAX]
