"""Which manager last set which field: metadata.managedFields, tracked at every write and writable itself."""

from dataclasses import dataclass

from harness.emulated.apiserver.kinds.registry import Json, ServedResource
from harness.emulated.apiserver.kinds.types import zero_struct
from harness.emulated.apiserver.store import field_sets
from harness.emulated.apiserver.store.field_sets import FieldSet

_UNTRACKED = ("name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink")


_ORDER = ("operation", "time", "manager", "apiVersion", "subresource")


def given_or_kept(live: Json, body: Json) -> list[Json]:
    """The managedFields of a write, taken as given; without any, those of the live object. `[{}]` clears them."""
    given = body["metadata"].get("managedFields")
    if given == [{}] or any(each.get("operation") not in {"Apply", "Update"} for each in given or ()):
        return []
    kept: list[Json] = given or live["metadata"].get("managedFields") or []
    return kept


def tracked(body: Json) -> Json:
    """The object without what nobody owns."""
    metadata = {key: value for key, value in body.get("metadata", {}).items() if key not in _UNTRACKED}
    return {"metadata": metadata, **{key: value for key, value in body.items() if key not in {"apiVersion", "kind", "metadata"}}}


@dataclass(frozen=True)
class Author:
    """Who updates an object, when, and which subresource of it."""

    manager: str
    time: str
    part: str = ""


def track(resource: ServedResource, live: Json, body: Json, author: Author, *, kept: bool = True) -> None:
    """Give the fields that an update changed or added to its author, and take them from all other managers.

    Without `kept` they are nobody's then. Changes
    `body["metadata"]["managedFields"]`. An apply settles ownership itself and does not come here.
    """
    before = tracked(live or ({} if resource.custom else _nothing(zero_struct(resource.schema))))
    changed, removed = field_sets.difference_of(before, tracked(body), resource.schema)
    if not changed.get("f:metadata", ...):
        del changed["f:metadata"]
    if not changed and not removed:
        return
    own = {
        "manager": author.manager,
        "operation": "Update",
        "apiVersion": resource.api_version,
        **({"subresource": author.part} if author.part else {}),
    }
    # Upstream forgets the time of whoever scales.
    when = "" if author.part == "scale" else author.time
    entries = _others_and_own(body["metadata"].get("managedFields") or [], own, (changed, removed), when)
    body["metadata"]["managedFields"] = ordered([each for each in entries if kept or identity(each) != identity(own)])


def _nothing(value: Json) -> Json:
    """What Go writes for what is not given, without what the server fills in."""
    nothing = {name: _nothing(member) if isinstance(member, dict) else member for name, member in value.items()}
    return {name: member for name, member in nothing.items() if not member or isinstance(member, dict)}


def ordered(entries: list[Json]) -> list[Json]:
    """Applies first, then by time and manager, as upstream keeps them."""
    return sorted(entries, key=lambda entry: tuple(entry.get(key) or "" for key in _ORDER))


def identity(entry: Json) -> tuple[str, ...]:
    """What tells one manager's entry from another's."""
    keys = ("manager", "operation", *(() if entry.get("operation") == "Apply" else ("apiVersion",)), "subresource")
    return tuple(entry.get(key) or "" for key in keys)


def _others_and_own(entries: list[Json], own: Json, difference: tuple[FieldSet, FieldSet], when: str) -> list[Json]:
    (changed, removed), result, mine = difference, [], identity(own)
    before: FieldSet = {}
    last = ""
    for entry in entries:
        fields = field_sets.subtract(entry.get("fieldsV1") or {}, removed)
        if identity(entry) == mine:
            before, last = fields, entry.get("time") or ""
            continue
        left = field_sets.subtract(fields, changed)
        if left:
            result.append(entry if left == entry.get("fieldsV1") else entry_of(entry, left))
    after = field_sets.union(before, changed)
    if after:
        # Who only removes fields keeps the time of the last ones that it set.
        result.append(entry_of(own, after, when if changed else last))
    return result


def entry_of(entry: Json, fields: FieldSet, time: str = "") -> Json:
    """An entry with these fields, and the time of the last one where none is given; keys in the order that upstream writes."""
    made: Json = {key: entry[key] for key in ("manager", "operation", "apiVersion") if key in entry}
    if moment := time or entry.get("time"):
        made["time"] = moment
    made |= {"fieldsType": "FieldsV1", "fieldsV1": fields}
    return made | ({"subresource": entry["subresource"]} if entry.get("subresource") else {})
