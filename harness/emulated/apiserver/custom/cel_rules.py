"""Validation rules of a CRD's schema, applied to an object that has its types right."""

from collections.abc import Iterator
from typing import Any

from harness.emulated.apiserver.custom.cel_nodes import CelError
from harness.emulated.apiserver.custom.cel_parser import compiled, evaluate
from harness.emulated.apiserver.kinds.errors import Json, cause, shown

RULES = "x-kubernetes-validations"
BLOCKING = frozenset(
    {"FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"}
)
UNCHECKED = cause(
    "FieldValueInvalid",
    "<nil>",
    "Invalid value: null: some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation",
)
_WORDS = {"FieldValueForbidden": "Forbidden", "FieldValueRequired": "Required value", "FieldValueDuplicate": "Duplicate value"}
_ABSENT = object()


def has_rules(schema: Json) -> bool:
    """Whether a rule is anywhere in a schema."""
    inner = [*(schema.get("properties") or {}).values(), schema.get("items"), schema.get("additionalProperties")]
    return bool(schema.get(RULES)) or any(has_rules(each) for each in inner if isinstance(each, dict) and "struct" not in each)


def rule_causes(schema: Json, value: Any, old: Any = _ABSENT, path: str = "") -> Iterator[Json]:
    """The causes of broken rules; `old` is what the value was, for rules that compare."""
    for rule in schema.get(RULES) or ():
        yield from _broken(rule, value, old, path)
    if isinstance(value, dict):
        properties, more = schema.get("properties") or {}, schema.get("additionalProperties")
        for name, member in value.items():
            inner = properties.get(name) or more
            if isinstance(inner, dict) and "struct" not in inner:
                before = old.get(name, _ABSENT) if isinstance(old, dict) else _ABSENT
                yield from rule_causes(inner, member, before, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, item in enumerate(value):
            yield from rule_causes(schema["items"], item, _before(schema, item, old), f"{path}[{index}]")


def _before(schema: Json, item: Any, old: Any) -> Any:
    """What an item of a keyed list was."""
    keys = schema.get("x-kubernetes-list-map-keys")
    if not keys or not isinstance(old, list) or not isinstance(item, dict):
        return _ABSENT
    return next((each for each in old if all(each.get(key) == item.get(key) for key in keys)), _ABSENT)


def _broken(rule: Json, value: Any, old: Any, path: str) -> Iterator[Json]:
    text = rule.get("rule", "")
    scope = {"self": value}
    if "oldSelf" in text:
        if old is _ABSENT:
            return
        scope["oldSelf"] = old
    try:
        compiled(text)
    except CelError:
        return
    try:
        if evaluate(text, scope):
            return
        why = _message(rule, scope)
    except CelError as error:
        why = f"rule evaluation error: {error}: evaluating rule: {text.strip()}"
    where = f"{path}{rule.get('fieldPath', '')}" or "<nil>"
    reason = rule.get("reason") or "FieldValueInvalid"
    of = "" if isinstance(value, dict | list) else f"{shown(value)}: "
    if reason == "FieldValueDuplicate":
        yield cause(reason, where, _WORDS[reason])
        return
    yield cause(reason, where, f"{_WORDS.get(reason, f'Invalid value: {of}'.rstrip(': '))}: {why}")


def _message(rule: Json, scope: Json) -> str:
    if rule.get("messageExpression"):
        try:
            said = evaluate(rule["messageExpression"], scope)
        except CelError:
            said = ""
        if isinstance(said, str) and said.strip():
            return said
    return str(rule.get("message") or f"failed rule: {rule.get('rule', '').strip()}")
