"""What became of one point of a sweep, told from its run directory alone."""

from pathlib import Path

import msgspec

from harness.journal.facts import MoverEnded, MoverSaid, MoverStarted
from harness.journal.run_directory import VERDICT_FILE, entries_of, json_of
from harness.move.leftovers import Leftovers, unexplained
from harness.move.look import RECOVERY_FILE
from harness.move.requests import MoverRequest, requests_of
from harness.sweep.points import Point
from harness.sweep.survey import ORIGIN


class PointOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one point; `wrong` is what did not pass, `unexplained` what the executed writes do not explain.

    `verdict` is the run's; `broke` if it has none; `not met` if the move ended before that request. `writes`: how many were
    executed, of all movers that went through the proxy.
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
    unexplained: list[str] = []

    @property
    def is_unclear(self) -> bool:
        """Was too little seen to judge it?"""
        return self.verdict in ("unknown", "broke")


def outcome_of(point: Point, run: Path) -> PointOutcome:
    """What a run directory tells of its point."""
    requests = requests_of(run)
    struck = next((request for request in requests if request.struck), None)
    verdict = json_of(run / VERDICT_FILE)
    recovery = json_of(run / "logs" / RECOVERY_FILE) or {}
    if verdict is None:
        return PointOutcome(point, request=struck, wrong=[f"no verdict; see {run.parent / 'screen.txt'}"])
    phase, code = first_mover(run, struck.at if struck else float("inf"))
    judged = [check for check in verdict["checks"] if check["verdict"] != "pass"]
    strange = unexplained(msgspec.convert(recovery["left"], Leftovers), requests, ORIGIN) if "left" in recovery else []
    return PointOutcome(
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
        unexplained=strange,
    )


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
