"""The survey of a whole move: its requests, and what the mover would leave if killed before or after each.

It is read from one run whose mover was held before each of its writes while both clusters were looked at. Only writes change
state, so one snapshot stands for every crash point since the previous write.
"""

from collections import Counter
from pathlib import Path

import msgspec

from harness.journal.facts import MoverSaid, Side
from harness.journal.run_directory import entries_of, json_of
from harness.move.leftovers import SURVEY_FILE, Snapshot, unexplained
from harness.move.look import RECOVERY_FILE
from harness.move.requests import requests_of

ORIGIN: Side = "source"
NOT_LOOKED = "not looked at"


class CrashPointCount(msgspec.Struct, frozen=True, array_like=True):
    """Number of crash points (before and after each request) in a phase with this many executed writes."""

    phase: str
    writes: int
    count: int


class Survey(msgspec.Struct, frozen=True):
    """A whole move: how many requests, the numbers of those that write, and what was found.

    `ends`: end state by the number of writes that were executed; `places`: in the order of the move; `unexplained`: by request, what
    was found before it and the executed writes do not explain.
    """

    requests: int
    writes: tuple[int, ...]
    ends: dict[int, str] = {}
    places: tuple[CrashPointCount, ...] = ()
    unexplained: dict[int, list[str]] = {}

    def end(self, writes: int) -> str:
        """The end state after this many executed writes."""
        return self.ends.get(writes, NOT_LOOKED)

    @property
    def looks(self) -> int:
        """How many of the states between two writes were looked at."""
        return len(self.ends)


def survey_of(run: Path) -> Survey:
    """What the run of a held mover tells."""
    requests = requests_of(run)
    seen = {look.number: look for look in _looks(run)}
    ends: dict[int, str] = {}
    strange: dict[int, list[str]] = {}
    executed = 0
    for index, request in enumerate(requests):
        if look := seen.get(request.number):
            ends[executed] = look.end
            strange[request.number] = unexplained(look.left, requests[:index], ORIGIN)
        executed += request.writes and request.executed
    if (recovery := json_of(run / "logs" / RECOVERY_FILE)) is not None:
        ends[executed] = recovery["end"]
    writes = tuple(request.number for request in requests if request.writes)
    return Survey(len(requests), writes, ends, places_of(run), {number: why for number, why in strange.items() if why})


def _looks(run: Path) -> list[Snapshot]:
    file = run / "logs" / SURVEY_FILE
    return [msgspec.json.decode(line, type=Snapshot) for line in file.read_bytes().splitlines()] if file.exists() else []


def places_of(run: Path) -> tuple[CrashPointCount, ...]:
    """Count crash points by phase and executed writes; each request gives two, before and after it."""
    phases = [
        (entry.since, entry.fact.phase) for entry in entries_of(run) if isinstance(entry.fact, MoverSaid) and entry.fact.phase
    ]
    places: Counter[tuple[str, int]] = Counter()
    executed = 0
    for request in requests_of(run):
        phase = next((phase for since, phase in reversed(phases) if since <= request.at), "start")
        places[phase, executed] += 1
        executed += request.writes and request.executed
        places[phase, executed] += 1
    return tuple(CrashPointCount(phase, writes, count) for (phase, writes), count in places.items())
