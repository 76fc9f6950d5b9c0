"""Follows an audit log that an API server writes to a file (`--audit-log-path`), from the end of it that was there on.

The server renames the file when it is full (or old) and begins a new one; what was still unread of the old one is read first. Others
copy it and cut it to nothing; what stood there between two looks is lost then, and that is told.
"""

import asyncio
import os
from pathlib import Path

from harness.journal.facts import Side, SightLost, SightRegained
from harness.journal.journal import FactRecorder
from harness.sight.audit.events import AuditEventError, AuditReader
from harness.sight.audit.limits import AuditLimits
from harness.sight.polling import PollingSight


class AuditFile:
    """The file, read on from where the last look ended, also over a rotation. Blocking: call it in a thread."""

    def __init__(self, path: Path, limits: AuditLimits) -> None:
        """Nothing is opened yet."""
        self._path, self._limits = path, limits
        self._descriptor = -1
        self._rest = b""
        self._skipping = False
        self.cut = False
        """Was something lost since the last look, because the file became shorter?"""
        self.behind = False
        """Is there more than one look takes?"""

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def begin(self) -> None:
        """Open it at its end. Raises OSError where it cannot be read."""
        self._open()
        end = os.lseek(self._descriptor, 0, os.SEEK_END)
        # A line that is being written is not one that began before us.
        self._skipping = end > 0 and os.pread(self._descriptor, 1, end - 1) != b"\n"

    def look(self) -> list[bytes]:
        """The whole lines since the last look, the old file's before the new one's. Raises OSError."""
        self.cut, self.behind = False, False
        if self._descriptor < 0:
            self._open()
        lines = self._read()
        if not self.behind and self._was_replaced():
            # What was written to the old one between the look and the rename.
            lines += self._read()
            if not self.behind:
                self.close()
                self._rest, self._skipping = b"", False
                self._open()
                lines += self._read()
        return lines

    def _open(self) -> None:
        self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)

    def _was_replaced(self) -> bool:
        """Does the path lead to another file now? While it leads nowhere, the next one is still to come."""
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        here = os.fstat(self._descriptor)
        return (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino)

    def _read(self) -> list[bytes]:
        if os.fstat(self._descriptor).st_size < os.lseek(self._descriptor, 0, os.SEEK_CUR):
            self.cut = True
            self._rest, self._skipping = b"", False
            os.lseek(self._descriptor, 0, os.SEEK_SET)
        data = os.read(self._descriptor, self._limits.look_bytes)
        self.behind = len(data) == self._limits.look_bytes
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        if lines and self._skipping:
            lines, self._skipping = lines[1:], False
        if len(self._rest) > self._limits.line_bytes:
            self._rest, self._skipping = b"", True
        return [line for line in lines if line.strip()]


class AuditFileSight(PollingSight):
    """Watches one API server's audit log from `run` to `final`."""

    def __init__(
        self, side: Side, path: Path, recorder: FactRecorder, reader: AuditReader, limits: AuditLimits | None = None
    ) -> None:
        """Nothing is opened yet."""
        self._limits = limits or AuditLimits()
        super().__init__("audit", side, recorder, self._limits.poll_seconds)
        self._file, self._reader = AuditFile(path, self._limits), reader
        self._path = path
        self._opened = False
        self._bad = 0

    async def final(self) -> None:
        """Read to the end of the file, record whether that succeeded, and close it."""
        await super().final()
        self._file.close()

    async def _poll(self, *, final: bool) -> None:
        sent = self._recorder.now()
        try:
            lines = await asyncio.to_thread(self._new_lines)
        except OSError as error:
            self._missed(sent, f"{self._path}: {error.strerror or error}")
            return
        await self._met(sent)
        self._tell(lines)
        while final and self._file.behind:
            self._tell(await asyncio.to_thread(self._file.look))

    def _new_lines(self) -> list[bytes]:
        if not self._opened:
            self._file.begin()
            self._opened = True
        return self._file.look()

    def _tell(self, lines: list[bytes]) -> None:
        if self._file.cut:
            self._lost(f"{self._path} became shorter: what was written to it since the last look is lost")
        for line in lines:
            try:
                write = self._reader.read(line)
            except AuditEventError as error:
                self._skip(line, error)
                continue
            if write:
                self._recorder.record(write.fact, since=write.since, at=write.at)

    def _skip(self, line: bytes, error: AuditEventError) -> None:
        """Tell of a line that is none; of very many, only that there are more."""
        self._bad += 1
        if self._bad <= self._limits.told_lines:
            more = ", and no more such lines are told" if self._bad == self._limits.told_lines else ""
            self._lost(f"a line of {self._path} is {error} ({line[:60].decode(errors='replace')!r}){more}")

    def _lost(self, says: str) -> None:
        """A gap between the last look and this one."""
        at = self._recorder.now()
        self._recorder.record(SightLost(sight="audit", cluster=self._side, says=says), since=at)
        self._recorder.record(SightRegained(sight="audit", cluster=self._side, complete=False), since=at)
