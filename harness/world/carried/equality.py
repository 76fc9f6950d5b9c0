"""What an object is, part by part, for comparing two versions of it: all of it but the paths that may differ, each with its reason.

The reasons are what recorded good pivots (tests/recordings b and c) and the definitions show. `status` is no part: it is not carried, its
controllers write it anew; what must be kept of it is told in `kept_status.py`.
"""

from fnmatch import fnmatch
from functools import lru_cache
from typing import Any, NamedTuple

from harness.journal.facts import Body
from harness.metal3 import CLUSTERCTL, PAUSED, PAUSED_BY_CAPM3, STATUS
from harness.world.moved_kinds import kind_of
from harness.world.world import Version, remembered


class Exemption(NamedTuple):
    """A part that may differ: the kind (`*`: all), a pattern of the part's name, and why."""

    kind: str
    part: str
    reason: str


EXEMPTIONS = (
    Exemption("*", f"annotation {CLUSTERCTL}/*", "the move's own: delete-for-move, and block-move, which CAPM3 sets again"),
    Exemption("BareMetalHost", f"annotation {STATUS}", "carries the status, and is consumed; status_carried judges it"),
    Exemption("*", "annotation cluster.x-k8s.io/conversion-data", "what an API server notes that converts to an older version"),
    Exemption("Cluster", "spec.paused", "the move pauses the Cluster, and un-pauses it at its end"),
    Exemption("BareMetalHost", "spec.architecture", "the Baremetal Operator fills it in where it is empty"),
)
FELT_LATER = ("spec.automatedCleaningMode", "spec.description", "spec.taints")
"""Members of a host's spec that no server feels while it runs: they hold for its next life."""

OWN_MEMBERS = ("apiVersion", "kind", "metadata", "status")
PARTS_OF_METADATA = ("labels", "annotations", "ownerReferences", "finalizers")
METADATA_NO_PARTS = ("uid", "resourceVersion", "generation", "creationTimestamp", "name", "namespace")
"""Members of the metadata that differ in nearly every version, or in none, and are no parts."""
RENEWED = ("uid", "resourceVersion")
"""Members of references that every move renews."""

WANTED_POWER = "spec.online"
"""Also a false one is told, since much hangs on it."""
TOLD = {"data": "its data", "dataDigest": "its data", "type": "its type"}
Parts = dict[str, Any]


@remembered
def parts(version: Version, kind: str) -> Parts:
    """Every part of an object that a move must keep, by the name by which people are told of it."""
    return parts_of(version.body, version.metadata, kind)


def changed_parts(before: Version, after: Version, kind: str) -> tuple[Parts, Parts]:
    """The same of two versions, without what stands equal in both of them: most of an object does, and is not looked into."""
    body = unequal(before.body, after.body, but=OWN_MEMBERS)
    if "spec" in body[0] and "spec" in body[1]:
        specs = unequal(members(before.body.get("spec")), members(after.body.get("spec")))
        body = body[0] | {"spec": specs[0]}, body[1] | {"spec": specs[1]}
    metadata = unequal(before.metadata, after.metadata, but=METADATA_NO_PARTS)
    for name in ("labels", "annotations"):
        if name in metadata[0] and name in metadata[1]:
            inner = unequal(metadata[0][name] or {}, metadata[1][name] or {})
            metadata[0][name], metadata[1][name] = inner
    return parts_of(body[0], metadata[0], kind), parts_of(body[1], metadata[1], kind)


def unequal(before: Body, after: Body, but: tuple[str, ...] = ()) -> tuple[Body, Body]:
    """The members of two JSON objects that are not equal, without those of these names."""
    old = {name: it for name, it in before.items() if name not in but and (name not in after or after[name] != it)}
    return old, {name: it for name, it in after.items() if name not in but and (name in old or name not in before)}


