"""What became of one point of a sweep, told from its run directory alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from harness.facts import MoverEnded, MoverSaid, MoverStarted, Side
from harness.journal import FILE_NAME, JournalError, read
from harness.move_left import Left, unexplained
from harness.mover_proxy import REQUESTS_FILE, MoverRequest
from harness.report.write import VERDICT_FILE
from harness.steps.recover_move import RECOVERY_FILE
from harness.sweep_points import Point

ORIGIN: Side = "source"


class Outcome(msgspec.Struct, frozen=True):
    """What became of one point; `wrong` is what did not pass, `unexplained` what the executed writes do not explain.

    `verdict` is the run's, or `broke` where it did not come to one, or `not met` where the move ended before that request.
    `stands_for`: how many points, before or after a request, leave the same state by the same means, this one among them.
    """

    point: Point
    request: MoverRequest | None = None
    phase: str = ""
    code: int | None = None
    end: str = ""
    says: str = ""
    recipe: list[str] = []
    at_risk: list[str] = []
    hosts: dict[str, str] = {}
    verdict: str = "broke"
    wrong: list[str] = []
    writes: int = 0
    stands_for: int = 0
    unexplained: list[str] = []

    @property
    def is_unclear(self) -> bool:
        """Was too little seen to judge it?"""
        return self.verdict in ("unknown", "broke")


def outcome_of(point: Point, run: Path) -> Outcome:
    """What a run directory tells of its point."""
    requests = requests_of(run)
    struck = next((request for request in requests if request.struck), None)
    verdict = _json(run / VERDICT_FILE)
    recovery = _json(run / "logs" / RECOVERY_FILE) or {}
    if verdict is None:
        return Outcome(point, request=struck, wrong=[f"no verdict; see {run.parent / 'screen.txt'}"])
    phase, code = first_mover(run, struck.at if struck else float("inf"))
    judged = [check for check in verdict["checks"] if check["verdict"] != "pass"]
    strange = unexplained(msgspec.convert(recovery["left"], Left), requests, ORIGIN) if "left" in recovery else []
    return Outcome(
        point,
        request=struck,
        phase=phase,
        code=code,
        end=recovery.get("end", ""),
        says=recovery.get("says", ""),
        recipe=recovery.get("recipe", []),
        at_risk=recovery.get("at_risk", []),
        hosts={name: host["verdict"] for name, host in verdict["hosts"].items()},
        verdict="not met" if struck is None and verdict["verdict"] == "unknown" else verdict["verdict"],
        wrong=[f"{check['verdict']}: {check['host'] or 'run'}: {check['check']}: {check['says']}" for check in judged],
        writes=sum(request.writes and request.executed for request in requests),
        stands_for=stands_for(point, requests) if struck and not strange else int(struck is not None),
        unexplained=strange,
    )


def stands_for(point: Point, requests: Sequence[MoverRequest]) -> int:
    """Points that leave the state of this one: those since the last executed write, as far as this run saw them."""
    struck = next(request for request in requests if request.struck)
    if point.by == "cut" or (struck.writes and struck.executed):
        return 1
    written = [request.number for request in requests if request.writes and request.executed and request.number < struck.number]
    # Of the write itself the point after it; of every request since, both; of the struck one, those up to where it was struck.
    between = 2 * (struck.number - max(written, default=0) - 1)
    return bool(written) + between + (1 if point.when == "before" else 2)


def first_mover(run: Path, at: float) -> tuple[str, int | None]:
    """The phase that the first mover was in at a time (`start` before its first), and its exit code (None where that was not seen)."""
    phase = "start"
    for entry in entries_of(run):
        match entry.fact:
            case MoverSaid(phase=begun) if begun and entry.since <= at:
                phase = begun
            case MoverEnded(code=code):
                return phase, code
            case _:
                pass
    return phase, None


def movers(run: Path) -> list[MoverStarted | MoverEnded]:
    """The movers of a run, as they started and ended."""
    return [entry.fact for entry in entries_of(run) if isinstance(entry.fact, MoverStarted | MoverEnded)]


def entries_of(run: Path) -> list[Any]:
    """The journal of a run, as far as it can be read."""
    try:
        return list(read(run / FILE_NAME))
    except (OSError, JournalError):
        return []


def requests_of(run: Path) -> list[MoverRequest]:
    """The requests that went through the proxy, in order."""
    file = run / "logs" / REQUESTS_FILE
    lines = file.read_bytes().splitlines() if file.exists() else []
    return [msgspec.json.decode(line, type=MoverRequest) for line in lines]


def _json(path: Path) -> Any:
    return msgspec.json.decode(path.read_bytes()) if path.exists() else None
