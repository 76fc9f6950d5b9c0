"""Sight on the mover: `clusterctl move` as a child process, each line of its standard error a fact.

Its lines say what it is about to do; what was done is known from the watches only.
"""

import asyncio
import itertools
import os
import shlex
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from harness.journal.facts import MoverEnded, MoverSaid, MoverStarted, Side, SightBegan, SightEnded
from harness.journal.journal import FactRecorder
from harness.journal.mover_lines import masked, phase_of
from harness.processes.ending import end_whole_group

TERMINATE_SECONDS = 2.0
CHUNK_BYTES = 1 << 16
VERBOSITY = "5"

_numbers = itertools.count(1)


def find_clusterctl(named: Path | None = None) -> Path | None:
    """The clusterctl that was named, else the one on PATH; None where there is none."""
    if named is not None:
        return named
    found = shutil.which("clusterctl")
    return Path(found) if found else None


class KubeconfigContext(NamedTuple):
    """A kubeconfig and the context in it; empty for its current one."""

    kubeconfig: Path
    context: str = ""


def mover_command(clusterctl: Path | None, *, source: KubeconfigContext, target: KubeconfigContext, namespace: str) -> list[str]:
    """The command that moves a namespace: clusterctl's, or with None our own mover's."""
    program = [str(clusterctl)] if clusterctl is not None else [sys.executable, "-m", "harness.emulated.mover"]
    places = ["--kubeconfig", str(source.kubeconfig), "--to-kubeconfig", str(target.kubeconfig), "-n", namespace]
    places += ["--kubeconfig-context", source.context] if source.context else []
    places += ["--to-kubeconfig-context", target.context] if target.context else []
    return [*program, "move", *places, "-v", VERBOSITY]


def mover_environment(home: Path, *, speed: float = 1.0, seed: int = 0) -> dict[str, str]:
    """Our environment, made safe for a mover: a scratch home, and no version check, which would ask the internet for a minute."""
    return {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "CLUSTERCTL_DISABLE_VERSIONCHECK": "true",
        "MOVER_SPEED": str(speed),
        "MOVER_SEED": str(seed),
    }


async def move(  # noqa: PLR0913 -- all keywords; each belongs to this one child
    command: Sequence[str],
    *,
    origin: Side,
    destination: Side,
    recorder: FactRecorder,
    log_path: Path,
    environment: Mapping[str, str],
) -> int:
    """Run a mover to its end and answer its exit code (negative: the signal that ended it).

    Records MoverStarted, every line as MoverSaid, MoverEnded, between SightBegan and SightEnded. `log_path` gets the raw lines.
    Cancelled, it ends the child and what that has started (SIGTERM, and SIGKILL `TERMINATE_SECONDS` later) before it gives way.
    Raises OSError where the command cannot be started.
    """
    number, began = next(_numbers), recorder.now()
    with _append(log_path) as log:
        child = await _start(command, environment)
        recorder.record(SightBegan(sight="mover"), since=began)
        started = MoverStarted(mover=number, origin=origin, destination=destination, command=masked(shlex.join(command)))
        recorder.record(started, since=began)
        complete = False
        try:
            await _listen(child, number, recorder, log)
            await child.wait()
            complete = True
        finally:
            code = await child.wait() if complete else await end_whole_group(child, TERMINATE_SECONDS)
            recorder.record(MoverEnded(mover=number, code=code, seconds=round(recorder.now() - began, 3)))
            recorder.record(SightEnded(sight="mover", complete=complete))
    return code


def _append(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("ab", buffering=0)


async def _start(command: Sequence[str], environment: Mapping[str, str]) -> Process:
    # A session of its own: Ctrl-C in our terminal must not kill the mover before we have decided to.
    return await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, env=dict(environment), start_new_session=True
    )


async def _listen(child: Process, number: int, recorder: FactRecorder, log: BinaryIO) -> None:
    """Record each line; its time lies between the previous read and the read that returned it."""
    if child.stderr is None:
        raise ValueError("the child has no standard error to listen to")
    since, rest = recorder.now(), b""
    while chunk := await child.stderr.read(CHUNK_BYTES):
        at = recorder.now()
        log.write(chunk)
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            recorder.record(_mover_said(number, line), since=since, at=at)
        since = at
    if rest:
        recorder.record(_mover_said(number, rest), since=since)


def _mover_said(number: int, line: bytes) -> MoverSaid:
    text = line.decode(errors="replace").rstrip("\r")
    return MoverSaid(mover=number, line=masked(text), phase=phase_of(text))
