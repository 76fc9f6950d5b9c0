"""A part of the lab that is a real component's program, run as a kubelet would: started, restarted, and ready when it says so."""

import asyncio
import contextlib
import ctypes
import logging
import os
import re
import signal
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path

import aiohttp
import msgspec

from harness.emulated.kube.client import Client, StatusError
from harness.emulated.programs.manifests import ComponentManifests
from harness.emulated.programs.webhooks import WebhookServer, install

CURES = {
    r"plugin\.Open|(fail|error|no such)[^\n]*provisioner\.so|provisioner\.so[^\n]*(fail|error|no such|different version)": (
        "ironic-provisioner.so, built together with this very program, has to lie beside it, or in PROVISIONER_PLUGIN_DIR"
    ),
    r"timed out waiting for cache|no matches for kind": (
        "it has kinds that are not served here: give the `manifests` of its release, too"
    ),
    r"unknown (shorthand )?flag|flag provided but not defined|invalid value .* for flag": "correct its `flags` in the lab file",
    r"address already in use": "end what listens there (`ss -ltnp` shows it), and start the lab again",
}
CURE = "its whole log says more"
SET_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""

_libc = ctypes.CDLL(None, use_errno=True)
log = logging.getLogger(__name__)


class ProgramLimits(msgspec.Struct, frozen=True):
    """How long a program may take for each thing, and how often it is looked at."""

    ready_seconds: float = 300.0
    probe_seconds: float = 0.1
    answer_seconds: float = 2.0
    """For one answer to the question whether it is ready."""
    stop_seconds: float = 10.0
    """Until it is killed, and then until it is given up."""
    restart_seconds: float = 1.0
    """Before it is started again, or its webhooks are registered again."""
    log_lines: int = 12
    """How many of its last words are told."""


class Program(msgspec.Struct, frozen=True):
    """How to run it: `healthy` is a URL that answers 200 (or 401) once it is ready, `log` a file for its words.

    With `manifests` (a file or a directory) its definitions take the place of ours. `webhooks` is the URL at which it serves webhooks,
    to be trusted by `authority` (a file); empty where it serves none. `release` is its version, where that is known.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    log: str
    healthy: str
    release: str = ""
    manifests: str = ""
    webhooks: str = ""
    authority: str = ""

    @property
    def server(self) -> WebhookServer | None:
        """Its webhook server, where it has one."""
        return WebhookServer(self.webhooks, Path(self.authority)) if self.webhooks else None

    @property
    def provided(self) -> ComponentManifests | None:
        """Its manifests, where it has some."""
        return ComponentManifests(Path(self.manifests), name=self.name, server=self.server) if self.manifests else None


class ProgramDiedError(Exception):
    """A program ended before it was ever ready; the text has its last words."""


class ProgramPart:
    """Runs a program while its Deployment wants a replica. `ready` tells whether it is.

    Its webhooks are called from then on, also while it has no replica: as in any cluster they refuse what they should judge.
    """

    def __init__(self, program: Program, client: Client, limits: ProgramLimits | None = None) -> None:
        """It is not started yet."""
        self._limits = limits or ProgramLimits()
        self._program = program
        self._client = client
        self._trouble = ""
        self.ready = asyncio.Event()

    async def __call__(self) -> None:
        """Run until cancelled. Raises ProgramDiedError where it never gets ready."""
        once_ready = False
        while True:
            process = await self._start()
            try:
                await self._live(process)
                once_ready = once_ready or self.ready.is_set()
            finally:
                self.ready.clear()
                await _end(process, self._limits.stop_seconds)
            if not once_ready:
                raise ProgramDiedError(f"{self._program.name} {_how(process)}; {self._last_words()}")
            log.info("%s %s and is started again; %s", self._program.name, _how(process), self._last_words())
            await asyncio.sleep(self._limits.restart_seconds)

    async def _live(self, process: Process) -> None:
        """Wait until the process exits; `ready` is set while it reports healthy."""
        ended = asyncio.ensure_future(process.wait())
        becoming = asyncio.ensure_future(self._become_ready())
        try:
            await asyncio.wait({ended, becoming}, return_when=asyncio.FIRST_COMPLETED)
            if becoming.done():
                becoming.result()
            await ended
        finally:
            for waiting in (ended, becoming):
                waiting.cancel()
            await asyncio.wait({ended, becoming})

    async def _start(self) -> Process:
        with Path(self._program.log).open("ab") as output:  # noqa: ASYNC230 - a moment's work
            return await asyncio.create_subprocess_exec(
                *self._program.command,
                stdin=DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self._program.environment},
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    async def _become_ready(self) -> None:
        try:
            async with asyncio.timeout(self._limits.ready_seconds):
                while not await self._healthy():  # noqa: ASYNC110 - another process: there is nothing to wait on
                    await asyncio.sleep(self._limits.probe_seconds)
                if self._program.server:
                    await self._provide(self._program.server)
        except TimeoutError:
            raise ProgramDiedError(
                f"{self._program.name} was not ready after {self._limits.ready_seconds:.0f} s{self._trouble}; {self._last_words()}"
            ) from None
        self.ready.set()

    async def _provide(self, server: WebhookServer) -> None:
        """Register the program's webhooks; retried while it does not listen yet or the API server is busy."""
        configurations = self._program.provided.configurations() if self._program.provided else []
        while True:
            try:
                await install(self._client, self._program.name, server, configurations)
                return  # noqa: TRY300 - the end of asking
            except (StatusError, aiohttp.ClientError, TimeoutError) as error:
                self._trouble = f"; its webhooks: {error or type(error).__name__}"
                log.info("%s%s", self._program.name, self._trouble)
                await asyncio.sleep(self._limits.restart_seconds)

    async def _healthy(self) -> bool:
        limit = aiohttp.ClientTimeout(total=self._limits.answer_seconds)
        try:
            async with aiohttp.ClientSession(timeout=limit) as session, session.get(self._program.healthy) as answer:
                return answer.status in (200, 401)
        except (aiohttp.ClientError, TimeoutError):
            return False

    def _last_words(self) -> str:
        lines = Path(self._program.log).read_text(encoding="utf-8", errors="replace").splitlines()[-self._limits.log_lines :]
        said = "\n".join(f"  {line}" for line in lines)
        return f"its last words ({self._program.log}):\n{said}\n{cure(said)}"


def cure(said: str) -> str:
    """What helps a manager that said this before it ended."""
    return next((cure for pattern, cure in CURES.items() if re.search(pattern, said, re.IGNORECASE)), CURE)


def _how(process: Process) -> str:
    code = process.returncode
    return f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with exit code {code}"


async def _end(process: Process, seconds: float) -> None:
    """SIGTERM to it and what it started; SIGKILL where that is not obeyed."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), seconds)


def die_with_parent() -> None:
    """For a new process, before its program begins: have the kernel kill it when the one that started it ends."""
    _libc.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
