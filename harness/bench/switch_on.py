"""Starts and stops our own labs: each is a separate process, known only by the lab file that it writes.

An embedded lab is `python -m harness.emulated`; one with real components `python -m harness.processes`, which starts the former.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from harness.errors import LabBrokeError, UsageError
from harness.exits import Exit
from harness.files.scratch import scratch_directory
from harness.lab.file import load_lab
from harness.lab.model import AnyLab, EmbeddedLab, Lab
from harness.processes.descriptors import have_descriptors
from harness.processes.ending import end, on_stop_signals
from harness.processes.programs.prepare import prepare

PID_FILE = "lab.pid"
CONFIG_FILE = "embedded.json"
LOG_FILE = "lab.log"
LOGS = "processes"
STATE = "state"
MANIFESTS = ("lab-hosts.yaml", "lab-cluster.yaml")
"""Manifests written by a lab without a Cluster, in the order to apply them."""
APPLIED = ("providers", "bmo", "ironic", "upgrade-*")
SECRETS = ("*.kubeconfig", "*.secret", "lab.yaml", *MANIFESTS, *(f"lab-{name}.yaml" for name in APPLIED))

Tell = Callable[[str], None]


class LabProcessLimits(msgspec.Struct, frozen=True):
    """How long a lab's process may take."""

    ready_seconds: float = 60.0
    """Until it is up."""
    processes_ready_seconds: float = 900.0
    """The same with real components."""
    stop_seconds: float = 15.0
    """Until it is killed."""
    log_lines: int = 20
    """How many of its last words are told."""

    def ready(self, lab: EmbeddedLab) -> float:
        """How long this lab may take to come up (seconds)."""
        return self.processes_ready_seconds if lab.components else self.ready_seconds


LIMITS = LabProcessLimits()


@asynccontextmanager
async def switched_on(lab: EmbeddedLab, logs: Path) -> AsyncIterator[Lab]:
    """Start an embedded lab and yield it as an ordinary lab; it is stopped, and its files are deleted, when the block ends.

    Raises LabBrokeError, with the process's last words, where it does not come up, or ends while the block still goes on.
    """
    logs.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - before anything runs beside us
    with scratch_directory("pivot-lab-") as place:
        process = await start(lab, place, logs / LOG_FILE, "--ephemeral")
        try:
            real = ordinary(lab, await ready(process, logs / LOG_FILE, LIMITS.ready(lab)))
            async with ended_with(process, logs / LOG_FILE):
                yield real
        finally:
            await end(process, LIMITS.stop_seconds)


@asynccontextmanager
async def ended_with(process: Process, log: Path) -> AsyncIterator[None]:
    """Cancel the block with LabBrokeError if the lab's process ends."""
    block = asyncio.current_task()

    async def watch() -> None:
        await process.wait()
        if block is not None:
            block.cancel()

    watching = asyncio.ensure_future(watch())
    try:
        yield
    except asyncio.CancelledError:
        if not watching.done() or (block is not None and block.uncancel() > 0):
            raise
        raise LabBrokeError(f"the lab ended while it was in use; it said:\n{last_words(log)}") from None
    finally:
        watching.cancel()


def make_ready(lab: AnyLab, data: Path | None = None) -> None:
    """Build or install what a lab with real components needs, with progress on stderr. Raises UsageError if that is impossible.

    `data` is the directory of the lab's data; default: the directory for temporary files.
    """
    if isinstance(lab, EmbeddedLab) and lab.components:
        prepare(lab, data or Path(tempfile.gettempdir()))
    if isinstance(lab, EmbeddedLab) and lab.embedded.bmc.kind == "sushy-emulator":
        bmc = lab.embedded.bmc
        install = [
            sys.executable,
            "-m",
            "harness.emulated.bmcs.sushy_emulator",
            bmc.driver,
            *([str(bmc.program)] if bmc.program else []),
        ]
        if subprocess.run(install, check=False).returncode != 0:  # noqa: S603 - our own program
            raise UsageError(f"{lab.path}: this lab's BMCs are sushy-emulator, which cannot be had")


async def start(lab: EmbeddedLab, place: Path, log: Path, *options: str) -> Process:
    """Start the process; its files go to `place`, its stderr to `log`. It ends with us unless `options` has `--detach`."""
    have_descriptors(len(lab.host_names))
    config = place / CONFIG_FILE
    config.write_bytes(prepare(lab, place).encoded() if lab.components else msgspec.json.encode(lab.embedded, enc_hook=str))
    module = ["harness.processes", "--logs", str(log.parent / LOGS)] if lab.components else ["harness.emulated"]
    command = [sys.executable, "-m", *module, "--config", str(config), "--dir", str(place)]
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *command, *options, stdin=PIPE, stdout=PIPE, stderr=output, start_new_session=True
        )


async def ready(process: Process, log: Path, seconds: float = LIMITS.ready_seconds, tell: Tell = lambda _: None) -> Path:
    """Wait until the lab is up and return its lab file; `tell` is called with each progress line before that."""
    if process.stdout is None:
        raise ValueError("the lab's process has no standard output to listen to")
    try:
        async with asyncio.timeout(seconds):
            async for line in process.stdout:
                words = line.decode().rstrip("\n")
                if words.startswith("ready "):
                    return Path(words.removeprefix("ready "))
                tell(words)
    except TimeoutError:
        await end(process, LIMITS.stop_seconds)
        raise LabBrokeError(f"the embedded lab was not up after {seconds:.0f} s; it said:\n{last_words(log)}") from None
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), LIMITS.stop_seconds)
    await end(process, LIMITS.stop_seconds)
    raise LabBrokeError(f"the embedded lab did not come up; it said:\n{last_words(log)}")


