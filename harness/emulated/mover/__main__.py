"""`python -m harness.emulated.mover move --kubeconfig A --to-kubeconfig B -n NS -v 5`.

Everything goes to standard error; the exit code is 0, or 1 with a last line `Error: ...`. `MOVER_SPEED` divides all pauses
between attempts, `MOVER_SEED` decides the order within a group.
"""

import argparse
import asyncio
import os
import random
import signal
import sys
from pathlib import Path
from typing import NoReturn

import aiohttp

from harness.emulated.mover.api import kubeconfig
from harness.emulated.mover.api.backoff import Retry
from harness.emulated.mover.api.calls import MoveApiClient
from harness.emulated.mover.errors import MoveError
from harness.emulated.mover.job import Job
from harness.emulated.mover.log import MoverLog
from harness.emulated.mover.move import move

NO_TARGET = (
    "please specify a target cluster using the --to-kubeconfig flag when not using --dry-run, --to-directory or --from-directory"
)


class _FlagParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        unknown = message.removeprefix("unrecognized arguments: ")
        raise MoveError(f"unknown flag: {unknown.split()[0]}" if unknown != message else message)


def _parser() -> argparse.ArgumentParser:
    parser = _FlagParser(prog="mover", add_help=True, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_FlagParser)
    moving = commands.add_parser("move", help="move Cluster API objects and all their dependencies between management clusters")
    moving.add_argument("--kubeconfig", default="", help="of the source; default $KUBECONFIG, then ~/.kube/config")
    moving.add_argument("--kubeconfig-context", default="")
    moving.add_argument("--to-kubeconfig", default="")
    moving.add_argument("--to-kubeconfig-context", default="")
    moving.add_argument("-n", "--namespace", default="", help="default: the namespace of the source's context")
    moving.add_argument("--dry-run", action="store_true")
    moving.add_argument("--hide-api-warnings", default="default")
    moving.add_argument("-v", "--v", dest="verbosity", type=int, default=0)
    return parser


def _access(options: argparse.Namespace) -> tuple[kubeconfig.Access, kubeconfig.Access]:
    """Settings of source and target; a dry run never calls its target."""
    if not options.to_kubeconfig and not options.dry_run:
        raise MoveError(NO_TARGET)
    default = os.environ.get("KUBECONFIG") or "~/.kube/config"
    source = kubeconfig.load(Path(options.kubeconfig or default).expanduser(), options.kubeconfig_context)
    if options.dry_run:
        return source, source
    return source, kubeconfig.load(Path(options.to_kubeconfig).expanduser(), options.to_kubeconfig_context)


async def _run(options: argparse.Namespace, log: MoverLog) -> None:
    log.say("No default config file available", level=5)
    hidden = options.hide_api_warnings
    if hidden not in {"default", "all", "none"}:
        raise MoveError(f'set of API warnings "{hidden}" is unknown; choose "default", "all", or "none"')
    source, target = _access(options)
    # Two of them: how often something was tried again must not change the order.
    seed = os.environ.get("MOVER_SEED", "0")
    order, jitter = random.Random(f"chance {seed}"), random.Random(seed)  # noqa: S311 -- no secret
    retry = Retry(log, jitter, float(os.environ.get("MOVER_SPEED", "1")))
    async with aiohttp.ClientSession() as session:
        job = Job(
            source=MoveApiClient(source, session, log, hidden),
            target=MoveApiClient(target, session, log, hidden),
            retry=retry,
            order=order,
            log=log,
            namespace=options.namespace or source.namespace,
            dry_run=options.dry_run,
        )
        await move(job)
    log.say("No default config file available", level=5)


def main(arguments: list[str]) -> int:
    """Exit code of one command line."""
    # As a program without signal handlers dies: at once, nothing tidied up, the source left paused.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        options = _parser().parse_args(arguments)
        asyncio.run(_run(options, MoverLog(options.verbosity, sys.stderr)))
    except MoveError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    except Exception as error:  # noqa: BLE001 -- a program for people ends with one line, whatever happened
        sys.stderr.write(f"Error: {type(error).__name__}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
