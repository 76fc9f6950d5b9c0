"""The one list: every fact in order, on disk within 20 ms, readable after any crash.

A journal is JSON lines, append-only. A line is `{"seq": n, "since": s, "at": s, "fact": NAME, ..., "previous": "64 hex digits",
"crc": "8 hex digits"}`; the checksum is the CRC-32 of the line before `,"crc"`, and `previous` the SHA-256 of the line before it
(`chain.py`). `since` and `at` are seconds on our monotonic clock since the run began: the fact happened not before `since` and not
after `at`.
"""

import asyncio
import os
import re
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

import msgspec

from harness.errors import JournalBrokenError, JournalError
from harness.files.held import hold
from harness.journal.chain import START, Chain, digest, is_whole, link, sealed
from harness.journal.confidential import Confidential
from harness.journal.entry import Entry
from harness.journal.facts import AnyFact
from harness.journal.shared_parts import SharedParts

COMMIT_SECONDS = 0.005
DIGITS = 6
"""Decimal digits of times: the running judgement and a later one must see exactly the same values."""

FILE_NAME = "journal.jsonl"
LINE_MAX = 1 << 26
"""No fact is as long as that (64 MiB)."""
TIME_MAX_SECONDS = 1e9
"""No run lasts for thirty years."""

_encoder = msgspec.json.Encoder()
_fact_decoder = msgspec.json.Decoder(AnyFact)


class FactRecorder(Protocol):
    """What a sight, step or fault needs of a journal: to write, and the clock."""

    def now(self) -> float:
        """Seconds since the run began, monotonic."""
        ...

    def record(self, fact: AnyFact, *, since: float | None = None, at: float | None = None) -> Entry:
        """Append one fact; `at` defaults to now, `since` to `at`."""
        ...


class _EntryHeader(msgspec.Struct):
    """The three fields that an entry adds to its fact."""

    seq: int
    since: float
    at: float


_place_decoder = msgspec.json.Decoder(_EntryHeader)


def encode(entry: Entry, previous: str = "") -> bytes:
    """One line, newline included; bound to the line before where its digest is given."""
    place = f'{{"seq":{entry.seq},"since":{entry.since:.6f},"at":{entry.at:.6f},'.encode()
    return sealed(place + _encoder.encode(entry.fact)[1:-1] + (link(previous) if previous else b"")) + b"\n"


def require_readable(fact: AnyFact) -> None:
    """msgspec.ValidationError for a fact that could be written, and not be read again: one with values of other types."""
    _fact_decoder.decode(_encoder.encode(fact))


def decode(line: bytes, parts: SharedParts | None = None) -> Entry:
    """The entry of one line without its newline; ValueError where the checksum or the fact is wrong."""
    if not is_whole(line):
        raise ValueError("the checksum does not fit the line")
    place = _place_decoder.decode(line)
    if parts is None:
        return Entry(place.seq, place.since, place.at, _fact_decoder.decode(line))
    return Entry(place.seq, parts.time(place.since), parts.time(place.at), parts.decode(line))


def read(path: Path) -> Iterator[Entry]:
    """The entries of a journal file, line by line; a torn last line (the writer was killed in it) is cut off silently.

    Raises JournalError where the file is missing, was written by another version, or is damaged anywhere but at its end.
    """
    try:
        with path.open("rb") as file:
            yield from _entries(file, path)
    except OSError as error:
        raise JournalError(f"{path}: no journal can be read there ({error.strerror}); name a run directory") from error


def _entries(file: BinaryIO, path: Path) -> Iterator[Entry]:
    first = line = file.readline(LINE_MAX)
    number = 0
    chain, parts = Chain(), SharedParts()
    while line.endswith(b"\n"):
        following = file.readline(LINE_MAX)
        try:
            entry = decode(line[:-1], parts)
        except msgspec.ValidationError as error:
            raise JournalError(f"{path}:{number + 1}: {_of_another_version(first, error)}") from error
        except (ValueError, msgspec.DecodeError) as error:
            if not following.endswith(b"\n"):
                return
            raise JournalError(f"{path}:{number + 1}: damaged line ({error}); restore the file from its copy") from error
        if entry.seq != number:
            raise JournalError(f"{path}:{number + 1}: entry {entry.seq} stands where {number} belongs; lines are missing")
        if not entry.since <= entry.at <= TIME_MAX_SECONDS:
            raise JournalError(f"{path}:{number + 1}: {entry.since:g} to {entry.at:g} s is no time of a run; restore the file")
        if not chain.holds(line[:-1]):
            raise JournalError(
                f"{path}:{number + 1}: not bound to the line before it, one was changed; restore the file from its copy"
            )
        yield entry
        line, number = following, number + 1
    if len(line) == LINE_MAX:
        raise JournalError(f"{path}:{number + 1}: a line of more than {LINE_MAX} bytes; this is no journal")


def _of_another_version(first: bytes, error: msgspec.ValidationError) -> str:
    """That a whole line tells what this version does not know, and who does."""
    known = re.search(rb'"version":"([^"\\]*)"', first)
    version = known[1].decode(errors="replace") if known else ""
    cure = f"it was written by version {version}, which can judge it" if version else "a newer version may know it"
    return f"what it tells is not known here ({error}); {cure}"


