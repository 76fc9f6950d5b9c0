"""The crash-point sweep: one scenario done once for each request at which its mover can be killed or cut off.

Each point is a run of its own, in a process and on a lab of its own; its scenario, made of the swept one, stands beside its run and
can be run again by hand. What is told of a point is read from its run directory alone.
"""

import asyncio
import contextlib
import re
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from harness.exits import LabBrokeError, RefusedError
from harness.facts import MoverEnded, MoverSaid, MoverStarted
from harness.journal import FILE_NAME, JournalError, read
from harness.mover_proxy import REQUESTS_FILE, Means, MoverRequest, When
from harness.steps.recover_move import RECOVERY_FILE

POINT_SECONDS = 900.0
STOP_SECONDS = 30.0
BEYOND = 1_000_000
"""A request that no mover comes to."""

FAULT = re.compile(r"move_killed: *\{[^{}]*\}")
WHENS: tuple[When, ...] = ("before", "after")
MEANS: tuple[Means, ...] = ("kill", "cut")


class Point(msgspec.Struct, frozen=True):
    """One place at which the mover is struck."""

    at: int
    when: When
    by: Means

    @property
    def name(self) -> str:
        """As its directory is called."""
        return f"{self.at:04}-{self.when}-{self.by}"


class Outcome(msgspec.Struct, frozen=True):
    """What became of one point; `wrong` is what did not pass.

    `verdict` is the run's, or `broke` where it did not come to one, or `not met` where the move ended before that request.
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


class Counted(msgspec.Struct, frozen=True):
    """What a run in which nothing was struck told: how many requests there are, and who made them."""

    requests: int
    mover: str


class Sweep(msgspec.Struct, frozen=True):
    """What to sweep, and where to."""

    scenario: Path
    lab: Path
    directory: Path
    jobs: int

    async def count(self) -> Counted:
        """Let a whole move through, and count. LabBrokeError where it does not come to its end."""
        run = await self._run(Point(BEYOND, "before", "kill"), "whole")
        made = requests_of(run)
        movers = [entry.fact for entry in entries_of(run) if isinstance(entry.fact, MoverStarted | MoverEnded)]
        ended = [fact.code for fact in movers if isinstance(fact, MoverEnded)]
        if not made or ended != [0]:
            raise LabBrokeError(f"{run}: a move that nobody struck did not come to its end, so there is nothing to sweep")
        ours = any(isinstance(fact, MoverStarted) and "harness.emulated.mover" in fact.command for fact in movers)
        return Counted(len(made), "our own mover" if ours else "clusterctl")

    async def outcomes(self, points: list[Point], told: Callable[[Outcome], None]) -> None:
        """Do every point, `jobs` at once; each outcome is told as soon as it is there."""
        waiting = iter(points)

        async def work() -> None:
            for point in waiting:
                told(await self._outcome(point))

        async with asyncio.TaskGroup() as group:
            for _ in range(self.jobs):
                group.create_task(work())

    async def _outcome(self, point: Point) -> Outcome:
        """Strike once; where too little was seen to judge it, as on a machine with too much to do, once more."""
        outcome = outcome_of(point, await self._run(point, point.name))
        if outcome.verdict == "unknown":
            return outcome_of(point, await self._run(point, f"{point.name}-again"))
        return outcome

    async def _run(self, point: Point, name: str) -> Path:
        """One run to its end, or to `POINT_SECONDS`; its run directory."""
        place = self.directory / name
        scenario = _written(place / f"{self.scenario.stem}.yaml", struck_at(self.scenario, point))
        command = ["run", str(scenario), "--lab", str(self.lab), "--out", str(place / "run")]
        with (place / "screen.txt").open("wb") as screen:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "harness", *command, stdin=asyncio.subprocess.DEVNULL, stdout=screen, stderr=screen
            )
        try:
            # A run that takes longer is judged by what it left.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POINT_SECONDS):
                    await process.wait()
        finally:
            await _stop(process)
        return place / "run"


async def _stop(process: Process) -> None:
    """End a run as Ctrl-C does, so that its lab goes with it; make it where it does not."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def struck_at(scenario: Path, point: Point) -> str:
    """The scenario's text with its one `move_killed: {...}` set to this point; RefusedError where it does not have just one."""
    text = scenario.read_text()
    if len(FAULT.findall(text)) != 1:
        raise RefusedError(
            f"{scenario}: a scenario to sweep has `move_killed: {{at: ..., when: ..., by: ...}}` once, on one line"
        )
    return FAULT.sub(f"move_killed: {{at: {point.at}, when: {point.when}, by: {point.by}}}", text)


def points_of(requests: int, *, every: int, first: int, last: int | None) -> list[Point]:
    """Every n-th request, before and after, killed and cut off."""
    numbers = range(first, min(last or requests, requests) + 1, every)
    return [Point(at, when, by) for at in numbers for when in WHENS for by in MEANS]


def outcome_of(point: Point, run: Path) -> Outcome:
    """What a run directory tells of its point."""
    struck = next((request for request in requests_of(run) if request.struck), None)
    verdict = _json(run / "verdict.json")
    recovery = _json(run / "logs" / RECOVERY_FILE)
    if verdict is None:
        return Outcome(point, request=struck, wrong=[f"no verdict; see {run.parent / 'screen.txt'}"])
    phase, code = first_mover(run, struck.at if struck else float("inf"))
    judged = [check for check in verdict["checks"] if check["verdict"] != "pass"]
    return Outcome(
        point,
        request=struck,
        phase=phase,
        code=code,
        end=(recovery or {}).get("end", ""),
        says=(recovery or {}).get("says", ""),
        recipe=(recovery or {}).get("recipe", []),
        at_risk=(recovery or {}).get("at_risk", []),
        hosts={name: host["verdict"] for name, host in verdict["hosts"].items()},
        verdict="not met" if struck is None and verdict["verdict"] == "unknown" else verdict["verdict"],
        wrong=[f"{check['verdict']}: {check['host'] or 'run'}: {check['check']}: {check['says']}" for check in judged],
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