def ordinary(lab: EmbeddedLab, path: Path) -> Lab:
    """The lab of the file that the process wrote, completed by the embedded lab's own settings."""
    written = load_lab(path)
    if not isinstance(written, Lab):
        raise LabBrokeError(f"{path}: the embedded lab wrote no ordinary lab file")
    settle = lab.settle_seconds or written.settle_seconds
    mover = lab.mover or written.mover
    if mover and written.mover:
        mover = msgspec.structs.replace(mover, clusterctl=mover.clusterctl or written.mover.clusterctl)
    return msgspec.structs.replace(
        written, name=lab.name, mover=mover, unclaimed=lab.unclaimed, settle_seconds=settle, words=lab.words
    )


def last_words(log: Path) -> str:
    """The end of a log, indented."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LIMITS.log_lines :] if log.exists() else []
    return "\n".join(f"  {line}" for line in lines) or "  (nothing)"


def lab_up(lab: EmbeddedLab, place: Path, *, detach: bool) -> int:
    """Keep an embedded lab running in `place`: until Ctrl-C or SIGTERM, or with `detach` until `lab_down`."""
    return asyncio.run(_up(lab, place, detach=detach))


async def _up(lab: EmbeddedLab, place: Path, *, detach: bool) -> int:
    began = time.monotonic()

    def tell(words: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:6.1f} s  {words}\n")
        sys.stderr.flush()

    process = await start(lab, place, place / LOG_FILE, *(["--detach"] if detach else []))
    # First of all: whatever ends us from here on, `lab down` finds it.
    (place / PID_FILE).write_text(f"{process.pid}\n", encoding="utf-8")
    try:
        written = await ready(process, place / LOG_FILE, LIMITS.ready(lab), tell)
    except BaseException:
        await end(process, LIMITS.stop_seconds)
        (place / PID_FILE).unlink(missing_ok=True)
        raise
    name_words(lab, written)
    tell("up")
    sys.stdout.write(f"up  {written}\n")
    sys.stdout.flush()
    sys.stderr.write(_usable(lab, place, written, detach=detach))
    if detach:
        return 0
    await _until_stopped(process)
    return Exit.PASS if process.returncode == 0 else Exit.LAB_BROKE


def name_words(lab: EmbeddedLab, written: Path) -> None:
    """Let the lab file that was written name the same words; they are the harness' business, so the lab itself knows of none."""
    if lab.words:
        with written.open("a", encoding="utf-8") as file:
            file.write(f"words: {msgspec.json.encode(str(lab.words.resolve())).decode()}\n")


def _usable(lab: EmbeddedLab, place: Path, written: Path, *, detach: bool) -> str:
    """What can be done with a lab that is up."""
    clusters = ", ".join(path.name for path in sorted(written.parent.glob("*.kubeconfig")))
    empty = not lab.embedded.provisioned
    applied = " ".join(f"-f {written.parent / name}" for name in MANIFESTS)
    lines = [
        f"harness run {'provision_and_pivot ' if empty else ''}--lab {written}",
        *([f"kubectl --kubeconfig {written.parent / 'source.kubeconfig'} apply {applied}"] if empty else []),
        f"kubectl --kubeconfig {written.parent / 'source.kubeconfig'} get baremetalhosts -A    (kubeconfigs: {clusters})",
        f"less {place / LOG_FILE}" + (f" {place / LOGS}/*" if lab.components else ""),
        f"harness lab down {place}" if detach else "Ctrl-C ends it",
    ]
    return "".join(f"    {line}\n" for line in lines)


async def _until_stopped(process: Process) -> None:
    """Wait until the lab ends by itself, or for SIGINT or SIGTERM; then end it."""
    told = asyncio.Event()
    with on_stop_signals(told.set):
        ended, waiting = asyncio.ensure_future(process.wait()), asyncio.ensure_future(told.wait())
        await asyncio.wait({ended, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        await end(process, LIMITS.stop_seconds)


def lab_down(place: Path) -> int:
    """End the lab that `lab_up` left in `place`, and wait for its end; only logs are left. UsageError where there is none."""
    number = _number_in(place)
    if number is None and not (place / CONFIG_FILE).is_file():
        raise UsageError(f"{place}: no {PID_FILE} in it, so no lab is up there")
    if number is not None and is_lab(number):
        os.kill(number, signal.SIGTERM)
        asyncio.run(_gone(number))
    (place / PID_FILE).unlink(missing_ok=True)
    _remove_what_a_killed_one_leaves(place)
    sys.stdout.write(f"down  {place}\n")
    return 0


def _number_in(place: Path) -> int | None:
    """The process of the lab in `place`; None where none was started, or whoever did was killed in that moment."""
    try:
        return int((place / PID_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _remove_what_a_killed_one_leaves(place: Path) -> None:
    """Remove the data and secrets that a killed lab left; a lab that ended normally has removed them itself."""
    for pattern in SECRETS:
        for path in place.glob(pattern):
            path.unlink(missing_ok=True)
    shutil.rmtree(place / STATE, ignore_errors=True)


def is_lab(number: int) -> bool:
    """Is this process one of our labs? A number can have been given to another process since."""
    try:
        command = Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return False
    return b"harness.emulated" in command or b"harness.processes" in command


async def _gone(number: int) -> None:
    try:
        async with asyncio.timeout(LIMITS.stop_seconds):
            while is_lab(number):  # noqa: ASYNC110 - not our child: there is nothing to wait on
                await asyncio.sleep(0.05)
    except TimeoutError:
        os.kill(number, signal.SIGKILL)
