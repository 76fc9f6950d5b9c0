"""The value constraints of an OpenAPI v3 schema, with the causes that upstream words for broken ones."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from harness.emulated.apiserver.kinds.errors import Json, cause, invalid_value, required
from harness.emulated.apiserver.kinds.formats import fits, format_of

_encode = msgspec.json.Encoder().encode
TypeTest = Callable[[Any], bool]


def _is_whole(value: Any) -> bool:
    """Whether it is an integer; a float of more than 53 bits is none."""
    return _is_number(value) and value == int(value) and (isinstance(value, int) or abs(value) <= 1 << 53)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, TypeTest] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_whole,
    "number": _is_number,
}


def shown(value: Any) -> str:
    """A value as error texts show it: text quoted, containers by their type."""
    if isinstance(value, dict):
        return '"object"'
    return '"array"' if isinstance(value, list) else _encode(value).decode()


def problems(schema: Json, value: Any, path: str) -> Iterator[Json]:
    """Every broken constraint of a value and all that is in it."""
    yield from problems_here(schema, value, path)
    if isinstance(value, dict):
        properties, more = schema.get("properties") or {}, schema.get("additionalProperties")
        for name, member in value.items():
            inner = properties.get(name) or (more if isinstance(more, dict) else {})
            yield from problems(inner, member, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and schema.get("items"):
        for index, item in enumerate(value):
            yield from problems(schema["items"], item, f"{path}[{index}]")


def problems_here(schema: Json, value: Any, path: str) -> Iterator[Json]:
    """The broken constraints of this value itself. A value of the wrong type is still checked by the rules of its own type."""
    if value is None and schema.get("nullable"):
        return
    yield from _type_problems(schema, value, path)
    if value is None:
        return
    if "enum" in schema and value not in schema["enum"]:
        supported = ", ".join(shown(each) for each in schema["enum"])
        yield cause("FieldValueNotSupported", path, f"Unsupported value: {shown(value)}: supported values: {supported}")
    if isinstance(value, dict):
        yield from _object_problems(schema, value, path)
    elif isinstance(value, list):
        yield from _list_problems(schema, value, path)
    elif isinstance(value, str):
        yield from _text_problems(schema, value, path)
    elif _is_number(value):
        yield from _number_problems(schema, value, path)
    yield from _junctor_problems(schema, value, path)


def _invalid(path: str, value: Any, why: str) -> Json:
    return cause("FieldValueInvalid", path, f"Invalid value: {shown(value)}: {path} in body {why}")


def _type_problems(schema: Json, value: Any, path: str) -> Iterator[Json]:
    wanted, form = schema.get("type"), format_of(schema)
    if schema.get("x-kubernetes-int-or-string"):
        if not isinstance(value, str) and not _TYPES["integer"](value):
            yield _mistyped(path, value, "integer,string")
    elif wanted in _TYPES and not _TYPES[wanted](value):
        formed = isinstance(value, str | list)
        if form and formed and wanted not in {"integer", "number"}:
            return
        if form and not formed and value is not None:
            yield _mistyped(path, value, form, _FORMS.get(type(value), ""))
        else:
            yield _mistyped(path, value, wanted)


_NAMES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object", type(None): "null"}
_FORMS = {int: "int64", float: "float64"}


def _mistyped(path: str, value: Any, wanted: str, name: str | None = None) -> Json:
    actual = f'"{_NAMES[type(value)] if name is None else name}"'
    return cause("FieldValueTypeInvalid", path, f"Invalid value: {actual}: {path} in body must be of type {wanted}: {actual}")


def _object_problems(schema: Json, value: Json, path: str) -> Iterator[Json]:
    for name in ("apiVersion", "kind") if schema.get("x-kubernetes-embedded-resource") else ():
        if name not in value:
            yield required(f"{path}.{name}")
    for name in schema.get("required") or ():
        if name not in value:
            yield cause("FieldValueRequired", f"{path}.{name}" if path else name, "Required value")
    if len(value) > schema.get("maxProperties", len(value)):
        yield cause("FieldValueTooMany", path, f"Too many: {len(value)}: must have at most {schema['maxProperties']} items")
    if len(value) < schema.get("minProperties", 0):
        yield _invalid(path, len(value), f"should have at least {schema['minProperties']} properties")


def _list_problems(schema: Json, value: list[Any], path: str) -> Iterator[Json]:
    if len(value) > schema.get("maxItems", len(value)):
        yield cause("FieldValueTooMany", path, f"Too many: {len(value)}: must have at most {schema['maxItems']} items")
    if len(value) < schema.get("minItems", 0):
        yield _invalid(path, len(value), f"should have at least {schema['minItems']} items")
    keys = schema.get("x-kubernetes-list-map-keys")
    if not keys and schema.get("x-kubernetes-list-type") != "set":
        return
    seen: set[bytes] = set()
    for index, item in enumerate(value):
        mark = {key: item.get(key) for key in keys} if keys and isinstance(item, dict) else item
        if (text := _encode(mark)) in seen:
            yield cause("FieldValueDuplicate", f"{path}[{index}]", f"Duplicate value: {text.decode()}")
        seen.add(text)


def _text_problems(schema: Json, value: str, path: str) -> Iterator[Json]:
    """The first thing that is wrong with a text, and its format."""
    if len(value) > schema.get("maxLength", len(value)):
        yield cause("FieldValueTooLong", path, f"Too long: may not be more than {schema['maxLength']} bytes")
    elif len(value) < schema.get("minLength", 0):
        yield _invalid(path, value, f"should be at least {schema['minLength']} chars long")
    elif "pattern" in schema and not _matches(schema["pattern"], value):
        yield _invalid(path, value, f"should match '{schema['pattern']}'")
    form = format_of(schema)
    if form and not fits(form, value):
        said = f"Invalid value: {shown(value)}: {path} in body must be of type {form}: {shown(value)}"
        yield cause("FieldValueTypeInvalid", path, said)


def _matches(pattern: str, value: str) -> bool:
    """Whether an RE2 pattern is found; one that Python cannot read refuses nothing."""
    try:
        return re.search(pattern.replace(r"\z", r"\Z"), value) is not None
    except re.error:
        return True


_LIMITS = {"int32": 1 << 31, "int64": 1 << 63}


def _range_problems(schema: Json, value: float, path: str) -> Iterator[Json]:
    if schema.get("type") != "integer":
        return
    form = format_of(schema)
    limit = _LIMITS.get(form, _LIMITS["int64"])
    if not (value == int(value) and -limit <= value < limit):
        of = f"with format {form}" if form in _LIMITS else "(default format)"
        yield invalid_value("<nil>", "", f"Checked value must be of type integer {of} in {path}")


def _number_problems(schema: Json, value: float, path: str) -> Iterator[Json]:
    yield from _range_problems(schema, value, path)
    low, high, step = schema.get("minimum"), schema.get("maximum"), schema.get("multipleOf")
    over, under = schema.get("exclusiveMinimum") is True, schema.get("exclusiveMaximum") is True
    if low is not None and (value <= low if over else value < low):
        yield _invalid(path, value, f"should be greater than {'' if over else 'or equal to '}{low}")
    if high is not None and (value >= high if under else value > high):
        yield _invalid(path, value, f"should be less than {'' if under else 'or equal to '}{high}")
    if step and value % step:
        yield _invalid(path, value, f"should be a multiple of {step}")


def _junctor_problems(schema: Json, value: Any, path: str) -> Iterator[Json]:
    found = [list(problems(inner, value, path)) for inner in schema.get("allOf") or ()]
    yield from (each for inner in found for each in inner)
    if any(found):
        yield _joined(path, f"must validate all the schemas (allOf){'' if [] in found else '. None validated'}")
    if "anyOf" in schema and not any(_fits(inner, value) for inner in schema["anyOf"]):
        yield _joined(path, "must validate at least one schema (anyOf)")
        yield from problems(schema["anyOf"][0], value, path)
    fitting = sum(_fits(inner, value) for inner in schema.get("oneOf") or ())
    if "oneOf" in schema and fitting != 1:
        many = f"Found {fitting} valid alternatives" if fitting else "Found none valid"
        yield _joined(path, f"must validate one and only one schema (oneOf). {many}")
        yield from () if fitting else problems(schema["oneOf"][0], value, path)
    if "not" in schema and _fits(schema["not"], value):
        yield _joined(path, "must not validate the schema (not)")


def _joined(path: str, why: str) -> Json:
    return cause("FieldValueInvalid", "<nil>", f'Invalid value: "": "{path}" {why}')


def _fits(schema: Json, value: Any) -> bool:
    return next(problems(schema, value, ""), None) is None
