"""GET of an object and of a collection: versions, selectors, pages."""

import base64
import binascii
import re
from bisect import bisect_right

import msgspec
from aiohttp import web

from harness.emulated.apiserver.kinds.errors import (
    ApiError,
    Json,
    bad_options,
    bad_request,
    cause,
    expired,
    too_large_version,
    unsupported,
)
from harness.emulated.apiserver.kinds.routes import RequestInfo
from harness.emulated.apiserver.objects import views
from harness.emulated.apiserver.objects.writes import ObjectWriter
from harness.emulated.apiserver.store.selectors import Selection, select
from harness.emulated.apiserver.store.store import CompactedError, Key, Store, Stored
from harness.emulated.apiserver.wire import bodies
from harness.emulated.apiserver.wire.negotiation import ResponseFormat, accepted, answer, flag

EXPIRED = "The provided continue parameter is too old to display a consistent list result."
MATCHES = ["Exact", "NotOlderThan", ""]


class Continue(msgspec.Struct, frozen=True):
    """A continue token: the version of the list and the last key given."""

    version: int
    after: Key


def version_of(text: str) -> int:
    """A resource version parameter as a number, 0 when absent; raises ApiError 400."""
    if not text:
        return 0
    if not text.isdigit():
        raise bad_request(
            f'invalid resource version: resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        )
    return int(text)


def selection_of(request: web.Request, target: RequestInfo) -> Selection:
    """What the query selects; the name of a legacy `/watch/` path is a field selector."""
    fields = request.query.get("fieldSelector", "")
    if target.name:
        fields = f"metadata.name={target.name}"
    return select(target.resource, target.namespace, request.query.get("labelSelector", ""), fields)


def exact_version_of(request: web.Request) -> int:
    """The resource version of a get or watch; raises ApiError 500 for junk, as upstream does there."""
    try:
        return version_of(request.query.get("resourceVersion", ""))
    except ApiError as error:
        raise ApiError(500, "", error.message.removeprefix("invalid resource version: ")) from None


def warnings_of(target: RequestInfo) -> list[str]:
    """What is told to whoever reads a deprecated version."""
    return [target.resource.warning] if target.resource.warning else []


def get(objects: ObjectWriter, request: web.Request, target: RequestInfo) -> web.Response:
    """One object."""
    form = accepted(request, custom=target.resource.custom)
    version = exact_version_of(request)
    if version > objects.store.version:
        raise too_large_version(version, objects.store.version)
    stored = objects.get(target.resource, (target.namespace, target.name))
    return answer(form, views.show(target.resource, stored, form), warnings=warnings_of(target))


def list_collection(objects: ObjectWriter, request: web.Request, target: RequestInfo) -> web.Response:
    """A list at one version, whole or by pages."""
    form = accepted(request, custom=target.resource.custom)
    limit = whole_number(request, "limit")
    whole_number(request, "timeoutSeconds")
    selection = selection_of(request, target)
    check_match(request)
    token = request.query.get("continue", "")
    version = version_of(request.query.get("resourceVersion", ""))
    try:
        version, after = _begin(objects.store, request, token)
        found = _sorted(objects.store.at(target.resource.table, version))
    except CompactedError:
        raise expired(EXPIRED if token else f"The resourceVersion for the provided list is too old: {version}") from None
    if not token and request.query.get("resourceVersion") == "0":
        limit = 0
    return answer(form, _page(target, found, selection, form, (version, after, limit)), warnings=warnings_of(target))


def whole_number(request: web.Request, name: str) -> int:
    """A number of the query, 0 when absent; raises ApiError 400."""
    text = request.query.get(name, "0")
    if not re.fullmatch(r"[+-]?\d+", text):
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    if not -(1 << 63) <= int(text) < 1 << 63:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": value out of range')
    return int(text)


def _begin(store: Store, request: web.Request, token: str) -> tuple[int, Key | None]:
    text, match = request.query.get("resourceVersion", ""), request.query.get("resourceVersionMatch", "")
    if token:
        page = _read_token(token)
        if text not in {"", "0"}:
            raise bad_request("specifying resource version is not allowed when using continue")
        return page.version, page.after
    version = version_of(text)
    if version > store.version:
        raise too_large_version(version, store.version)
    return (version if match == "Exact" else store.version), None


def check_match(request: web.Request, *, watch: bool = False) -> None:
    """Whether resourceVersionMatch and sendInitialEvents fit the rest of the query; raises ApiError 422."""
    query = request.query
    match, text, initial = (
        query.get("resourceVersionMatch", ""),
        query.get("resourceVersion", ""),
        flag(request, "sendInitialEvents"),
    )
    causes = list(
        _watch_causes(match, initial, query.get("continue", ""))
        if watch
        else _list_causes(match, text, query.get("continue", ""))
    )
    if initial is not None and not watch:
        causes.append(cause("FieldValueForbidden", "sendInitialEvents", "Forbidden: sendInitialEvents is forbidden for list"))
    if causes:
        raise bad_options("ListOptions", *causes)


def _forbidden(why: str) -> Json:
    return cause("FieldValueForbidden", "resourceVersionMatch", f"Forbidden: {why}")


def _list_causes(match: str, text: str, token: str) -> list[Json]:
    if not match:
        return []
    found = []
    if not text:
        found.append(_forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided"))
    if token:
        found.append(_forbidden("resourceVersionMatch is forbidden when continue is provided"))
    if match not in MATCHES:
        found.append(unsupported("resourceVersionMatch", match, MATCHES))
    if match == "Exact" and text == "0":
        found.append(_forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    return found


def _watch_causes(match: str, initial: bool | None, token: str) -> list[Json]:
    found = [_forbidden("resourceVersionMatch is forbidden when continue is provided")] if token else []
    if match and initial is None:
        found.append(_forbidden("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
    if initial is not None and match != "NotOlderThan":
        found.append(_forbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
    if match and match != "NotOlderThan":
        found.append(unsupported("resourceVersionMatch", match, ["NotOlderThan"]))
    return found


def _sorted(table: dict[Key, Stored]) -> list[tuple[Key, Stored]]:
    return sorted(table.items(), key=lambda item: item[0])


def _page(
    target: RequestInfo,
    found: list[tuple[Key, Stored]],
    selection: Selection,
    form: ResponseFormat,
    where: tuple[int, Key | None, int],
) -> bytes:
    version, after, limit = where
    partial = form.view == "partial"
    start = bisect_right(found, after, key=lambda item: item[0]) if after else 0
    chosen = [stored for _, stored in found[start:] if selection.matches(stored)]
    metadata: dict[str, object] = {"continue": ""} if target.resource.custom and form.view == "object" else {}
    metadata["resourceVersion"] = str(version)
    if 0 < limit < len(chosen):
        metadata["continue"] = _token(Continue(version, chosen[limit - 1].key))
        if not selection.labels and not selection.fields:
            metadata["remainingItemCount"] = len(chosen) - limit
        chosen = chosen[:limit]
    if partial and not chosen:
        return views.show_list(target.resource, chosen, form, metadata).replace(b'"items":[]', b'"items":null')
    return views.show_list(target.resource, chosen, form, metadata)


def page_token(version: int, after: Key) -> str:
    """What continues a list at a version after a key."""
    return _token(Continue(version, after))


def _token(page: Continue) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(page)).decode().rstrip("=")


def _read_token(token: str) -> Continue:
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return msgspec.json.decode(raw, type=Continue)
    except ValueError as error:
        raise bad_request(f"invalid continue token: continue key is not valid: {_why(error, token)}") from error


def _why(error: ValueError, token: str) -> str:
    if isinstance(error, binascii.Error):
        return f"illegal base64 data at input byte {len(token) - len(token) % 4}"
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    if raw.startswith(b"{"):
        return "encoded start key empty (version meta.k8s.io/v1)"
    try:
        bodies.parse_json(raw.decode("latin-1").encode())
    except bodies.InvalidJsonError as unread:
        return str(unread)
    return "encoded start key empty (version meta.k8s.io/v1)"
