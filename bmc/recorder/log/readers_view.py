"""One BMC's requests as readers see them: a fold of the log's lines.

A request is listed once it may have reached the BMC. A write is listed before it is sent, with status 0 (unknown) until it is
answered; a read when it has been answered. An entry that a reader has seen never changes, because readers recognise the log by
its entries.
"""

from dataclasses import replace
from datetime import datetime

from bmc.recorder.log.records import AnyRecord, RequestEndedRecord, RequestRecord, RequestSentRecord, UnknownReportedRecord
from bmc.request_log import CAPACITY, LoggedRequest, RequestLog

UNKNOWN = 0
"""The status of a request with an unknown outcome."""

REACHED = ("answered", "broken", "unknown", "aside")
"""Outcomes of requests that may have reached the BMC."""


class Record(RequestLog):
    """One BMC's record. `asked` counts its requests, also those that never reached it."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        super().__init__(capacity)
        self.asked = 0
        self.unknown = 0
        self.unattributed = 0
        self._open: dict[int, RequestRecord] = {}
        self._entries_of: dict[int, int] = {}
        self._shown: set[int] = set()

    def take(self, line: AnyRecord) -> None:
        """Take in one line of this BMC, in the order of the log."""
        match line:
            case RequestRecord():
                self.asked = line.request
                self.unattributed += not line.client
                if line.forwarded:
                    self._open[line.request] = line
            case RequestSentRecord():
                self._entries_of[line.request] = self._enter(self._open[line.request], UNKNOWN)
            case UnknownReportedRecord():
                self._shown.add(line.request)
            case RequestEndedRecord():
                self._answered(line)

    def unsettled(self) -> list[int]:
        """Listed requests whose outcome is still unknown and may become known."""
        return [request for request in self._entries_of if request not in self._shown]

    def unfinished(self) -> list[RequestRecord]:
        """Requests to be forwarded that have not ended."""
        return list(self._open.values())

    def _answered(self, line: RequestEndedRecord) -> None:
        self.unknown += line.outcome == "unknown"
        asked = self._open.pop(line.request, None)
        entry = self._entries_of.pop(line.request, None)
        if entry is None:
            if asked and line.outcome in REACHED:
                self._enter(asked, line.status)
        elif line.request not in self._shown:
            self._settle(entry, line.status)
        self._shown.discard(line.request)

    def _enter(self, asked: RequestRecord, status: int) -> int:
        entry = self.next_id
        self.append(
            LoggedRequest(
                id=entry,
                created=datetime.fromisoformat(asked.time),
                address=asked.address,
                user_agent=asked.user_agent,
                user=asked.user,
                method=asked.method,
                path=asked.path,
                status=status,
                body=asked.body,
            )
        )
        return entry

    def _settle(self, entry: int, status: int) -> None:
        position = entry - (self.next_id - len(self))
        if position >= 0:
            self._entries[position] = replace(self._entries[position], status=status)
