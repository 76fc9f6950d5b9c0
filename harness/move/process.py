"""Sight on the mover: `clusterctl move` as a child process, each line of its standard error a fact.

Its lines say what it is about to do; what was done is known from the watches only.
"""

import asyncio
import itertools
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from bmc.masking.text import masked
from harness.journal.facts import MoverEnded, MoverSaid, MoverStarted, Side, SightBegan, SightEnded
from harness.journal.journal import FactRecorder
from harness.journal.mover_lines import phase_of
from harness.processes.child import POLL_SECONDS, Child
from harness.processes.ending import end_whole_group

TERMINATE_SECONDS = 2.0
CHUNK_BYTES = 1 << 16
VERBOSITY = "5"

PASSED_ON = (
    *("PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "USER", "LOGNAME", "LD_LIBRARY_PATH", "VIRTUAL_ENV"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"),
)
PASSED_ON_PREFIXES = ("LC_", "PYTHON")
"""The environment variables that any program may need: where it finds what, how it speaks, by whom it reaches and trusts servers."""

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


def mover_environment(home: Path, *, speed: float = 1.0, seed: int = 0, named: Sequence[str] = ()) -> dict[str, str]:
    """What a mover gets of our environment: what any program needs, and what was named for it; other people's secrets stay here.

    Its home is a scratch one, and it makes no version check, which would ask the internet for a minute.
    """
    passed_on = {name: value for name, value in os.environ.items() if name in named or _is_for_any_program(name)}
    return {
        **passed_on,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "CLUSTERCTL_DISABLE_VERSIONCHECK": "true",
        "MOVER_SPEED": str(speed),
        "MOVER_SEED": str(seed),
    }


def _is_for_any_program(name: str) -> bool:
    return name.upper() in PASSED_ON or name.startswith(PASSED_ON_PREFIXES)


async def move(  # noqa: PLR0913 -- all keywords; each belongs to this one child
    command: Sequence[str],
    *,
    origin: Side,
    destination: Side,
    recorder: FactRecorder,
    log_path: Path,
    environment: Mapping[str, str],
    ends: Callable[[], bool] = lambda: True,
) -> int:
    """Run a mover to its end and answer its exit code (negative: the signal that ended it).

    Records MoverStarted, every line as MoverSaid, MoverEnded, between SightBegan and SightEnded. `log_path` gets the lines, masked.
    The mover writes to a file beside it and does not notice our end. Cancelled, we ask `ends`: true ends it and what it has started
    (SIGTERM, and SIGKILL `TERMINATE_SECONDS` later) before we give way, false lets it go on alone.
    Raises OSError where the command cannot be started, or its files cannot be made.
    """
    number, began = next(_numbers), recorder.now()
    with _MoverLog(log_path, number) as log:
        child = Child(command, environment, log.output)
        recorder.record(SightBegan(sight="mover"), since=began)
        recorder.record(_started(number, origin, destination, command, child), since=began)
        code: int | None = None
        try:
            await _listen(child, number, recorder, log)
            code = await child.wait()
        finally:
            complete = code is not None
            if code is None and ends():
                code = await end_whole_group(child, TERMINATE_SECONDS)
            if code is None:
                child.leave()
            else:
                recorder.record(MoverEnded(mover=number, code=code, seconds=round(recorder.now() - began, 3)))
                log.done()
            recorder.record(SightEnded(sight="mover", complete=complete))
    return code


def _started(number: int, origin: Side, destination: Side, command: Sequence[str], child: Child) -> MoverStarted:
    told = masked(shlex.join(command))
    return MoverStarted(mover=number, origin=origin, destination=destination, command=told, pid=child.pid, pid_began=child.began)


def mask_logs_left(logs: Path) -> None:
    """Mask what movers wrote of whom nobody saw the end, in this directory of a run's logs; call it when they have ended."""
    for raw in sorted(logs.glob("*.raw")):
        masked_lines = (f"{masked(line)}\n" for line in raw.read_text(encoding="utf-8", errors="replace").splitlines())
        raw.with_suffix("").write_text("".join(masked_lines), encoding="utf-8")
        raw.unlink()


class _MoverLog:
    """What a mover says: `output` is where it writes it, `read` tells what is new there, `keep` writes a line masked to `log_path`.

    What the mover writes may hold secrets: only the user may read it, and `done` removes it. It stays where we do not see its end.
    """

    def __init__(self, log_path: Path, number: int) -> None:
        log_path.parent.mkdir(parents=True, exist_ok=True)
        self._raw = log_path.with_name(f"{log_path.name}.{number}.raw")
        self.output = os.open(self._raw, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._input = os.open(self._raw, os.O_RDONLY)
        self._kept: BinaryIO | None = log_path.open("ab", buffering=0)

    def read(self) -> bytes:
        """What was written since; empty where there is nothing new."""
        return os.read(self._input, CHUNK_BYTES)

    def keep(self, line: str) -> None:
        """Write one line; a disk that is full takes the log away, not the mover: the journal, where it can, tells the same."""
        if self._kept is None:
            return
        try:
            self._kept.write(line.encode())
        except OSError:
            self._kept.close()
            self._kept = None

    def done(self) -> None:
        """The mover has ended, and all was read."""
        self._raw.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.output)
        os.close(self._input)
        if self._kept:
            self._kept.close()


async def _listen(child: Child, number: int, recorder: FactRecorder, log: _MoverLog) -> None:
    """Record each line until the child ends; its time lies between the previous read and the read that returned it."""
    since, rest, ended = recorder.now(), b"", False
    while True:
        chunk = log.read()
        at = recorder.now()
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            said = _mover_said(number, line)
            log.keep(f"{said.line}\n")
            recorder.record(said, since=since, at=at)
        since = at
        if not chunk and ended:
            break
        ended = child.returncode is not None
        if not chunk and not ended:
            await asyncio.sleep(POLL_SECONDS)
    if rest:
        said = _mover_said(number, rest)
        log.keep(said.line)
        recorder.record(said, since=since)


def _mover_said(number: int, line: bytes) -> MoverSaid:
    text = line.decode(errors="replace").rstrip("\r")
    return MoverSaid(mover=number, line=masked(text), phase=phase_of(text))
