"""GET of an object and of a collection: versions, selectors, pages."""

import base64
import re
from bisect import bisect_right

import msgspec
from aiohttp import web

from harness.emulated.apiserver.kinds.errors import (
    Json,
    bad_options,
    bad_request,
    expired,
    forbidden_cause,
    too_large_version,
    unsupported,
)
from harness.emulated.apiserver.kinds.routes import RequestInfo
from harness.emulated.apiserver.objects import views
from harness.emulated.apiserver.objects.writes import ObjectWriter
from harness.emulated.apiserver.store.selectors import Selection, select
from harness.emulated.apiserver.store.store import CompactedError, Store, Stored, StoreKey
from harness.emulated.apiserver.wire.negotiation import ResponseFormat, accepted, answer, flag

EXPIRED = "The provided continue parameter is too old to display a consistent list result."
MATCHES = ["Exact", "NotOlderThan", ""]


class Continue(msgspec.Struct, frozen=True):
    """A continue token: the version of the list and the last key given."""

    version: int
    after: StoreKey


def version_of(text: str) -> int:
    """A resource version parameter as a number, 0 when absent; raises ApiError 400."""
    if not text:
        return 0
    if not text.isdigit():
        raise bad_request(f'invalid resource version: Invalid value: "{text}"')
    return int(text)


def selection_of(request: web.Request, target: RequestInfo) -> Selection:
    """The label and field selectors of a request."""
    labels, fields = (request.query.get(name, "") for name in ("labelSelector", "fieldSelector"))
    return select(target.resource, target.namespace, labels, fields)


def version_asked(request: web.Request) -> int:
    """The resource version of a request, 0 when absent; raises ApiError 400."""
    return version_of(request.query.get("resourceVersion", ""))


def warnings_of(target: RequestInfo) -> list[str]:
    """The warning for reads of a deprecated version."""
    return [target.resource.warning] if target.resource.warning else []


def get(objects: ObjectWriter, request: web.Request, target: RequestInfo) -> web.Response:
    """One object."""
    form = accepted(request, custom=target.resource.custom)
    version = version_asked(request)
    if version > objects.store.version:
        raise too_large_version(version, objects.store.version)
    stored = objects.get(target.resource, (target.namespace, target.name))
    return answer(form, views.show(target.resource, stored, form, objects.clock()), warnings=warnings_of(target))


def list_collection(objects: ObjectWriter, request: web.Request, target: RequestInfo) -> web.Response:
    """A list at one version, whole or by pages."""
    form = accepted(request, custom=target.resource.custom)
    limit = whole_number(request, "limit")
    whole_number(request, "timeoutSeconds")
    selection = selection_of(request, target)
    check_match(request)
    token = request.query.get("continue", "")
    version = version_asked(request)
    try:
        version, after = _begin(objects.store, request, token)
        found = _sorted(objects.store.at(target.resource.table, version))
    except CompactedError:
        raise expired(EXPIRED if token else f"The resourceVersion for the provided list is too old: {version}") from None
    if not token and request.query.get("resourceVersion") == "0":
        limit = 0
    chosen, metadata = _page(target, found, selection, form, (version, after, limit))
    page = views.show_list(target.resource, chosen, form, metadata, objects.clock())
    if form.view == "partial" and not chosen:
        page = page.replace(b'"items":[]', b'"items":null')
    return answer(form, page, warnings=warnings_of(target))


def whole_number(request: web.Request, name: str) -> int:
    """A number of the query, 0 when absent; raises ApiError 400."""
    text = request.query.get(name, "0")
    if not re.fullmatch(r"[+-]?\d+", text):
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def _begin(store: Store, request: web.Request, token: str) -> tuple[int, StoreKey | None]:
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
    """Raise ApiError 422 for a combination of list options that makes no sense."""
    match, causes = request.query.get("resourceVersionMatch", ""), []
    initial, known = flag(request, "sendInitialEvents"), MATCHES[1:] if watch else MATCHES
    if match not in known:
        causes.append(unsupported("resourceVersionMatch", match, known))
    if initial is not None and not watch:
        causes.append(forbidden_cause("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    if watch and (initial is not None) != (match == "NotOlderThan"):
        why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, and the other way round"
        causes.append(forbidden_cause("resourceVersionMatch", why))
    if causes:
        raise bad_options("ListOptions", *causes)


def _sorted(table: dict[StoreKey, Stored]) -> list[tuple[StoreKey, Stored]]:
    return sorted(table.items(), key=lambda item: item[0])


def _page(
    target: RequestInfo,
    found: list[tuple[StoreKey, Stored]],
    selection: Selection,
    form: ResponseFormat,
    where: tuple[int, StoreKey | None, int],
) -> tuple[list[Stored], Json]:
    """The objects of a page, and its metadata."""
    version, after, limit = where
    start = bisect_right(found, after, key=lambda item: item[0]) if after else 0
    chosen = [stored for _, stored in found[start:] if selection.matches(stored)]
    metadata: Json = {"continue": ""} if target.resource.custom and form.view == "object" else {}
    metadata["resourceVersion"] = str(version)
    if 0 < limit < len(chosen):
        metadata["continue"] = _token(Continue(version, chosen[limit - 1].key))
        if not selection.labels and not selection.fields:
            metadata["remainingItemCount"] = len(chosen) - limit
        chosen = chosen[:limit]
    return chosen, metadata


def _token(page: Continue) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(page)).decode().rstrip("=")


def _read_token(token: str) -> Continue:
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return msgspec.json.decode(raw, type=Continue)
    except ValueError as error:
        raise bad_request(f"invalid continue token: {error}") from error
