"""Defaults and validation of Secrets and ConfigMaps."""

import base64
import re
from collections.abc import Iterator

from harness.emulated.apiserver.kinds.errors import Json, cause, forbidden_cause, invalid_value

DATA_BYTES_MAX = 1024 * 1024
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_KEY_SAYS = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
    f"(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '{_KEY.pattern}')"
)


def secret_causes(body: Json, live: Json | None) -> list[Json]:
    """Move `stringData` into `data`, fill in the type of a Secret, and return what is wrong with it."""
    text = body.pop("stringData", None) or {}
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in text.items()}
    body["data"] = {key: value or "" for key, value in (body.get("data") or {}).items()} | encoded
    if not body["data"]:
        del body["data"]
    body.setdefault("type", "Opaque")
    if live and live["type"] != body["type"]:
        return [invalid_value("type", body["type"], "field is immutable")]
    size = sum(len(value) * 3 // 4 for value in (body.get("data") or {}).values())
    return [*_key_causes(body, "data"), *_size_causes(size, "data"), *_immutable_causes(body, live)]


def config_map_causes(body: Json, live: Json | None) -> list[Json]:
    """Return what is wrong with a ConfigMap."""
    size = sum(len(value.encode()) for value in (body.get("data") or {}).values())
    size += sum(len(value) * 3 // 4 for value in (body.get("binaryData") or {}).values())
    causes = (each for name in ("data", "binaryData") for each in _key_causes(body, name))
    return [*causes, *_size_causes(size, "[]"), *_immutable_causes(body, live)]


def _key_causes(body: Json, name: str) -> Iterator[Json]:
    for key in body.get(name) or ():
        if not _KEY.fullmatch(key):
            yield invalid_value(f"{name}[{key}]", key, _KEY_SAYS)
        if name == "data" and key in (body.get("binaryData") or {}):
            yield invalid_value(f"data[{key}]", key, "duplicate of key present in binaryData")


def _size_causes(size: int, where: str) -> Iterator[Json]:
    if size > DATA_BYTES_MAX:
        yield cause("FieldValueTooLong", where, f"Too long: may not be more than {DATA_BYTES_MAX} bytes")


def _immutable_causes(body: Json, live: Json | None) -> Iterator[Json]:
    for key in ("immutable", "data", "binaryData") if live and live.get("immutable") else ():
        if live and body.get(key) != live.get(key):
            yield forbidden_cause(key, "field is immutable when `immutable` is set")
