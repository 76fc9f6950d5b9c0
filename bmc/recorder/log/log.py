"""The recorder's file: JSON lines, append-only, checksummed, each one written before what it tells goes on.

A line is `{"seq": n, "what": KIND, "bmc": NAME, "time": RFC 3339, ..., "crc": "8 hex digits"}`; the checksum is the CRC-32 of the
line before `,"crc"`. A line is with the operating system when `append` returns, so no kill of the recorder loses it, and on the disk
when `durable` returns.

While it is open the file is longer than what is in it: zeros follow the last line. To bring a line to the disk is then to write data
only, where a file that grows needs the file system's own journal each time (a sixth of the time, measured on ext4).
"""

import asyncio
import fcntl
import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec

from bmc.recorder.log.records import AnyRecord

ROOM_BYTES = 1024 * 1024
"""How far the file is made longer at once."""
CRC_LENGTH = len(b',"crc":"00000000"}')

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(AnyRecord)


class RecorderLogError(Exception):
    """A log that cannot be read or written; the text names the file and the cure."""


class _SequenceNumber(msgspec.Struct):
    """The field that the file adds to a line."""

    seq: int


_place = msgspec.json.Decoder(_SequenceNumber)


def encode(seq: int, line: AnyRecord) -> bytes:
    """One line, newline included."""
    text = b'{"seq":%d,%b' % (seq, _encoder.encode(line)[1:-1])
    return text + b',"crc":"%08x"}\n' % zlib.crc32(text)


def decode(text: bytes) -> tuple[int, AnyRecord]:
    """Number and content of a line without its newline; ValueError where it is damaged."""
    body, tail = text[:-CRC_LENGTH], text[-CRC_LENGTH:]
    if tail != b',"crc":"%08x"}' % zlib.crc32(body):
        raise ValueError("the checksum does not fit the line")
    return _place.decode(text).seq, _decoder.decode(text)


def read(path: Path) -> Iterator[AnyRecord]:
    """The lines of a log. A torn last line, which nobody was told of, is left out. RecorderLogError where anything else is damaged."""
    for line, _ in _lines(path):
        yield line


def _lines(path: Path) -> Iterator[tuple[AnyRecord, int]]:
    """Each line, and the offset at which it ends."""
    end = 0
    try:
        with path.open("rb") as file:
            for number, text in enumerate(file):
                if not text.endswith(b"\n"):
                    return
                seq, line = decode(text[:-1])
                if seq != number:
                    raise RecorderLogError(f"{path}:{number + 1}: line {seq} stands where {number} belongs; lines are missing")
                end += len(text)
                yield line, end
    except OSError as error:
        raise RecorderLogError(f"{path}: the log cannot be read ({error.strerror})") from error
    except (ValueError, msgspec.DecodeError) as error:
        raise RecorderLogError(f"{path}:{number + 1}: damaged line ({error}); keep the file and name another one") from error


class RecorderLog:
    """The file, open for one recorder only. What it holds already is read first, and gone on from."""

    def __init__(self, path: Path) -> None:
        """Open or create the file; RecorderLogError where that fails, where another recorder has it, or where it is damaged."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise RecorderLogError(f"{path}: the log cannot be opened ({error.strerror})") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise RecorderLogError(f"{path}: another recorder writes this log; name another file") from error
        self._seq = 0
        self._end = 0
        self._room = 0
        self._on_disk = 0
        self._bringing: asyncio.Future[None] | None = None
        self._broken = ""

    def restore(self) -> Iterator[AnyRecord]:
        """What the file holds from before, once, before the first `append`; a torn last line is cut off."""
        for line, end in _lines(self.path):
            self._seq, self._end = self._seq + 1, end
            yield line
        os.ftruncate(self._descriptor, self._end)
        self._room = self._end

    def append(self, line: AnyRecord) -> None:
        """Write one line. RecorderLogError where it could not be written as a whole; nothing of it is left then."""
        if self._broken:
            raise RecorderLogError(self._broken)
        text = encode(self._seq, line)
        try:
            self._have_room(len(text))
            written = os.pwrite(self._descriptor, text, self._end)
        except OSError as error:
            raise RecorderLogError(f"{self.path}: the log cannot be written ({error.strerror})") from error
        if written != len(text):
            self._cut()
            raise RecorderLogError(f"{self.path}: the disk took a part of a line only; free it")
        self._seq, self._end = self._seq + 1, self._end + len(text)

    def bring(self) -> None:
        """Begin to bring to the disk what was appended, for somebody who will wait for it with `durable`."""
        if self._bringing is None and not self._broken:
            # At once, not when the loop comes round: the thread works while the loop goes on.
            self._bringing = asyncio.get_running_loop().run_in_executor(None, os.fdatasync, self._descriptor)
            self._bringing.add_done_callback(partial(self._brought, self._end))

    async def durable(self) -> None:
        """Wait until all that was appended is on the disk; many wait for one writing. RecorderLogError where it may not be.

        After that nothing is written any more: what the system did not bring to the disk once it may have forgotten.
        """
        wanted = self._end
        while self._on_disk < wanted:
            if self._broken:
                raise RecorderLogError(self._broken)
            self.bring()
            if self._bringing:
                await asyncio.wait([self._bringing])

    def close(self) -> None:
        """Close the file without the room behind its end, and let another recorder have it."""
        self._cut()
        os.close(self._descriptor)

    def _brought(self, end: int, writing: asyncio.Future[None]) -> None:
        """The disk has all up to `end`, or failed."""
        self._bringing = None
        error = writing.exception()
        if error is None:
            self._on_disk = end
        else:
            self._broken = f"{self.path}: the log cannot be brought to the disk ({error})"

    def _have_room(self, length: int) -> None:
        """Make the file longer where the next line would not fit. OSError where the disk is full."""
        while self._end + length > self._room:
            self._room += os.pwrite(self._descriptor, bytes(ROOM_BYTES), self._room)

    def _cut(self) -> None:
        with suppress(OSError):
            os.ftruncate(self._descriptor, self._end)
            self._room = self._end
