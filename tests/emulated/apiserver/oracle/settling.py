"""What of an answer is the same on every server and every day."""

import json
import re
from typing import Any

import yaml

from tests.emulated.apiserver.oracle.documents import compared
from tests.emulated.apiserver.oracle.wire import message

KEPT = (
    *("Content-Type", "Warning", "Retry-After", "WWW-Authenticate", "Allow", "Location", "Content-Encoding", "Vary"),
    *("Cache-Control", "Etag"),
)
_VOLATILE = {
    "uid": "UID", "resourceVersion": "RV", "creationTimestamp": "TIME", "deletionTimestamp": "TIME", "time": "TIME",
    "lastTransitionTime": "TIME", "continue": "TOKEN", "serverAddress": "ADDRESS", "hash": "HASH",
    "token": "TOKEN",
}  # fmt: skip
_TEXTS = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}"), "UID"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
    (re.compile(r"(resource version: |current: |in record \(|version: )\d+( \(\d+\))?"), r"\1RV"),
    (re.compile(r'(\\"resourceVersion\\":\\")\d+'), r"\1RV"),
    (re.compile(r"hash=[0-9A-F]{32,}"), "hash=HASH"),
    (re.compile(r'^(W/)?"[0-9A-F]{32,}"$'), r"\1HASH"),
    (re.compile(r"https?://(?=127\.)"), ""),
    (re.compile(r"(lab|emulated)-admin"), "ADMIN"),
    (re.compile(r"127\.\d+\.\d+\.\d+:\d+"), "ADDRESS"),
    (re.compile(r"^\d+(s|ms)$"), "AGE"),
)
_YEARS = re.compile(r"^\d+y(\d+d)?$")
_GENERATED = re.compile(r"([Gg]en[-_])[bcdfghjklmnpqrstvwxz2456789]{5}\b")


def settled_headers(headers: Any) -> dict[str, Any]:
    """Those that a client may go by; one that comes several times is a list."""
    return {name: settled(list(headers.getall(name)), "") for name in KEPT if name in headers}


def settled_body(headers: Any, body: bytes, namespace: str) -> Any:
    kind = headers.get("Content-Type", "")
    if "protobuf" in kind:
        return json.loads(json.dumps(message(body)).replace(namespace, "NS"))
    text = body.decode(errors="replace")
    try:
        if "yaml" in kind:
            return {"yaml": settled(yaml.safe_load(text), namespace)}
        if text.startswith("{") and "\n{" in text.strip():
            return [settled(json.loads(line), namespace) for line in text.splitlines()]
        return settled(json.loads(text), namespace)
    except ValueError:
        return settled(text, namespace)


def settled(value: Any, namespace: str) -> Any:
    if isinstance(value, dict):
        return {
            _text(key, namespace): _VOLATILE[key]
            if key in _VOLATILE and member and isinstance(member, str)
            else settled(member, namespace)
            for key, member in compared(value).items()
        }
    if isinstance(value, list):
        if value and all(isinstance(each, dict) and "fieldsType" in each for each in value):
            # Upstream sorts them by their second, of which a run of ours decides.
            value = sorted(value, key=lambda each: [each.get(key, "") for key in ("manager", "operation", "subresource")])
        return [settled(each, namespace) for each in value]
    return _text(value, namespace) if isinstance(value, str) else value


def ageless(value: Any) -> Any:
    """Settled answers without the ages in years that they tell, which are of the day of the asking."""
    if isinstance(value, dict):
        return {key: ageless(member) for key, member in value.items()}
    if isinstance(value, list):
        return [ageless(each) for each in value]
    return _YEARS.sub("AGE", value) if isinstance(value, str) else value


def _text(value: str, namespace: str) -> str:
    for pattern, instead in _TEXTS:
        value = pattern.sub(instead, value)
    value = _GENERATED.sub(r"\1XXXXX", value)
    return value.replace(namespace, "NS") if namespace else value
