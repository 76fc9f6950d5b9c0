"""The crash-point sweep: one scenario done once for each point at which its mover is to be killed or cut off.

Each point is a run of its own, in a process and on a lab of its own; its scenario, made of the swept one, stands beside its run
and can be run again by hand. A point's outcome is read from its run alone, so an interrupted sweep can be continued.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from harness.errors import LabBrokeError, UsageError
from harness.journal.facts import MoverEnded, MoverStarted
from harness.journal.run_directory import make_run_directory
from harness.lab.model import EmbeddedLab
from harness.lab.versions import pinned
from harness.move.process import find_clusterctl
from harness.processes.ending import end
from harness.sweep.outcome import PointOutcome, movers, outcome_of
from harness.sweep.points import Point, struck_at, surveyed
from harness.sweep.survey import Survey, survey_of

VERSION_SECONDS = 60.0
WHOLE, AGAIN = "whole", "-again"
SWEEP_FILE, DONE_FILE = "sweep.json", "done"


class Swept(msgspec.Struct, frozen=True):
    """What makes a sweep this one: digests of both files, and the mover."""

    scenario: str
    lab: str
    mover: str


def swept(scenario: Path, lab: EmbeddedLab) -> Swept:
    """The identity of a sweep; UsageError where the mover does not tell its version."""
    return Swept(_digest(scenario), _digest(lab.path), mover_of(lab))


def mover_of(lab: EmbeddedLab) -> str:
    """What moves in this lab, with its version, as people call it."""
    if lab.components and lab.components.clusterctl.kind == "pinned":
        return f"clusterctl v{pinned('clusterctl', lab.components.cluster_api.of('target')).version}"
    named = lab.components.clusterctl.path if lab.components else lab.mover.clusterctl if lab.mover else None
    return version_of(named or find_clusterctl())


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def version_of(clusterctl: Path | None) -> str:
    """A mover with its version, as people call it; UsageError where the program does not tell."""
    if clusterctl is None:
        return "our own mover"
    with tempfile.TemporaryDirectory(prefix="clusterctl-") as home:
        environment = os.environ | {"HOME": home, "XDG_CONFIG_HOME": home, "CLUSTERCTL_DISABLE_VERSIONCHECK": "true"}
        try:
            command = [str(clusterctl), "version", "-o", "short"]
            done = subprocess.run(  # noqa: S603
                command, env=environment, capture_output=True, encoding="utf-8", timeout=VERSION_SECONDS, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise UsageError(f"{clusterctl}: does not tell its version ({error})") from error
    return f"clusterctl {done.stdout.split()[0]}" if done.stdout.split() else "clusterctl"


def sweep_directory(out: Path | None, this: Swept) -> Path:
    """A new directory, or that of the same sweep, which was stopped; UsageError where another sweep is there."""
    file = out / SWEEP_FILE if out else None
    if file is None or not file.exists():
        directory = make_run_directory(out, "sweep")
        (directory / SWEEP_FILE).write_bytes(msgspec.json.encode(this) + b"\n")
        return directory
    there = msgspec.json.decode(file.read_bytes(), type=Swept)
    other = [name for name in Swept.__struct_fields__ if getattr(there, name) != getattr(this, name)]
    if other:
        raise UsageError(f"{out}: a sweep with another {' and '.join(other)} is there; name a directory that is not there yet")
    return file.parent


@contextlib.contextmanager
def alone_in(directory: Path) -> Iterator[None]:
    """One sweep at a time in a directory: two would take each other's runs away. UsageError where one is at work."""
    with (directory / SWEEP_FILE).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"{directory}: another sweep is at work in it; wait for its end, or name another --out") from None
        yield


class SweepLimits(msgspec.Struct, frozen=True):
    """How long the runs of a sweep may take, on a machine with much to do."""

    point_seconds: float = 900.0
    survey_seconds: float = 3600.0
    """Some 230 looks at both clusters."""
    stop_seconds: float = 30.0
    """Until a run that was told to stop is killed."""


class Sweep(msgspec.Struct, frozen=True):
    """What to sweep, and where to."""

    scenario: Path
    lab: Path
    directory: Path
    jobs: int
    program: tuple[str, ...] = (sys.executable, "-m", "harness")
    """What does a run: the harness itself."""
    words: tuple[Path, ...] = ()
    limits: SweepLimits = SweepLimits()

    async def survey(self) -> Survey:
        """Let a whole move through, and look. LabBrokeError where it does not come to its end."""
        place = self.directory / WHOLE
        if not (place / DONE_FILE).exists():
            await self._run(surveyed(self.scenario), WHOLE, self.limits.survey_seconds)
        survey = survey_of(place / "run")
        if not survey.writes or not survey.looks or not _ended_well(place / "run"):
            raise LabBrokeError(
                f"{place / 'run'}: a move that nobody struck did not come to its end, so there is nothing to sweep"
            )
        (place / DONE_FILE).touch()
        return survey

    async def outcomes(self, points: Sequence[Point], told: Callable[[PointOutcome], None]) -> None:
        """Do every point, `jobs` at once; each outcome is told as soon as it is there.

        Where too little was seen to judge it, as on a machine with too much to do, it is done once more in the end.
        """
        unclear: list[Point] = []

        def first(outcome: PointOutcome) -> None:
            told(outcome)
            if outcome.is_unclear:
                unclear.append(outcome.point)

        await self._each(points, "", first)
        await self._each(unclear, AGAIN, told)

    async def _each(self, points: Sequence[Point], attempt: str, told: Callable[[PointOutcome], None]) -> None:
        waiting = iter(points)

        async def work() -> None:
            for point in waiting:
                told(await self._outcome(point, f"{point.name}{attempt}"))

        async with asyncio.TaskGroup() as group:
            for _ in range(self.jobs):
                group.create_task(work())

    async def _outcome(self, point: Point, name: str) -> PointOutcome:
        """The outcome of a point; an already finished run of it is read again instead of repeated."""
        place = self.directory / name
        if not (place / DONE_FILE).exists():
            await self._run(struck_at(self.scenario, point), name, self.limits.point_seconds)
            (place / DONE_FILE).touch()
        return await asyncio.to_thread(outcome_of, point, place / "run")

    async def _run(self, text: str, name: str, seconds: float) -> None:
        """One run of this scenario to its end, or until so many seconds are over, in place of one that was stopped."""
        place = self.directory / name
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
        scenario = _written(place / f"{self.scenario.stem}.yaml", text)
        command = ["run", str(scenario), "--lab", str(self.lab), "--out", str(place / "run")]
        command += [argument for directory in self.words for argument in ("--words", str(directory))]
        with (place / "screen.txt").open("wb") as screen:
            process = await asyncio.create_subprocess_exec(
                *self.program, *command, stdin=asyncio.subprocess.DEVNULL, stdout=screen, stderr=screen
            )
        try:
            # A run that takes longer is judged by what it left.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await process.wait()
        finally:
            # Like Ctrl-C, so that its lab stops too.
            await end(process, self.limits.stop_seconds)


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def _ended_well(run: Path) -> bool:
    """Was one mover started, and did it end with 0?"""
    seen = movers(run)
    ended = [fact.code for fact in seen if isinstance(fact, MoverEnded)]
    return ended == [0] and sum(isinstance(fact, MoverStarted) for fact in seen) == 1
