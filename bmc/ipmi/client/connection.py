"""A connection to one BMC: at most one session, one command at a time, with deadlines of its own since pyghmi's are not kept."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from typing import Any

from bmc.address import IpmiAddress
from bmc.errors import Blame, BmcError, ErrorKind
from bmc.ipmi.client.session import ClientSession
from bmc.ipmi.client.thread import client_thread
from bmc.ipmi.wire import APP, App, Completion
from bmc.model import Credentials
from bmc.refusals import Trial

IDLE_SECONDS_MAX = 30.0
"""A session unused for longer is not trusted any more: a BMC drops it silently after 60 s (IPMI 2.0 §6.12.15)."""
CLOSE_SECONDS = 1.0
MAPPED = "::ffff:"
"""How an IPv6 socket shows an IPv4 address."""

_MEANINGS: dict[int, tuple[ErrorKind, Blame]] = {
    Completion.PARAMETER_UNSUPPORTED: ("missing", "bmc"),
    Completion.INVALID_COMMAND: ("missing", "bmc"),
    Completion.INVALID_FOR_LUN: ("missing", "bmc"),
    Completion.OUT_OF_RANGE: ("missing", "bmc"),
    Completion.NOT_PRESENT: ("missing", "bmc"),
    Completion.INVALID_FIELD: ("missing", "bmc"),
    Completion.PRIVILEGE_TOO_LOW: ("forbidden", "us"),
    Completion.NOT_IN_THIS_STATE: ("refused", "bmc"),
    Completion.BUSY: ("busy", "bmc"),
}


class _Promise:
    """A future of this event loop that the client's thread settles."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self._loop.create_future()

    def keep(self, value: Any) -> None:
        self._settle(lambda: self.future.set_result(value))

    def fail(self, error: BmcError) -> None:
        self._settle(lambda: self.future.set_exception(error))

    def _settle(self, settle: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed: nobody waits any more
            self._loop.call_soon_threadsafe(lambda: None if self.future.done() else settle())


class IpmiConnection:
    """Sends commands to one BMC. Create and use it within one event loop. Methods raise BmcError only.

    A command that gets no answer abandons the session, and the next command opens another. `call_from` is the local address to
    call from; empty: the system chooses. `cautious`: stop trying credentials that were refused too often.
    """

    def __init__(
        self,
        address: IpmiAddress,
        credentials: Credentials | None,
        *,
        deadline_seconds: float,
        call_from: str = "",
        cautious: bool = True,
    ) -> None:
        self.local_address = ""
        """Our address as the BMC sees it; empty before the first session."""
        self.logins = 0
        """Number of sessions opened so far; it changes when settings of an earlier session are lost."""
        self._address = address
        self._credentials = credentials or Credentials("", "")
        self._deadline_seconds = deadline_seconds
        self._call_from = call_from
        self._cautious = cautious
        self._session: ClientSession | None = None
        self._used = 0.0
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Open a session if none is open. Raises BmcError."""
        async with self._turn:
            await self._opened()

    async def command(self, netfn: int, command: int, data: bytes = b"", *, once: bool = False) -> bytes:
        """Return the BMC's answer without the completion code. Raises BmcError, of kind `missing` if the BMC does not support it.

        The command is retransmitted until it is answered. With `once` it is not; a missing answer then raises kind `dropped`: the
        command may have been executed.
        """
        async with self._turn:
            session = await self._opened()
            promise = _Promise()
            client_thread().submit(
                lambda: session.ask(netfn, command, data, once=once, answered=promise.keep, failed=promise.fail)
            )
            code, answer = await self._kept(promise, [session], once=once)
        if code != Completion.OK:
            kind, blame = _MEANINGS.get(code, ("status", "bmc"))
            raise BmcError(kind=kind, blame=blame, says=f"the BMC refused command {netfn:#04x} {command:#04x} with {code:#04x}")
        return bytes(answer)

    async def close(self) -> None:
        """Close the session, and wait at most CLOSE_SECONDS for the BMC's confirmation."""
        if self._session is None:
            return
        number = self._session.sessionid.to_bytes(4, "little")
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.command(APP, App.CLOSE_SESSION, number, once=True)
        except (BmcError, TimeoutError):
            return  # abandoned already, which sends a last Close Session
        client_thread().submit(self._session.release)
        self._session = None

    async def _opened(self) -> ClientSession:
        """Return the open session; opens a new one if there is none, or if it is broken or was idle for too long."""
        idle = time.monotonic() - self._used > IDLE_SECONDS_MAX
        if self._session is not None and (idle or self._session.broken):
            self._abandon([self._session])
        if self._session is None:
            self._session = await self._login()
            self.logins += 1
        self._used = time.monotonic()
        return self._session

    async def _login(self) -> ClientSession:
        trial = Trial(f"{self._address.host} {self._address.port}", self._credentials)
        if self._cautious:
            trial.check()
        host, self.local_address = await self._resolved()
        promise, made = _Promise(), list[ClientSession]()
        client_thread().submit(lambda: self._make(host, promise, made))
        try:
            session: ClientSession = await self._kept(promise, made)
        except BmcError as error:
            if error.kind == "auth":
                trial.refused()
            raise
        trial.accepted()
        return session

    def _make(self, host: str, promise: _Promise, made: list[ClientSession]) -> None:
        """In the client's thread: begin a login."""
        try:
            session = ClientSession(
                host,
                self._address.port,
                self._credentials,
                self._address.privilege,
                opened=promise.keep,
                failed=promise.fail,
                call_from=self._call_from,
            )
        except Exception as error:  # noqa: BLE001 - pyghmi raises what it likes
            says = f"nothing can be sent to {host} ({type(error).__name__})"
            promise.fail(BmcError(kind="unreachable", blame="network", says=says))
        else:
            made.append(session)

    async def _kept(self, promise: _Promise, sessions: list[ClientSession], *, once: bool = False) -> Any:
        """Wait for the result until the deadline; without a result the session is abandoned."""
        kept = False
        try:
            async with asyncio.timeout(self._deadline_seconds):
                value = await promise.future
            kept = True
        except TimeoutError:
            raise self._silence(sessions, once=once) from None
        finally:
            if not kept:
                self._abandon(sessions)
        return value

    def _silence(self, sessions: list[ClientSession], *, once: bool) -> BmcError:
        if once:
            says = f"no answer within {self._deadline_seconds:g} s; the command was sent once, and may have been done"
            return BmcError(kind="dropped", blame="network", says=says)
        if not sessions:
            return BmcError(kind="timeout", blame="us", says="our own IPMI thread did not get round to it")
        return sessions[0].silent(self._deadline_seconds)

    def _abandon(self, sessions: list[ClientSession]) -> None:
        """Close sessions without waiting.

        The list is read in the client's thread, after any pending login has added its session.
        """
        self._session = None

        def close() -> None:
            for session in sessions:
                session.close()

        client_thread().submit(close)

    async def _resolved(self) -> tuple[str, str]:
        """Resolve the BMC's numeric address, and our own address as the BMC will see it."""
        try:
            async with asyncio.timeout(self._deadline_seconds):
                found = await asyncio.get_running_loop().getaddrinfo(
                    self._address.host, self._address.port, type=socket.SOCK_DGRAM
                )
        except TimeoutError:
            raise BmcError(kind="unreachable", blame="network", says="the BMC's name was not resolved in time") from None
        except OSError as error:
            raise BmcError(kind="unreachable", blame="network", says=f"the BMC's name is unknown ({error.strerror})") from error
        family, kind, protocol, _, address = found[0]
        try:
            with socket.socket(family, kind, protocol) as line:
                if self._call_from:
                    line.bind((self._call_from, 0))
                line.connect(address)
                return str(address[0]), str(line.getsockname()[0]).removeprefix(MAPPED)
        except OSError as error:
            raise BmcError(kind="unreachable", blame="network", says=f"no way to the BMC ({error.strerror})") from error
