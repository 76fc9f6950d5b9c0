"""`python -m bmc.recorder`: stand before BMCs until SIGINT or SIGTERM.

Once all is up one line of JSON goes to the standard output: `{"ready": {NAME: LISTENING PLACE}, "control": ADDRESS OR null}`.
Exit codes: 0 after a signal, 2 where the settings cannot be used.
"""

import argparse
import asyncio
import json
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
from aiohttp import web

from bmc.errors import BmcError
from bmc.recorder.control import control_app
from bmc.recorder.log.log import RecorderLogError
from bmc.recorder.recorder import FlightRecorder
from bmc.recorder.settings import (
    BmcSettings,
    RecorderSettings,
    RecorderSettingsError,
    Trust,
    bind,
    control_place,
    place_of,
    read_settings,
)

REFUSED = 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command; its exit code."""
    try:
        asyncio.run(serve(settings_of(_parser().parse_args(arguments))))
    except (RecorderSettingsError, RecorderLogError, BmcError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    return 0


async def serve(settings: RecorderSettings) -> None:
    """Stand before the BMCs until SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        recorder = await stack.enter_async_context(FlightRecorder(settings))
        control = await _controlled(stack, recorder, settings.control) if settings.control else None
        ready = {name: listener.place for name, listener in recorder.listeners.items()}
        sys.stdout.write(json.dumps({"ready": ready, "control": control}) + "\n")
        sys.stdout.flush()
        await stopped.wait()


async def _controlled(stack: AsyncExitStack, recorder: FlightRecorder, text: str) -> str:
    """Serve the control; its address."""
    bound = stack.enter_context(bind(*control_place(text)))
    runner = web.AppRunner(control_app(recorder), access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, bound).start()
    return f"http://{place_of(bound)}"


def settings_of(arguments: argparse.Namespace) -> RecorderSettings:
    """The settings that the command line, or the file that it names, tells; RecorderSettingsError where they cannot be used."""
    settings = read_settings(Path(arguments.config)) if arguments.config else RecorderSettings((), "")
    bmcs = settings.bmcs
    if arguments.listen or arguments.to:
        if not (arguments.listen and arguments.to):
            raise RecorderSettingsError("--listen and --to belong together")
        trust = Trust(arguments.ca, arguments.pin, arguments.insecure)
        one = BmcSettings(
            arguments.listen,
            arguments.to,
            arguments.name,
            trust,
            arguments.certificate,
            arguments.key,
            tuple(arguments.user),
            arguments.events,
        )
        bmcs = (*bmcs, one)
    log = arguments.log or settings.log
    if not log or not bmcs:
        raise RecorderSettingsError("a recorder needs --log, and --listen with --to, or a --config that has them")
    return msgspec.structs.replace(
        settings,
        bmcs=bmcs,
        log=log,
        control=arguments.control or settings.control,
        askers=(*settings.askers, *arguments.asker),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bmc.recorder", description="Record every request to a BMC, and inject faults."
    )
    parser.add_argument("--listen", default="", metavar="ADDRESS:PORT", help="where the BMC is asked from now on")
    parser.add_argument("--to", default="", metavar="URL", help="where the BMC is, as https://10.0.0.13 or ipmi://10.0.0.13")
    parser.add_argument("--name", default="", help="the BMC's name in the log; default: where it is listened for it")
    parser.add_argument("--log", default="", metavar="FILE", help="the record; an existing one is gone on with")
    parser.add_argument("--control", default="", metavar="ADDRESS:PORT", help="serve the control of faults there, on loopback")
    parser.add_argument(
        "--asker", action="append", default=[], metavar="RULE", help="NAME=address:IP, NAME=user:USER, NAME=agent:REGEX"
    )
    parser.add_argument(
        "--user",
        action="append",
        default=[],
        metavar="REFERENCE",
        help="IPMI: where the credentials of who asks are, env:NAME or file:PATH; other users' sessions cannot be read",
    )
    parser.add_argument(
        "--events",
        default="",
        metavar="URL",
        help="how the BMC reaches this recorder, as http://10.0.0.5:8001, or `here`; events that it pushes then come through it",
    )
    parser.add_argument("--ca", default="", metavar="FILE", help="the authorities that the BMC's certificate may come from")
    parser.add_argument("--pin", default="", metavar="sha256:HEX", help="the one certificate that the BMC may have")
    parser.add_argument("--insecure", default="", metavar="REASON", help="take any certificate of the BMC, and say why")
    parser.add_argument("--certificate", default="", metavar="FILE", help="listen with https, with this certificate")
    parser.add_argument("--key", default="", metavar="FILE", help="its key")
    parser.add_argument(
        "--config", default="", metavar="FILE", help="JSON with all of these, for many BMCs (bmc.recorder.settings)"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
