"""Strategic merge patch, for built-in kinds: lists merge by the keys of their kind, with `$` directives."""

from typing import Any

from harness.emulated.apiserver.errors import bad_request
from harness.emulated.apiserver.kinds import Json

_MERGE_KEYS = {
    "ownerReferences": "uid", "conditions": "type", "containers": "name", "initContainers": "name", "ephemeralContainers": "name",
    "volumes": "name", "env": "name", "volumeMounts": "mountPath", "volumeDevices": "devicePath", "imagePullSecrets": "name",
    "secrets": "name", "addresses": "type", "hostAliases": "ip", "webhooks": "name", "topologySpreadConstraints": "topologyKey",
}  # fmt: skip
_PORT_KEYS = ("containerPort", "port")
_PRIMITIVE_LISTS = frozenset({"finalizers", "podCIDRs", "$deleteFromPrimitiveList"})
PATCH, RETAIN = "$patch", "$retainKeys"
_ORDER, _DELETE = "$setElementOrder/", "$deleteFromPrimitiveList/"


def merge(target: Json, patch: Json) -> Json:
    """The target with the patch merged into it; the target may be changed. Raises ApiError 400 for an unknown directive."""
    directive = patch.get(PATCH)
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != PATCH}
    if directive == "delete":
        return {}
    if directive not in {None, "merge"}:
        raise bad_request(f"Unknown patch type found: {directive}")
    retained = patch.get(RETAIN)
    if retained is not None:
        target = {key: value for key, value in target.items() if key in retained}
    for key, value in patch.items():
        if not key.startswith("$"):
            _merge_member(target, key, value)
    _delete_primitives(target, patch)
    _order(target, patch)
    return target


def _merge_member(target: Json, key: str, value: Any) -> None:
    if value is None:
        target.pop(key, None)
    elif isinstance(value, dict):
        target[key] = merge(target[key] if isinstance(target.get(key), dict) else {}, value)
    elif isinstance(value, list):
        target[key] = _merge_list(key, target.get(key) or [], value)
    else:
        target[key] = value


def _merge_key(name: str, items: list[Any]) -> str:
    if name == "ports":
        return next((key for key in _PORT_KEYS if any(key in item for item in items if isinstance(item, dict))), "")
    return _MERGE_KEYS.get(name, "")


def _merge_list(name: str, items: list[Any], patch: list[Any]) -> list[Any]:
    key = _merge_key(name, patch)
    if name in _PRIMITIVE_LISTS:
        return [*items, *(each for each in patch if each not in items)]
    if not key or not all(isinstance(each, dict) for each in patch):
        return patch
    if any(each.get(PATCH) == "replace" and len(each) == 1 for each in patch):
        return [each for each in patch if PATCH not in each]
    result = list(items)
    for each in patch:
        _merge_item(result, key, each)
    return result


def _merge_item(items: list[Any], key: str, patch: Json) -> None:
    if key not in patch:
        raise bad_request(f"map: {patch} does not contain declared merge key: {key}")
    at = next((index for index, item in enumerate(items) if item.get(key) == patch[key]), None)
    if patch.get(PATCH) == "delete":
        items[:] = [item for item in items if item.get(key) != patch[key]]
    elif at is None:
        items.append(merge({}, patch))
    else:
        items[at] = merge(items[at], patch)


def _delete_primitives(target: Json, patch: Json) -> None:
    for key, values in patch.items():
        if key.startswith(_DELETE):
            name = key.removeprefix(_DELETE)
            target[name] = [each for each in target.get(name) or () if each not in values]


def _order(target: Json, patch: Json) -> None:
    for key, order in patch.items():
        name = key.removeprefix(_ORDER)
        if not key.startswith(_ORDER) or not isinstance(target.get(name), list):
            continue
        merge_key = _merge_key(name, order)
        ranks = {_mark(each, merge_key): rank for rank, each in enumerate(order)}
        target[name].sort(key=lambda item: ranks.get(_mark(item, merge_key), len(ranks)))


def _mark(item: Any, key: str) -> Any:
    return item.get(key) if isinstance(item, dict) else item
