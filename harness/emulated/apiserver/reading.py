"""GET of an object and of a collection: versions, selectors, pages."""

import base64
import binascii
from bisect import bisect_right

import msgspec
from aiohttp import web

from harness.emulated.apiserver import views
from harness.emulated.apiserver.errors import ApiError, bad_request, cause, expired, invalid, too_large_version
from harness.emulated.apiserver.negotiation import View, json_answer
from harness.emulated.apiserver.negotiation import view as view_of
from harness.emulated.apiserver.objects import Objects
from harness.emulated.apiserver.routes import Target
from harness.emulated.apiserver.selectors import Selection, select
from harness.emulated.apiserver.store import Compacted, Key, Store, Stored

EXPIRED = "The provided continue parameter is too old to display a consistent list result."


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


def selection_of(request: web.Request, target: Target) -> Selection:
    """What the query selects; the name of a legacy `/watch/` path is a field selector."""
    fields = request.query.get("fieldSelector", "")
    if target.name:
        fields = f"metadata.name={target.name}"
    return select(target.resource, target.namespace, request.query.get("labelSelector", ""), fields)


def get(objects: Objects, request: web.Request, target: Target) -> web.Response:
    """One object."""
    stored = objects.get(target.resource, (target.namespace, target.name))
    return json_answer(views.show(target.resource, stored, view_of(request.headers.get("Accept", ""))))


def list_collection(objects: Objects, request: web.Request, target: Target) -> web.Response:
    """A list at one version, whole or by pages."""
    view = view_of(request.headers.get("Accept", ""))
    selection, limit = selection_of(request, target), int(request.query.get("limit") or 0)
    token = request.query.get("continue", "")
    try:
        version, after = _begin(objects.store, request, token)
        found = _sorted(objects.store.at(target.resource.table, version))
    except Compacted:
        raise expired(EXPIRED if token else f"The resourceVersion for the provided list is too old: {version}") from None
    return json_answer(_page(target, found, selection, view, (version, after, limit)))


def _begin(store: Store, request: web.Request, token: str) -> tuple[int, Key | None]:
    if token:
        page = _read_token(token)
        return page.version, page.after
    version, match = version_of(request.query.get("resourceVersion", "")), request.query.get("resourceVersionMatch", "")
    _check_match(match, version, request.query.get("resourceVersion", ""))
    if version > store.version:
        raise too_large_version(version, store.version)
    return (version if match == "Exact" else store.version), None


def _check_match(match: str, version: int, text: str) -> None:
    wrong = ""
    if match and match not in {"Exact", "NotOlderThan"}:
        wrong = f'Unsupported value: "{match}": supported values: "Exact", "NotOlderThan", ""'
    elif match and not text:
        wrong = "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
    elif match == "Exact" and version == 0:
        wrong = 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
    if wrong:
        raise invalid("ListOptions", "meta.k8s.io", "", [cause("FieldValueForbidden", "resourceVersionMatch", wrong)])


def _sorted(table: dict[Key, Stored]) -> list[tuple[Key, Stored]]:
    return sorted(table.items(), key=lambda item: item[0])


def _page(
    target: Target, found: list[tuple[Key, Stored]], selection: Selection, view: View, where: tuple[int, Key | None, int]
) -> bytes:
    version, after, limit = where
    start = bisect_right(found, after, key=lambda item: item[0]) if after else 0
    chosen = [stored for _, stored in found[start:] if selection.matches(stored)]
    metadata: dict[str, object] = {"continue": ""} if target.resource.custom and view == "object" else {}
    metadata["resourceVersion"] = str(version)
    if limit and len(chosen) > limit:
        metadata["continue"] = _token(Continue(version, chosen[limit - 1].key))
        if not selection.labels and not selection.fields:
            metadata["remainingItemCount"] = len(chosen) - limit
        chosen = chosen[:limit]
    return views.show_list(target.resource, chosen, view, metadata)


def _token(page: Continue) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(page)).decode()


def _read_token(token: str) -> Continue:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(token), type=Continue)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise ApiError(400, "BadRequest", f"continue key is not valid: {error}") from error
