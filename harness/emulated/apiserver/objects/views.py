"""How a stored object is shown: itself, only its metadata, or as a row of a table."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from harness.emulated.apiserver.custom.definitions import as_seen
from harness.emulated.apiserver.kinds.errors import ApiError
from harness.emulated.apiserver.kinds.registry import Json, ServedResource
from harness.emulated.apiserver.store.store import Stored
from harness.emulated.apiserver.tables import table
from harness.emulated.apiserver.wire.negotiation import ResponseFormat

_encode = msgspec.json.Encoder().encode


def show(resource: ServedResource, stored: Stored, form: ResponseFormat, now: datetime, *, columns: bool = True) -> bytes:
    """One object in a view, its age as of `now`.

    `columns` False leaves them out of a table, as all but the first event of a watched one do.
    """
    if form.view == "object":
        return _whole(resource, stored)
    if form.view == "partial":
        if form.many:
            raise _not_so(resource, "PartialObjectMetadataList", "is not a list", "")
        return _partial(stored, form)
    made = table.table(resource, [stored.read()], {"resourceVersion": str(stored.version)}, form, now)
    return _encode(made if columns else made | {"columnDefinitions": None})


def show_list(resource: ServedResource, found: Sequence[Stored], form: ResponseFormat, metadata: Json, now: datetime) -> bytes:
    """A list of objects in a view, under the list's metadata; ages are as of `now`."""
    if form.view == "table":
        return _encode(table.table(resource, [stored.read() for stored in found], metadata, form, now))
    partial = form.view == "partial"
    if partial and not form.many:
        raise _not_so(resource, "PartialObjectMetadata", "is a list", "List")
    kind, api_version = ("PartialObjectMetadataList", _meta(form)) if partial else (resource.kind_of_list, resource.api_version)
    head = _encode({"kind": kind, "apiVersion": api_version, "metadata": metadata})
    items = b",".join(_partial(each, form) if partial else _item(resource, _whole(resource, each)) for each in found)
    return head[:-1] + b',"items":[' + items + b"]}"


def _whole(resource: ServedResource, stored: Stored) -> bytes:
    """The JSON of an object in the version asked for."""
    if stored.api_version == resource.api_version:
        return stored.body
    return _encode(as_seen(resource, stored.read()))


def _meta(form: ResponseFormat) -> str:
    return f"meta.k8s.io/{form.meta}"


def _partial(stored: Stored, form: ResponseFormat) -> bytes:
    return _encode({"kind": "PartialObjectMetadata", "apiVersion": _meta(form), "metadata": stored.read()["metadata"]})


def _not_so(resource: ServedResource, asked: str, what: str, suffix: str) -> ApiError:
    inner = f"*{resource.group.partition('.')[0] or 'core'}.{resource.kind}{suffix}"
    inner = f"*unstructured.Unstructured{suffix}" if resource.custom else inner
    return ApiError(406, "NotAcceptable", f"you requested {asked}, but the requested object {what} ({inner})")


def _item(resource: ServedResource, body: bytes) -> bytes:
    """Items of built-in lists bear no apiVersion and kind, which every stored object begins with."""
    prefix = f'{{"apiVersion":"{resource.api_version}","kind":"{resource.kind}",'.encode()
    return b"{" + body.removeprefix(prefix) if not resource.custom and body.startswith(prefix) else body
