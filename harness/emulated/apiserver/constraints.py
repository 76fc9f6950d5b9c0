"""The value constraints of an OpenAPI v3 schema, with the causes that upstream words for broken ones."""

import ipaddress
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from harness.emulated.apiserver.errors import Json, cause, invalid_value, required

_encode = msgspec.json.Encoder().encode
Test = Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, Test] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and value == int(value),
    "number": _is_number,
}


def _parses(parse: Callable[[str], object]) -> Test:
    def test(value: Any) -> bool:
        try:
            parse(value)
        except ValueError:
            return False
        return True

    return test


_FORMATS: dict[str, Test] = {
    "date-time": _parses(datetime.fromisoformat),
    "ipv4": _parses(ipaddress.IPv4Address),
    "ipv6": _parses(ipaddress.IPv6Address),
    "cidr": _parses(lambda text: ipaddress.ip_network(text, strict=False)),
    "date": lambda text: re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None,
    "email": lambda text: re.fullmatch(r"[^@\s]+@[^@\s]+", text) is not None,
    "uri": lambda text: re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/", text) is not None,
    "hostname": lambda text: re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", text) is not None,
    "mac": lambda text: re.fullmatch(r"([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}", text) is not None,
    "uuid": lambda text: re.fullmatch(r"(?i)[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", text) is not None,
    "byte": lambda text: re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text) is not None,
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
    """The broken constraints of this value itself."""
    if value is None and schema.get("nullable"):
        return
    if wrong := _type_problem(schema, value, path):
        yield wrong
        yield from _range_problems(schema, value, path) if isinstance(value, float) else ()
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
    return cause("FieldValueInvalid", path, f"Invalid value: {shown(value)}: {path or '<nil>'} in body {why}")


def _type_problem(schema: Json, value: Any, path: str) -> Json | None:
    wanted = schema.get("type")
    if schema.get("x-kubernetes-int-or-string"):
        fits = isinstance(value, str) or _TYPES["integer"](value)
        return None if fits else _mistyped(path, value, "integer,string", number="number")
    if wanted and not _TYPES[wanted](value):
        return _mistyped(path, value, schema.get("format") or wanted if isinstance(value, float) else wanted)
    return None


_NAMES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object", type(None): "null"}


def _mistyped(path: str, value: Any, wanted: str, number: str = "float64") -> Json:
    actual = f'"{number if isinstance(value, float) else _NAMES[type(value)]}"'
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
        yield _invalid(path, value, f"should have at least {schema['minProperties']} properties")


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
    if len(value) > schema.get("maxLength", len(value)):
        yield cause("FieldValueTooLong", path, f"Too long: may not be more than {schema['maxLength']} bytes")
    if len(value) < schema.get("minLength", 0):
        yield _invalid(path, value, f"should be at least {schema['minLength']} chars long")
    if "pattern" in schema and not _matches(schema["pattern"], value):
        yield _invalid(path, value, f"should match '{schema['pattern']}'")
    test = _FORMATS.get(schema.get("format", ""))
    if test and not test(value):
        said = f"Invalid value: {shown(value)}: {path} in body must be of type {schema['format']}: {shown(value)}"
        yield cause("FieldValueTypeInvalid", path, said)


def _matches(pattern: str, value: str) -> bool:
    """Whether an RE2 pattern is found; one that Python cannot read refuses nothing."""
    try:
        return re.search(pattern.replace(r"\z", r"\Z"), value) is not None
    except re.error:
        return True


_LIMITS = {"int32": 1 << 31, "int64": 1 << 63}


def _range_problems(schema: Json, value: float, path: str) -> Iterator[Json]:
    limit = _LIMITS.get(schema.get("format", ""))
    if schema.get("type") == "integer" and limit and not (value == int(value) and -limit <= value < limit):
        why = f"Checked value must be of type integer with format {schema['format']} in {path}"
        yield invalid_value("<nil>", "", why)


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
    for inner in schema.get("allOf") or ():
        yield from problems(inner, value, path)
    if "anyOf" in schema and not any(_fits(inner, value) for inner in schema["anyOf"]):
        yield _joined(path, "must validate at least one schema (anyOf)")
        yield from problems(schema["anyOf"][0], value, path)
    fitting = sum(_fits(inner, value) for inner in schema.get("oneOf") or ())
    if "oneOf" in schema and fitting != 1:
        found = f"Found {fitting} valid alternatives" if fitting else "Found none valid"
        yield _joined(path, f"must validate one and only one schema (oneOf). {found}")
        yield from () if fitting else problems(schema["oneOf"][0], value, path)
    if "not" in schema and _fits(schema["not"], value):
        yield _joined(path, "must not validate the schema (not)")


def _joined(path: str, why: str) -> Json:
    return cause("FieldValueInvalid", "<nil>", f'Invalid value: "": "{path}" {why}')


def _fits(schema: Json, value: Any) -> bool:
    return next(problems(schema, value, ""), None) is None
