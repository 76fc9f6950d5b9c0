"""Standard input and outputs as a command wants them: whatever becomes of them changes nothing but what is shown.

They may be closed (cron), full, or a pipe that nobody reads any more; no verdict and no exit code depends on that.
"""

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

ERRORS, STANDARD = 2, 3
"""Descriptors 0, 1 and 2: a file of ours that got such a number would be written to by whoever prints."""


class _UnfailingOutput(io.FileIO):
    """A descriptor; what it does not take is gone, and nobody hears of it."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """How many bytes there were."""
        with contextlib.suppress(OSError):
            if (written := super().write(data)) is not None:
                return written
        return memoryview(data).nbytes


def secure_streams() -> None:
    """Open what is closed, to nowhere; let nothing that is printed fail, neither for its stream nor for a character."""
    while (spare := os.open(os.devnull, os.O_RDWR)) < STANDARD:
        pass
    os.close(spare)
    sys.stdin = sys.stdin or open(0, encoding="utf-8")  # noqa: SIM115 - it is open as long as we run
    sys.stdout = _secured(sys.stdout, 1)
    sys.stderr = _secured(sys.stderr, ERRORS)


def _secured(stream: TextIO | None, descriptor: int) -> TextIO:
    """Somebody's own stream, as that of a test, stays."""
    if stream is not None and not _is_standard(stream, descriptor):
        escape_unencodable(stream)
        return stream
    encoding = (stream and stream.encoding) or "utf-8"
    output = io.BufferedWriter(_UnfailingOutput(descriptor, "w", closefd=False))
    return io.TextIOWrapper(output, encoding, errors="backslashreplace", line_buffering=descriptor == ERRORS or output.isatty())


def _is_standard(stream: TextIO, descriptor: int) -> bool:
    buffer = getattr(stream, "buffer", None)  # where Python is told to buffer nothing, this is the file itself
    return isinstance(getattr(buffer, "raw", buffer), io.FileIO) and stream.fileno() == descriptor


def escape_unencodable(stream: TextIO) -> None:
    """Make a stream write an escape for a character that its encoding lacks, instead of raising UnicodeEncodeError."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
