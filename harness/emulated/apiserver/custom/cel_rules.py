"""Validation rules of a CRD's schema (`x-kubernetes-validations`), applied to an object whose types were checked before."""

from collections.abc import Iterator
from typing import Any

from harness.emulated.apiserver.custom.expressions import UnsupportedExpressionError, ValuelessExpressionError, evaluate, program
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
    return bool(schema.get(RULES)) or any(map(has_rules, _inner(schema)))


def _inner(schema: Json) -> Iterator[Json]:
    """The schemas of members and items; those of built-in structs have no rules."""
    members = [*(schema.get("properties") or {}).values(), schema.get("items"), schema.get("additionalProperties")]
    return (each for each in members if isinstance(each, dict) and "struct" not in each)


def rules_of(schema: Json) -> Iterator[Json]:
    """All rules of a schema and of all within it."""
    yield from schema.get(RULES) or ()
    for each in _inner(schema):
        yield from rules_of(each)


def unsupported_rules(schema: Json) -> Iterator[str]:
    """A warning for each rule that cannot be parsed here and is therefore never checked."""
    for text in dict.fromkeys(rule.get("rule", "") for rule in rules_of(schema)):
        try:
            program(text)
        except UnsupportedExpressionError as error:
            yield _not_checked(text, error)


def _not_checked(text: str, error: Exception) -> str:
    return f"this emulated server does not check the validation rule {shown(text.strip())}: {error}"


def rule_causes(schema: Json, value: Any, warnings: list[str], old: Any = _ABSENT, path: str = "") -> Iterator[Json]:
    """The causes of broken rules. `old` is the value before the update; a rule that cannot be checked adds a warning."""
    for rule in schema.get(RULES) or ():
        yield from _broken(rule, value, old, path, warnings)
    if isinstance(value, dict):
        properties, more = schema.get("properties") or {}, schema.get("additionalProperties")
        for name, member in value.items():
            inner = properties.get(name) or more
            if isinstance(inner, dict) and "struct" not in inner:
                before = old.get(name, _ABSENT) if isinstance(old, dict) else _ABSENT
                yield from rule_causes(inner, member, warnings, before, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, item in enumerate(value):
            yield from rule_causes(schema["items"], item, warnings, _before(schema, item, old), f"{path}[{index}]")


def _before(schema: Json, item: Any, old: Any) -> Any:
    """The item of a keyed list before the update."""
    keys = schema.get("x-kubernetes-list-map-keys")
    if not keys or not isinstance(old, list) or not isinstance(item, dict):
        return _ABSENT
    return next((each for each in old if all(each.get(key) == item.get(key) for key in keys)), _ABSENT)


def _broken(rule: Json, value: Any, old: Any, path: str, warnings: list[str]) -> Iterator[Json]:
    text, variables = rule.get("rule", ""), {"self": value}
    if "oldSelf" in text:
        if old is _ABSENT:
            return
        variables["oldSelf"] = old
    try:
        if evaluate(text, variables):
            return
        why = _message(rule, variables)
    except ValuelessExpressionError as error:
        why = f"rule evaluation error: {error}: evaluating rule: {text.strip()}"
    except UnsupportedExpressionError as error:
        warnings.append(_not_checked(text, error))
        return
    yield _cause(rule, value, f"{path}{rule.get('fieldPath', '')}" or "<nil>", why)


def _cause(rule: Json, value: Any, where: str, why: str) -> Json:
    reason = rule.get("reason") or "FieldValueInvalid"
    if reason == "FieldValueDuplicate":
        return cause(reason, where, _WORDS[reason])
    of = "" if isinstance(value, dict | list) else f"{shown(value)}: "
    return cause(reason, where, f"{_WORDS.get(reason, f'Invalid value: {of}'.rstrip(': '))}: {why}")


def _message(rule: Json, variables: Json) -> str:
    """The message of a broken rule: its messageExpression where that has a value, else its message, else the rule itself."""
    if rule.get("messageExpression"):
        try:
            said = evaluate(rule["messageExpression"], variables)
        except (UnsupportedExpressionError, ValuelessExpressionError):
            said = ""
        if isinstance(said, str) and said.strip():
            return said
    return str(rule.get("message") or f"failed rule: {rule.get('rule', '').strip()}")
