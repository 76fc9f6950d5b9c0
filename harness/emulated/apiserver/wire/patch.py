"""JSON merge patch (RFC 7386) and JSON patch (RFC 6902)."""

from typing import Any

import jsonpatch
import jsonpointer

from harness.emulated.apiserver.kinds.errors import ApiError, bad_request
from harness.emulated.apiserver.kinds.registry import Json

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


def merge(target: Any, patch: Any) -> Any:
    """The target with a merge patch applied; the target may be changed."""
    if not isinstance(patch, dict):
        return patch
    result = target if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def json_patch(target: Json, operations: Any) -> Json:
    """The target with JSON patch operations applied; raises ApiError 400 for no patch, 422 for one that does not fit."""
    if not isinstance(operations, list):
        raise bad_request("error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp")
    try:
        patched: Json = target
        for operation in operations:
            if _tests_nothing(patched, operation):
                continue
            patched = jsonpatch.apply_patch(patched, [_lenient(patched, operation)])
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError, AttributeError) as error:
        raise ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {}) from error
    return patched


def _tests_nothing(target: Json, operation: Json) -> bool:
    """A test for null holds where nothing is."""
    if operation.get("op") != "test" or operation.get("value") is not None:
        return False
    return jsonpointer.resolve_pointer(target, operation.get("path", ""), None) is None


def _lenient(target: Json, operation: Json) -> Json:
    """As upstream reads it: an add without a value adds null, a member that is not there can be replaced."""
    operation = {"value": None, **operation} if operation.get("op") in {"add", "replace"} else operation
    if operation.get("op") != "replace" or "/" not in operation.get("path", ""):
        return operation
    holder, _, name = operation["path"].rpartition("/")
    inside = jsonpointer.resolve_pointer(target, holder, None)
    name = name.replace("~1", "/").replace("~0", "~")
    return operation | {"op": "add"} if isinstance(inside, dict) and name not in inside else operation
