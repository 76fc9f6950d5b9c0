"""The record offered over the wire: a Redfish LogService `Requests` under whichever Manager is asked for, in the emulated BMC's form."""

import re
from typing import Any, NamedTuple

import msgspec

from bmc.recorder.log.readers_view import UNKNOWN, Record
from bmc.redfish.wire import MESSAGE_FIELDS, REQUESTS_LOG, ROOT
from bmc.request_log import LoggedRequest

Body = dict[str, Any]

ENTRIES_A_PAGE = 1000

_MANAGER = re.compile(rf"{ROOT}/Managers/(?P<manager>[^/]+)(?P<logs>/LogServices)?(?P<own>/{REQUESTS_LOG}(?P<rest>/.*)?)?/*")


class LogPath(NamedTuple):
    """A path of the record: `own` paths are answered by the recorder; in the others it adds a link to the record."""

    manager: str
    logs: bool
    own: bool
    rest: str

    @property
    def manager_path(self) -> str:
        """The Manager."""
        return f"{ROOT}/Managers/{self.manager}"

    @property
    def collection(self) -> str:
        """The Manager's collection of LogServices."""
        return f"{self.manager_path}/LogServices"

    @property
    def requests(self) -> str:
        """The LogService that is the record."""
        return f"{self.collection}/{REQUESTS_LOG}"

    @property
    def entries(self) -> str:
        """Its collection of LogEntries."""
        return f"{self.requests}/Entries"


def log_path(path: str) -> LogPath | None:
    """How this path relates to the record; None if it belongs to the BMC alone."""
    found = _MANAGER.fullmatch(path)
    if not found or (found["own"] and not found["logs"]):
        return None
    return LogPath(found["manager"], bool(found["logs"]), bool(found["own"]), (found["rest"] or "").rstrip("/"))


def with_link(where: LogPath, body: bytes) -> bytes | None:
    """The Manager or its LogServices with a link to the record; None if it has one already or is no JSON object."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    if not where.logs:
        return (
            None if value.get("LogServices") else msgspec.json.encode({**value, "LogServices": {"@odata.id": where.collection}})
        )
    members = value.get("Members")
    members = members if isinstance(members, list) else []
    if any(str(member.get("@odata.id", "")).rstrip("/") == where.requests for member in members if isinstance(member, dict)):
        return None
    shown = [*members, {"@odata.id": where.requests}]
    return msgspec.json.encode({**value, "Members": shown, "Members@odata.count": len(shown)})


def own_collection(where: LogPath) -> Body:
    """The collection of LogServices of a Manager that has none."""
    return _collection(where.collection, "LogService", [{"@odata.id": where.requests}])


def resource(where: LogPath, record: Record, query: dict[str, str]) -> Body | None:
    """What the recorder itself answers; None where there is nothing at that path. ValueError for a bad `$skip` or `$top`."""
    if not where.rest:
        return _log_service(where)
    if where.rest == "/Entries":
        return _entries(where, record, _number(query, "$skip", 0), _number(query, "$top", ENTRIES_A_PAGE))
    number = where.rest.removeprefix("/Entries/")
    entry = record.find(int(number)) if number.isdecimal() else None
    return _entry(where, entry) if entry else None


def _entries(where: LogPath, record: Record, skip: int, top: int) -> Body:
    top = min(top, ENTRIES_A_PAGE)
    shown = [_entry(where, each) for each in record.window(skip, top)]
    body = _collection(where.entries, "LogEntry", shown, count=len(record))
    if top and skip + top < len(record):
        body["Members@odata.nextLink"] = f"{where.entries}?$skip={skip + top}&$top={top}"
    return body


def _entry(where: LogPath, logged: LoggedRequest) -> Body:
    said = {name: str(getattr(logged, name)) for name in MESSAGE_FIELDS}
    unknown = logged.status == UNKNOWN
    return {
        "@odata.id": f"{where.entries}/{logged.id}",
        "@odata.type": "#LogEntry.v1_6_0.LogEntry",
        "Id": str(logged.id),
        "Name": f"Request {logged.id}",
        "EntryType": "Event",
        "Severity": "Warning" if unknown else "OK",
        "Created": logged.created.isoformat(),
        "Message": f"{logged.method} {logged.path} {'was sent; its outcome is unknown' if unknown else logged.status}",
        "MessageArgs": list(said.values()),
    }


def _log_service(where: LogPath) -> Body:
    return {
        "@odata.id": where.requests,
        "@odata.type": "#LogService.v1_2_0.LogService",
        "Id": REQUESTS_LOG,
        "Name": "Requests made to this BMC, as the recorder before it saw them",
        "LogEntryType": "Event",
        "OverWritePolicy": "WrapsWhenFull",
        "ServiceEnabled": True,
        "Entries": {"@odata.id": where.entries},
    }


def _collection(path: str, kind: str, members: list[Body], count: int | None = None) -> Body:
    return {
        "@odata.id": path,
        "@odata.type": f"#{kind}Collection.{kind}Collection",
        "Name": f"{kind} Collection",
        "Members": members,
        "Members@odata.count": len(members) if count is None else count,
    }


def _number(query: dict[str, Any], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{name} is a number")
    return int(text)
