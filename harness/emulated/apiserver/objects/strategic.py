"""Strategic merge patch, for built-in kinds: lists merge by the keys of their kind, with `$` directives."""

from typing import Any

from harness.emulated.apiserver.kinds.errors import ApiError, Json, shown
from harness.emulated.apiserver.store.field_sets import child

PATCH, RETAIN = "$patch", "$retainKeys"
_ORDER, _DELETE = "$setElementOrder/", "$deleteFromPrimitiveList/"


def merge(target: Json, patch: Json, schema: Json) -> Json:
    """The target with the patch merged into it; the target may be changed. Raises ApiError 400 for an unknown directive."""
    directive = patch.get(PATCH)
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != PATCH}
    if directive == "delete":
        return {}
    if directive not in {None, "merge"}:
        raise ApiError(500, "", f"unknown patch type: {directive} in map: {shown(patch)}")
    retained = patch.get(RETAIN)
    if retained is not None:
        target = {key: value for key, value in target.items() if key in retained}
    for key, value in patch.items():
        if not key.startswith("$"):
            _merge_member(target, key, value, child(schema, key))
    _delete_primitives(target, patch)
    _order(target, patch, schema)
    return target


def _merge_member(target: Json, key: str, value: Any, schema: Json) -> None:
    if value is None:
        target.pop(key, None)
    elif isinstance(value, dict):
        known = isinstance(target.get(key), dict)
        if not known and PATCH in value:
            # A directive about what is not there is forgotten.
            target.pop(key, None)
        else:
            target[key] = merge(target[key] if known else {}, value, schema)
    elif isinstance(value, list):
        target[key] = _merge_list(target.get(key) or [], value, schema)
    else:
        target[key] = value


def _merge_key(schema: Json) -> str:
    """By which items of a list are merged; empty where the list is replaced."""
    return str(schema.get("x-kubernetes-patch-merge-key", "")) if "merge" in schema.get("x-kubernetes-patch-strategy", "") else ""


def _merge_list(items: list[Any], patch: list[Any], schema: Json) -> list[Any]:
    key = _merge_key(schema)
    if not key and schema.get("x-kubernetes-patch-strategy") == "merge":
        return _interleaved(patch, items, items)
    if not key or not all(isinstance(each, dict) for each in patch):
        return patch
    if any(each.get(PATCH) == "replace" and len(each) == 1 for each in patch):
        return [each for each in patch if PATCH not in each]
    result, added = list(items), list[Any]()
    for each in patch:
        _merge_item(result, added, key, each, schema.get("items") or {})
    marks = [each[key] for each in patch if each.get(PATCH) != "delete"]
    merged = {each[key]: each for each in (*result, *added) if key in each}
    order = _interleaved(marks, [each[key] for each in result if key in each], [each.get(key) for each in items])
    return [merged[mark] for mark in order]


def _interleaved(patched: list[Any], kept: list[Any], before: list[Any]) -> list[Any]:
    """The merged list: patched items in the patch's order; other items keep their place before their successor."""
    left = [each for each in kept if each not in patched]
    made: list[Any] = []
    for each in dict.fromkeys(patched):
        while left and each in before and before.index(left[0]) < before.index(each):
            made.append(left.pop(0))
        made.append(each)
    return [*made, *left]


def _merge_item(items: list[Any], added: list[Any], key: str, patch: Json, schema: Json) -> None:
    if key not in patch:
        raise ApiError(500, "", f"map: {shown(patch)} does not contain declared merge key: {key}")
    at = next((index for index, item in enumerate(items) if item.get(key) == patch[key]), None)
    if patch.get(PATCH) == "delete":
        items[:] = [item for item in items if item.get(key) != patch[key]]
    elif at is None:
        added.append(merge({}, patch, schema))
    else:
        items[at] = merge(items[at], patch, schema)


def _delete_primitives(target: Json, patch: Json) -> None:
    for key, values in patch.items():
        if key.startswith(_DELETE):
            name = key.removeprefix(_DELETE)
            target[name] = [each for each in target.get(name) or () if each not in values]


def _order(target: Json, patch: Json, schema: Json) -> None:
    for key, order in patch.items():
        name = key.removeprefix(_ORDER)
        if not key.startswith(_ORDER) or not isinstance(target.get(name), list):
            continue
        merge_key = _merge_key(child(schema, name))
        ranks = {_mark(each, merge_key): rank for rank, each in enumerate(order)}
        target[name].sort(key=lambda item: ranks.get(_mark(item, merge_key), len(ranks)))


def _mark(item: Any, key: str) -> Any:
    return item.get(key) if isinstance(item, dict) else item
