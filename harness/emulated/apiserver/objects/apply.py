"""Server-side apply: a manager says which fields it wants, owns them, and lets go of those it no longer names."""

from dataclasses import dataclass
from typing import Any

import msgspec

from harness.emulated.apiserver.kinds.errors import ApiError, bad_request, cause, conflict
from harness.emulated.apiserver.kinds.registry import Json, ServedResource
from harness.emulated.apiserver.objects.typed_apply import shape_problems
from harness.emulated.apiserver.objects.writes import ObjectWriter, Writing
from harness.emulated.apiserver.store import field_sets, managed_fields
from harness.emulated.apiserver.store.field_sets import FieldSet
from harness.emulated.apiserver.store.store import Stored, StoreKey
from harness.emulated.apiserver.wire.bodies import RequestBody

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation of kubectl's client-side apply; the server updates it when kubectl migrates to server-side apply."""


@dataclass(frozen=True)
class Wish:
    """One apply request: the configuration sent, by whom, for which subresource.

    `force` takes fields from others.
    """

    body: Any
    writing: Writing
    part: str = ""
    force: bool = False


def apply(objects: ObjectWriter, resource: ServedResource, key: StoreKey, wish: Wish) -> tuple[Stored, bool]:
    """Apply a configuration: the object, and whether it was created. Raises ApiError 409 for fields that others own."""
    config = _config(resource, key, wish, there=objects.store.get(resource.table, key) is not None)
    wish.writing.operation = "Apply"
    fields = _wanted(resource, config, wish.part)
    own = {"manager": wish.writing.manager, "operation": "Apply", "apiVersion": resource.api_version}
    own |= {"subresource": wish.part} if wish.part else {}
    if objects.store.get(resource.table, key) is None and not wish.part:
        if uid := config["metadata"].get("uid"):
            why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
            raise conflict(resource.plural, resource.group, key[1], why)
        config["metadata"]["managedFields"] = [managed_fields.entry_of(own, fields, objects.now())] if fields else []
        return objects.create(resource, key[0], config, wish.writing), True
    stored = objects.update(
        resource,
        key,
        lambda live: RequestBody(_applied(resource, live, config, (own, fields, objects.now()), force=wish.force)),
        wish.writing,
        wish.part,
    )
    return stored, False


def _config(resource: ServedResource, key: StoreKey, wish: Wish, *, there: bool) -> Json:
    """What is wished for, without what an apply cannot set; raises ApiError 400 and 500."""
    body = wish.body if isinstance(wish.body, dict) else {}
    said = (body.get("apiVersion") or "", body.get("kind") or "")
    if said != (resource.api_version, resource.kind):
        group, _, version = said[0].rpartition("/")
        raise bad_request(f"invalid object type: {group}/{version}, Kind={said[1]}")
    config = {**body, "metadata": dict(body.get("metadata") or {})}
    name = config["metadata"].get("name") or (key[1] if there else "")
    config["metadata"]["name"] = name
    if name != key[1]:
        missing = f"the name of the object ({key[1]} based on URL) was undeterminable: name must be provided"
        raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({key[1]})" if name else missing)
    if config["metadata"].get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
    if wish.part != "status" and resource.has_status:
        config.pop("status", None)
    if wrong := next(shape_problems(resource.schema, config, "", resource.custom), None):
        group, _, version = resource.api_version.rpartition("/")
        of = f"({config['metadata'].get('namespace', '')}/{config['metadata'].get('name', '')}; {group}/{version}, Kind={resource.kind})"
        raise ApiError(500, "", f"failed to create typed patch object {of}: {wrong}")
    return config


def _wanted(resource: ServedResource, config: Json, part: str) -> FieldSet:
    """The fields of the configuration, of the part of the object that this request may change."""
    tracked = managed_fields.tracked(config)
    tracked = {name: value for name, value in tracked.items() if name != "metadata" or value}
    if part:
        tracked = {name: value for name, value in tracked.items() if name == part}
    return field_sets.leaves_of(tracked, resource.schema)


def _applied(resource: ServedResource, live: Json, config: Json, mine: tuple[Json, FieldSet, str], *, force: bool) -> Json:
    own, fields, now = mine
    entries: list[Json] = live["metadata"].get("managedFields") or []
    before = next((each for each in entries if managed_fields.identity(each) == managed_fields.identity(own)), None)
    others = [each for each in entries if each is not before]
    merged: Json = _merge(live, config, resource.schema)
    changed, _ = field_sets.difference_of(managed_fields.tracked(live), managed_fields.tracked(merged), resource.schema)
    taken = field_sets.intersect(changed, fields)
    free = _of_last_apply(resource, live) if own["manager"] == "kubectl" and not force else {}
    others = _yielding(others, taken, free, force=force)
    kept = fields
    for each in others:
        kept = field_sets.union(kept, each.get("fieldsV1") or {})
    released = _let_go((before or {}).get("fieldsV1") or {}, kept)
    _remove(merged, released, resource.schema)
    # As the real server does, so that who returns to client-side apply compares with what was applied last.
    if own["manager"] == "kubectl" and LAST_APPLIED in (merged["metadata"].get("annotations") or {}):
        merged["metadata"]["annotations"][LAST_APPLIED] = msgspec.json.encode(config, order="sorted").decode() + "\n"
    kept_time = {"time": before["time"]} if before and "time" in before else {}
    entry = managed_fields.entry_of(own | kept_time, fields, now if changed or released else "")
    merged["metadata"]["managedFields"] = managed_fields.ordered([*others, *([entry] if fields else [])]) or [{}]
    return merged


