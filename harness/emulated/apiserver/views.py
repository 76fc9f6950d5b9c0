"""How a stored object is shown: itself, only its metadata, or as a row of a table."""

from collections.abc import Iterable

import msgspec

from harness.emulated.apiserver import table
from harness.emulated.apiserver.kinds import Json, Resource
from harness.emulated.apiserver.negotiation import View
from harness.emulated.apiserver.store import Stored

_encode = msgspec.json.Encoder().encode
META = "meta.k8s.io/v1"


def show(resource: Resource, stored: Stored, view: View, *, columns: bool = True) -> bytes:
    """One object in a view; `columns` False leaves them out of a table, as all but the first event of a watched one."""
    if view == "object":
        return stored.at(resource.api_version)
    if view == "partial":
        return _encode({"kind": "PartialObjectMetadata", "apiVersion": META, "metadata": stored.read()["metadata"]})
    return _encode(table.table(resource, [stored.read()], {"resourceVersion": str(stored.version)}, columns=columns))


def show_list(resource: Resource, found: Iterable[Stored], view: View, metadata: Json) -> bytes:
    """A list of objects in a view, under the list's metadata."""
    if view == "table":
        return _encode(table.table(resource, [stored.read() for stored in found], metadata))
    partial = view == "partial"
    kind, api_version = ("PartialObjectMetadataList", META) if partial else (resource.kind_of_list, resource.api_version)
    head = _encode({"kind": kind, "apiVersion": api_version, "metadata": metadata})
    items = b",".join(
        _item(resource, show(resource, stored, view)) if not partial else show(resource, stored, view) for stored in found
    )
    return head[:-1] + b',"items":[' + items + b"]}"


def _item(resource: Resource, body: bytes) -> bytes:
    """Items of built-in lists bear no apiVersion and kind, which every stored object begins with."""
    prefix = f'{{"apiVersion":"{resource.api_version}","kind":"{resource.kind}",'.encode()
    return b"{" + body.removeprefix(prefix) if not resource.custom and body.startswith(prefix) else body
