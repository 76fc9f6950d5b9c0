"""`python -m harness.emulated --config DIR/embedded.json --dir DIR`: run an embedded lab until told to end.

Prints `ready DIR/lab.yaml` once everything is up. Ends cleanly on SIGTERM, SIGINT, and, unless `--detach`, when the pipe that is its
standard input is closed. Exit codes: 0 ended as asked, 1 a real component's program died or its manifests do not fit, 2 a bad
configuration.
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import shutil
import signal
import stat
import sys
from pathlib import Path

import msgspec

from harness.emulated.lab.idle_time import measured_loop
from harness.emulated.lab.lab import EmulatedLab
from harness.emulated.plan.plan import Config
from harness.emulated.programs.manifests import UnfitManifestsError
from harness.emulated.programs.program import ProgramDiedError

PROGRAM_DIED = 1
BAD_CONFIGURATION = 2


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m harness.emulated", description="Run an embedded Metal3 lab.")
    parser.add_argument("--config", type=Path, help="embedded.json; default: 3 hosts, 1 spare, speed 20")
    parser.add_argument("--dir", type=Path, required=True, help="where lab.yaml, kubeconfigs and secrets are written")
    parser.add_argument("--detach", action="store_true", help="go on when standard input is closed")
    parser.add_argument("--ephemeral", action="store_true", help="remove the directory at the end, with the secrets in it")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
    try:
        config = Config.read(options.config) if options.config else Config()
    except (OSError, msgspec.DecodeError, ValueError) as error:
        sys.stderr.write(f"{options.config}: {error}\n")
        return BAD_CONFIGURATION
    options.dir.mkdir(parents=True, exist_ok=True)
    gc.callbacks.append(_keep_survivors)
    ours = options.ephemeral
    try:
        loop, lost_seconds = measured_loop()
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(_run(EmulatedLab(config, options.dir, lost_seconds), detach=options.detach))
    except BaseExceptionGroup as group:
        died, rest = group.split((ProgramDiedError, UnfitManifestsError))
        if died is None or rest is not None:
            raise
        # The directory is left to whoever started us: others that live in it would die of its end, and be blamed.
        ours = False
        sys.stderr.write(f"{_innermost(died)}\n")
        return PROGRAM_DIED
    finally:
        if ours:
            shutil.rmtree(options.dir, ignore_errors=True)
    return 0


def _keep_survivors(phase: str, told: dict[str, int]) -> None:
    """What outlived a whole look for garbage is not looked at again: with hundreds of hosts each look would stop the lab for a second."""
    if phase == "stop" and told["generation"] == len(gc.get_threshold()) - 1:
        gc.freeze()


def _innermost(error: BaseException) -> BaseException:
    return _innermost(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


async def _run(lab: EmulatedLab, *, detach: bool) -> None:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if not detach and _is_pipe(sys.stdin.fileno()):
        _watch_parent(loop, sys.stdin.fileno(), ended)
    await lab.run(ended, _print_ready)


def _watch_parent(loop: asyncio.AbstractEventLoop, descriptor: int, ended: asyncio.Event) -> None:
    """The parent holds the other end; when it dies, however, the pipe closes."""

    def readable() -> None:
        if not os.read(descriptor, 1 << 12):
            loop.remove_reader(descriptor)
            ended.set()

    loop.add_reader(descriptor, readable)


def _is_pipe(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _print_ready(path: Path) -> None:
    with contextlib.suppress(BrokenPipeError):  # who waited for it is dead, and so the lab ends anyway
        sys.stdout.write(f"ready {path}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