def parts_of(body: Body, metadata: Body, kind: str) -> Parts:
    """The parts that an object of this body, and of this metadata, is told to have."""
    found: Parts = {f"spec.{name}": cleaned(it) for name, it in members(body.get("spec")).items()}
    found |= {TOLD.get(name, name): cleaned(it) for name, it in body.items() if name not in (*OWN_MEMBERS, "spec")}
    found |= {f"label {name}": it for name, it in (metadata.get("labels") or {}).items()}
    found |= {f"annotation {name}": it for name, it in (metadata.get("annotations") or {}).items()}
    found |= {f"owner {owner}": True for owner in owners(metadata)}
    found |= {f"finalizer {name}": True for name in metadata.get("finalizers") or []}
    if kind == "BareMetalHost":
        without_version(found)
    return {name: it for name, it in found.items() if not says_nothing(name, it) and not exempt(kind, name)}


def says_nothing(part: str, value: Any) -> bool:
    """Is a part as good as absent? A label or an annotation says something by being there, even without a value."""
    return value in (None, {}, []) or (part.startswith("spec.") and part != WANTED_POWER and is_empty(value))


def surely_alike(before: Version, after: Version) -> bool:
    """Have they the same parts, as their bodies show at first sight? Most versions differ in their status alone."""
    old, new = before.body, after.body
    if any(before.metadata.get(name) != after.metadata.get(name) for name in PARTS_OF_METADATA):
        return False
    return all(old.get(name) == new.get(name) for name in {*old, *new} if name not in OWN_MEMBERS)


def without_version(found: Parts) -> None:
    """A host's consumer without its API version, which follows CAPM3's; and no pause that is CAPM3's own, which ends with the move."""
    consumer = found.get("spec.consumerRef")
    if isinstance(consumer, dict):
        found["spec.consumerRef"] = {name: it for name, it in consumer.items() if name != "apiVersion"}
    if found.get(f"annotation {PAUSED}") == PAUSED_BY_CAPM3:
        del found[f"annotation {PAUSED}"]


def members(value: Any) -> dict[str, Any]:
    """The members of a JSON object; none of anything else."""
    return value if isinstance(value, dict) else {}


def owners(metadata: Body) -> list[str]:
    """An object's owners by kind and name."""
    references = metadata.get("ownerReferences") or []
    return [f"{kind_of(one)} {one.get('name')}" for one in references if isinstance(one, dict)]


@lru_cache(maxsize=1 << 14)
def exempt(kind: str, part: str) -> bool:
    """May this part differ?"""
    return any(one.kind in ("*", kind) and fnmatch(part, one.part) for one in EXEMPTIONS)


def cleaned(value: Any) -> Any:
    """A value without what is empty, and without references' uids and resourceVersions, which every move renews."""
    if isinstance(value, dict):
        inner = {name: cleaned(group_of(name, it, value)) for name, it in value.items() if name not in RENEWED}
        return {name: it for name, it in inner.items() if not is_empty(it)}
    return [cleaned(it) for it in value] if isinstance(value, list) else value


def group_of(name: str, value: Any, reference: dict[str, Any]) -> Any:
    """A member of a reference, but of its `apiVersion` the group only: the version follows what each cluster has installed."""
    if name != "apiVersion" or not isinstance(value, str) or not {"kind", "name"} <= reference.keys():
        return value
    return value.rpartition("/")[0]


def is_empty(value: Any) -> bool:
    """Does it mean the same as nothing? Programs in Go leave such members away when they write an object; a number may mean something."""
    return value is None or value is False or value in ("", {}, [])


def differing(before: Parts, after: Parts) -> list[str]:
    """The names of the parts in which two versions differ."""
    return sorted(name for name in before | after if before.get(name) != after.get(name))


def api_version(version: Version) -> str:
    """In which API version the object was shown; empty where that was not told."""
    return str(version.get("apiVersion") or getattr(version.entry.fact, "api_version", ""))


def comparable(before: Version, after: Version) -> bool:
    """Were both shown in the same API version? Other versions write the same thing otherwise."""
    one, other = api_version(before), api_version(after)
    return not one or not other or one == other
