"""What stands before one BMC, whichever protocol it speaks: its record, its faults, and the lines that it writes."""

import asyncio
import time
from contextlib import suppress
from typing import Any, ClassVar, NamedTuple

from bmc.recorder.clients import ClientNames
from bmc.recorder.faults import Faults
from bmc.recorder.log.clock import now
from bmc.recorder.log.log import RecorderLog, RecorderLogError
from bmc.recorder.log.readers_view import Record
from bmc.recorder.log.records import AnyRecord, Outcome, RequestEndedRecord, UnknownReportedRecord
from bmc.recorder.settings import BmcSettings

GRACE_SECONDS = 0.2
"""How long a reader of the record waits for pending requests before they are reported as unknown."""


class Attachment(NamedTuple):
    """What is given to the frontend of any BMC: whose it is, the log of all BMCs, this BMC's own record, how clients are named."""

    name: str
    settings: BmcSettings
    log: RecorderLog
    record: Record
    askers: ClientNames


class BmcFrontend:
    """One BMC behind the recorder. `trouble`: why the newest unanswered request got no answer.

    `kinds`: the faults that this protocol supports.
    """

    kinds: ClassVar[frozenset[str]]

    def __init__(self, attachment: Attachment) -> None:
        self.name = attachment.name
        self.record = attachment.record
        self.faults = Faults()
        self.trouble = ""
        self.log = attachment.log
        self.askers = attachment.askers
        self._settled = asyncio.Event()

    def write(self, line: AnyRecord) -> None:
        """Append to the log, then to the record.

        Raises RecorderLogError if the log cannot be written; the record is unchanged then.
        """
        self.log.append(line)
        self.record.take(line)

    def end(self, request: int, began: float, outcome: Outcome, status: int, **more: Any) -> None:
        """Record how a request ended; `began` is its start on the monotonic clock. Raises RecorderLogError."""
        seconds = round(time.monotonic() - began, 6)
        self.write(
            RequestEndedRecord(
                bmc=self.name, time=now(), request=request, outcome=outcome, status=status, seconds=seconds, **more
            )
        )
        self._settled.set()

    def forget_unfinished(self, says: str) -> None:
        """Record every open request as `unknown`. Requests stay unknown even if the record cannot be written."""
        with suppress(RecorderLogError):
            for asked in self.record.unfinished():
                self.end(asked.request, time.monotonic(), "unknown", 0, says=says, told="nothing")

    async def settle(self) -> None:
        """Wait up to GRACE_SECONDS for pending requests; those still pending are reported to readers as unknown for good."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                while self.record.unsettled():
                    self._settled.clear()
                    await self._settled.wait()
        for request in self.record.unsettled():
            self.write(UnknownReportedRecord(bmc=self.name, time=now(), request=request))