class DiskCalls(NamedTuple):
    """The two calls by which lines come onto a disk: write to a descriptor, answering how many bytes it took, and wait for them."""

    write: Callable[[int, memoryview], int] = os.write
    synchronise: Callable[[int], None] = os.fdatasync


class Journal:
    """The journal of a running run: a list in memory and a file that follows it.

    `record` is synchronous and never blocks on the disk: a writer thread commits groups of lines. `durable` waits for the disk.
    Use from one event loop only.

    Once a line could not be written, whatever the reason, the journal is broken: the file stays as it is, what is recorded from then
    on is told to whoever follows it and kept nowhere else, `durable` and `close` raise, and a verdict is given by the file alone.
    """

    def __init__(self, directory: Path, clock: Callable[[], float] = time.monotonic, disk: DiskCalls | None = None) -> None:
        """Create `directory/journal.jsonl`; FileExistsError where one is there already."""
        directory.mkdir(parents=True, exist_ok=True)
        self.path = directory / FILE_NAME
        self.entries: list[Entry] = []
        self._clock = clock
        self._began = clock()
        self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        hold(self._descriptor)  # for as long as we live: nobody else may lead on from this run meanwhile
        self._pending: list[bytes] = []
        self._durable = 0
        self._closing = threading.Event()
        self._broken: BaseException | None = None
        self._disk = disk or DiskCalls()
        self._head = START
        self._parts = SharedParts()
        self._confidential = Confidential()
        self._changed = threading.Condition()
        self._news: set[asyncio.Future[None]] = set()
        self._waiters: list[tuple[int, asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._thread.start()

    def now(self) -> float:
        """Seconds since this journal was made."""
        return self._clock() - self._began

    @property
    def broken(self) -> str:
        """Why what is recorded does not come onto the disk any more, in the system's words; empty while it does."""
        error = self._broken
        return (
            "" if error is None else (error.strerror if isinstance(error, OSError) else "") or f"{type(error).__name__}: {error}"
        )

    def record(self, fact: AnyFact, *, since: float | None = None, at: float | None = None) -> Entry:
        """Append one fact, without the secrets in it.

        Never raises for the disk's sake: who witnesses goes on, who writes asks `durable` first.
        """
        fact = self._confidential.fact(fact)
        at = round(self.now() if at is None else at, DIGITS)
        entry = Entry(len(self.entries), at if since is None else min(round(since, DIGITS), at), at, fact)
        line = encode(entry, self._head)
        head = digest(line[:-1])
        entry = Entry(entry.seq, entry.since, at, self._parts.of_new(fact, line))
        with self._changed:
            if self._broken is None:
                self._pending.append(line)
            self.entries.append(entry)
            self._head = head
            self._changed.notify()
        for news in self._news:
            if not news.done():
                news.set_result(None)
        self._news.clear()
        return entry

    async def durable(self, entry: Entry) -> None:
        """Wait until this entry is on the disk; JournalBrokenError where it cannot come there, for then nothing may be done."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        with self._changed:
            if self._durable <= entry.seq and self._broken is None:
                self._waiters.append((entry.seq, loop, future))
            else:
                future.set_result(None)
        await future
        if self._durable <= entry.seq:
            raise self._cannot()

    def _cannot(self) -> JournalBrokenError:
        return JournalBrokenError(
            f"{self.path}: cannot be written ({self.broken}); nothing is changed that is not on the disk first, "
            "and what came after its last line proves nothing; free the disk and run again"
        )

    async def follow(self, cursor: int = 0) -> AsyncGenerator[Entry, None]:
        """Every entry from `cursor` on, for ever: each reader at its own pace."""
        while True:
            while cursor < len(self.entries):
                yield self.entries[cursor]
                cursor += 1
            news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._news.add(news)
            try:
                await news
            finally:
                self._news.discard(news)

    def close(self) -> None:
        """Commit what is pending and end the writer. Raises JournalBrokenError where not every line is on the disk."""
        with self._changed:
            self._closing.set()
            self._changed.notify()
        self._thread.join()
        os.close(self._descriptor)
        if self._durable < len(self.entries):
            raise self._cannot()

    def _write(self) -> None:
        # Whatever ends this thread, also a want of memory, is a journal that is not written any more, and is told.
        try:
            while self._commit_next():
                pass
        except BaseException as error:  # noqa: BLE001
            self._broken = error
        self._tell_committed(0)

    def _commit_next(self) -> bool:
        """Bring the lines that wait onto the disk; False when all are there and no more will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._closing.is_set())
            if not self._pending:
                return False
        self._closing.wait(COMMIT_SECONDS)
        with self._changed:
            group, self._pending = self._pending, []
        view = memoryview(b"".join(group))
        while view:
            view = view[self._disk.write(self._descriptor, view) :]
        self._disk.synchronise(self._descriptor)
        self._tell_committed(len(group))
        return True

    def _tell_committed(self, count: int) -> None:
        with self._changed:
            self._durable += count
            ready = [waiter for waiter in self._waiters if waiter[0] < self._durable or self._broken]
            self._waiters = [waiter for waiter in self._waiters if waiter not in ready]
        for _, loop, future in ready:
            loop.call_soon_threadsafe(_resolve, future)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