def _let_go(fields: FieldSet, kept: FieldSet) -> FieldSet:
    """The fields that no manager owns any more; a field that contains an owned one stays."""
    left: FieldSet = {}
    for key, node in fields.items():
        if key != "." and key not in kept:
            left[key] = node
        elif key != "." and (inner := _let_go(node, kept[key])):
            left[key] = inner
    return left


def _of_last_apply(resource: ServedResource, live: Json) -> FieldSet:
    """The fields that kubectl applied on the client's side and that nobody has changed since: it may take them over."""
    try:
        last = msgspec.json.decode((live["metadata"].get("annotations") or {}).get(LAST_APPLIED, ""))
        if last["apiVersion"] != live["apiVersion"]:
            return {}
    except (msgspec.DecodeError, KeyError, TypeError):
        return {}
    if next(shape_problems(resource.schema, last, "", resource.custom), None):
        return {}
    before, now = managed_fields.tracked(last), managed_fields.tracked(live)
    changed, removed = field_sets.difference_of(before, now, resource.schema)
    own = field_sets.leaves_of(before, resource.schema)
    return field_sets.subtract(field_sets.subtract(own, changed), removed)


def _yielding(others: list[Json], taken: FieldSet, free: FieldSet, *, force: bool) -> list[Json]:
    """The other managers' entries without the fields taken from them; raises ApiError 409 for others than free ones unless by force."""
    causes, left = [], []
    for entry in others:
        fields = entry.get("fieldsV1") or {}
        lost = field_sets.intersect(fields, taken)
        causes += [
            cause("FieldManagerConflict", path, f"conflict with {_manager_text(entry)}")
            for path in _paths(field_sets.subtract(lost, free))
        ]
        rest = field_sets.subtract(fields, taken) if lost else fields
        if rest:
            left.append(entry if not lost else managed_fields.entry_of(entry, rest))
    if causes and not force:
        raise ApiError(409, "Conflict", _conflict_text(causes), {"causes": causes})
    return left


def _conflict_text(causes: list[Json]) -> str:
    """One conflict in a line; of several, those with the same manager together."""
    if len(causes) == 1:
        return f"Apply failed with 1 conflict: {causes[0]['message']}: {causes[0]['field']}"
    by_message: dict[str, list[str]] = {}
    for each in causes:
        by_message.setdefault(each["message"].replace("conflict with", "conflicts with", 1), []).append(each["field"])
    said = "\n".join("\n".join([f"{message}:", *(f"- {path}" for path in paths)]) for message, paths in by_message.items())
    return f"Apply failed with {len(causes)} conflicts: {said}"


def _manager_text(entry: Json) -> str:
    part = f' with subresource "{entry["subresource"]}"' if entry.get("subresource") else ""
    text = f'"{entry.get("manager")}"{part}'
    return text if entry.get("operation") == "Apply" else f"{text} using {entry.get('apiVersion')}"


def _paths(fields: FieldSet, path: str = "") -> list[str]:
    """Every field of a set as upstream writes it: `.spec.containers[name="a"].image`."""
    found = []
    inner = sorted((path + _step(key), node) for key, node in fields.items() if key != ".")
    found = [here for here, node in inner if field_sets.is_member(node)]
    return [*found, *(each for here, node in inner for each in _paths(node, here))]


def _step(key: str) -> str:
    kind, _, text = key.partition(":")
    if kind == "k":
        pairs = msgspec.json.decode(text).items()
        return f"[{','.join(f'{name}={msgspec.json.encode(value).decode()}' for name, value in pairs)}]"
    return f".{text}" if kind == "f" else f"[={text}]"


def _merge(live: Any, wanted: Any, schema: Json) -> Any:
    """The live value with the wanted one laid over it: maps and keyed lists by member, everything else as a whole."""
    old, new = field_sets.keyed(live, schema), field_sets.keyed(wanted, schema)
    if old is None or new is None or type(live) is not type(wanted):
        return wanted
    merged = dict(old)
    for key, member in new.items():
        known = key in old and not key.startswith("v:")
        merged[key] = _merge(old[key], member, field_sets.step(schema, key)) if known else member
    return {key[2:]: member for key, member in merged.items()} if isinstance(live, dict) else list(merged.values())


def _remove(value: Any, fields: FieldSet, schema: Json) -> None:
    """Take the fields of a set out of a value, and what held them where nothing is left in it."""
    if isinstance(value, dict):
        for key, node in fields.items():
            member = key[2:]
            if key == "." or member not in value:
                continue
            held = bool(value[member])
            _remove(value[member], node, field_sets.step(schema, key))
            if not node or (held and not value[member]):
                del value[member]
    elif isinstance(value, list):
        members = field_sets.keyed(value, schema) or {}
        for key, node in fields.items():
            if key in members and field_sets.is_member(node):
                value.remove(members[key])
            elif key in members:
                _remove(members[key], node, field_sets.step(schema, key))
