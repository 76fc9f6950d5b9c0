"""What is known of a run that is to be led on: its own journal, those of the recoveries of it before, and what they took back.

A recovery that writes more than undos keeps a journal of its own, in `recovery-1`, `recovery-2`, ... beneath the run's directory.
"""

import itertools
from pathlib import Path
from typing import Literal, NamedTuple

from harness.bench.bench import ScaleBack
from harness.bench.leases.lease import DeleteLease
from harness.bench.undo import Undoing, standing
from harness.journal.entry import Entry
from harness.journal.facts import MoverEnded, MoverStarted, Side
from harness.journal.journal import FILE_NAME, read
from harness.processes.child import is_same_process

NOTES_FILE = "recovered.txt"
RECOVERY = "recovery-{number}"


Scope = Literal["all", "since the last move", "harmless"]
"""Which writes: all of them; those after the last move that came to a good end; those that can change no owner."""


class RecordedRun(NamedTuple):
    """One journal of it; `label` is empty for the run itself, and the directory's name for a recovery."""

    label: str
    directory: Path
    entries: list[Entry]

    def noted(self, item: Undoing) -> str:
        """By what name it is kept in mind that a write of this run was undone."""
        return f"{self.label}/{item.write}" if self.label else item.write


class LeftWrite(NamedTuple):
    """A write that stands, of one of the runs."""

    run: RecordedRun
    item: Undoing


class LastMover(NamedTuple):
    """The mover that was started last, in which run, and its exit code where its end was seen."""

    run: RecordedRun
    started: MoverStarted
    code: int | None

    @property
    def is_broken_off(self) -> bool:
        """Was it not seen to end well?"""
        return self.code != 0

    @property
    def runs(self) -> bool:
        """Does it still run on this machine?"""
        started = self.started
        return self.code is None and bool(started.pid) and is_same_process(started.pid, started.pid_began)


class Trail:
    """The run in this directory and its recoveries, oldest first. Raises JournalError."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.runs = [RecordedRun("", directory, list(read(directory / FILE_NAME)))]
        for number in itertools.count(1):
            place = directory / RECOVERY.format(number=number)
            if not (place / FILE_NAME).exists():
                break
            self.runs.append(RecordedRun(place.name, place, list(read(place / FILE_NAME))))

    @property
    def next_directory(self) -> Path:
        """Where the next recovery keeps its journal."""
        return self.directory / RECOVERY.format(number=len(self.runs))

    @property
    def last_mover(self) -> LastMover | None:
        """The mover that was started last; None where none was."""
        for run in reversed(self.runs):
            if found := last_mover(run):
                return found
        return None

    @property
    def holders(self) -> list[str]:
        """By what names the run and its recoveries held Leases: they are ours to take over."""
        return [it.undo.holder for run in self.runs for it in standing(run.entries) if isinstance(it.undo, DeleteLease)]

    @property
    def home(self) -> Side | None:
        """Where all was when the run began: what its first mover took it away from."""
        started = (entry.fact for run in self.runs for entry in run.entries if isinstance(entry.fact, MoverStarted))
        first = next(started, None)
        return first.origin if first else None

    def standing(self, scope: Scope) -> list[LeftWrite]:
        """What is to be undone, newest first.

        A Deployment gets the replicas that it had first, and no others in between: those of a move back and forth would for a moment
        run two owners.
        """
        done = set(self._notes())
        found = [
            LeftWrite(run, item)
            for run in reversed(self.runs)
            for item in standing(since_last_move(run) if scope == "since the last move" else run.entries)
            if run.noted(item) not in done and (scope != "harmless" or item.undo.touches_no_owner)
        ]
        first = {_deployment(left.item): left for left in found}
        return [left for left in found if not _deployment(left.item) or first[_deployment(left.item)] is left]

    def kept(self) -> list[LeftWrite]:
        """What is not taken back because a move broke off, newest first."""
        mover = self.last_mover
        if mover is None or not mover.is_broken_off:
            return []
        return [left for left in self.standing("since the last move") if not left.item.undo.touches_no_owner]

    def _notes(self) -> list[str]:
        path = self.directory / NOTES_FILE
        return path.read_text(encoding="utf-8").split() if path.exists() else []

    def note(self, left: LeftWrite) -> None:
        """Keep in mind that it was undone, and with a Deployment's first replicas all later ones of it."""
        deployment = _deployment(left.item)
        every = ((run, it) for run in self.runs for it in standing(run.entries))
        names = {run.noted(it) for run, it in every if deployment and _deployment(it) == deployment}
        names.add(left.run.noted(left.item))
        with (self.directory / NOTES_FILE).open("a", encoding="utf-8") as file:
            file.writelines(f"{name}\n" for name in sorted(names))


def _deployment(item: Undoing) -> str:
    """The Deployment whose replicas it gives back; empty for any other write."""
    return f"{item.undo.cluster} {item.undo.deployment}" if isinstance(item.undo, ScaleBack) else ""


def last_mover(run: RecordedRun) -> LastMover | None:
    """The mover that was started last in one run."""
    started = next((entry.fact for entry in reversed(run.entries) if isinstance(entry.fact, MoverStarted)), None)
    if started is None:
        return None
    ends = (entry.fact for entry in run.entries if isinstance(entry.fact, MoverEnded) and entry.fact.mover == started.mover)
    ended = next(ends, None)
    return LastMover(run, started, ended.code if ended else None)


def since_last_move(run: RecordedRun) -> list[Entry]:
    """What was recorded after the last move of it that came to a good end."""
    ends = (number for number, entry in enumerate(run.entries) if isinstance(entry.fact, MoverEnded) and entry.fact.code == 0)
    return run.entries[max(ends, default=-1) + 1 :]
