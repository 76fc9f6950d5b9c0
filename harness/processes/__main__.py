"""`python -m harness.processes --config DIR/processes.json --dir DIR --logs DIR`: run a lab of real processes until told to end.

Prints a line for whatever it starts, and `ready DIR/lab.yaml` once everything is up. Ends cleanly on SIGTERM, SIGINT, and, unless
`--detach`, when the pipe that is its standard input is closed; when it is killed, the kernel kills what it started. Exit codes: 0 ended
as asked, 4 the lab broke.
"""

import argparse
import asyncio
import os
import shutil
import sys
from pathlib import Path

from harness.exits import Exit, exit_of_error, explain
from harness.processes.ending import on_stop_signals
from harness.processes.lab import ProcessesLab
from harness.processes.settings import ProcessesSettings


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m harness.processes", description="Run a Metal3 lab of real processes.")
    parser.add_argument("--config", type=Path, required=True, help="processes.json")
    parser.add_argument("--dir", type=Path, required=True, help="where lab.yaml, kubeconfigs, secrets and data are written")
    parser.add_argument("--logs", type=Path, required=True, help="where each process has its log")
    parser.add_argument("--detach", action="store_true", help="go on when standard input is closed")
    parser.add_argument("--ephemeral", action="store_true", help="remove the directory at the end, with the secrets in it")
    options = parser.parse_args()
    os.umask(0o077)  # databases, too, hold what nobody else shall read
    lab = ProcessesLab(ProcessesSettings.read(options.config), options.dir, options.logs, ephemeral=options.ephemeral)
    try:
        asyncio.run(_run(lab, detach=options.detach))
    except Exception as error:  # noqa: BLE001 (all of them end in words and an exit code)
        sys.stderr.write(f"{explain(error)}\n")
        return int(exit_of_error(error))
    finally:
        shutil.rmtree(options.dir if options.ephemeral else options.dir / "state", ignore_errors=True)
    return Exit.PASS


async def _run(lab: ProcessesLab, *, detach: bool) -> None:
    loop, running = asyncio.get_running_loop(), asyncio.ensure_future(lab.run(_print_progress, _ready))
    if not detach:
        _watch_parent(loop, sys.stdin.fileno(), running)
    with on_stop_signals(running.cancel):
        await asyncio.wait([running])
    if not running.cancelled():
        running.result()


def _watch_parent(loop: asyncio.AbstractEventLoop, descriptor: int, running: asyncio.Future[None]) -> None:
    """Stop when standard input closes: the parent holds its other end."""

    def readable() -> None:
        if not os.read(descriptor, 1 << 12):
            loop.remove_reader(descriptor)
            running.cancel()

    loop.add_reader(descriptor, readable)


def _ready(path: Path) -> None:
    _print_progress(f"ready {path}")


def _print_progress(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
