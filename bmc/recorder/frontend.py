"""What stands before one BMC, whichever protocol it speaks: its record, its faults, and the lines that it writes."""

import asyncio
import time
from contextlib import suppress
from typing import Any, ClassVar

from bmc.recorder.clients import ClientNames
from bmc.recorder.faults import Faults
from bmc.recorder.log.clock import now
from bmc.recorder.log.log import RecorderLog, RecorderLogError
from bmc.recorder.log.readers_view import Record
from bmc.recorder.log.records import AnyRecord, Outcome, RequestEndedRecord, UnknownReportedRecord

GRACE_SECONDS = 0.2
"""How long a reader of the record waits for requests that are at the BMC just now, before it is told that nobody knows."""


class BmcFrontend:
    """One BMC behind the recorder. `trouble` is why the newest request that got no answer got none.

    `kinds`: the faults that can be done to it.
    """

    kinds: ClassVar[frozenset[str]]

    def __init__(self, name: str, log: RecorderLog, *, record: Record, askers: ClientNames) -> None:
        self.name = name
        self.record = record
        self.faults = Faults()
        self.trouble = ""
        self.log = log
        self.askers = askers
        self._settled = asyncio.Event()

    def write(self, line: AnyRecord) -> None:
        """Write a line, and take it into the record. RecorderLogError where it could not be written; it did not happen then."""
        self.log.append(line)
        self.record.take(line)

    def end(self, request: int, began: float, outcome: Outcome, status: int, **more: Any) -> None:
        """Write down how a request ended that began then (on our monotonic clock). RecorderLogError where that is not possible."""
        seconds = round(time.monotonic() - began, 6)
        self.write(
            RequestEndedRecord(
                bmc=self.name, time=now(), request=request, outcome=outcome, status=status, seconds=seconds, **more
            )
        )
        self._settled.set()

    def forget_unfinished(self, says: str) -> None:
        """Write down that the outcome of all that has no end yet stays unknown; it does also where that cannot be written."""
        with suppress(RecorderLogError):
            for asked in self.record.unfinished():
                self.end(asked.request, time.monotonic(), "unknown", 0, says=says, told="nothing")

    async def settle(self) -> None:
        """Wait a little for the outcome of what is at the BMC just now; what is unknown then stays so for readers."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                while self.record.unsettled():
                    self._settled.clear()
                    await self._settled.wait()
        for request in self.record.unsettled():
            self.write(UnknownReportedRecord(bmc=self.name, time=now(), request=request))
