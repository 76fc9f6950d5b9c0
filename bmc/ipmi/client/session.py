"""pyghmi's client session without its blocking waits, its own retries and its shared sessions."""

import secrets
import socket
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Self

from pyghmi.ipmi.private import session as pyghmi_session

from bmc.errors import BmcError, ErrorKind
from bmc.ipmi.wire import APP, App, Completion
from bmc.model import Credentials

Answered = Callable[[tuple[int, bytes]], None]
"""Called with completion code and data."""
Failed = Callable[[BmcError], None]

_STATUS_AT, _AUTH_ALGORITHM_AT = 1, 16
_SHA1, _SHA256_PROPOSED = 1, 256
_AUTH_WORDS = ("password", "unauthorized", "rakp", "role")
_PYGHMI_TIMEOUT = "timeout"
_WAITING_FOR_USER = "EXPECTINGRAKP2"
_PRIVILEGE_REFUSALS = (0x80, 0x81, 0x82, Completion.PRIVILEGE_TOO_LOW)
"""Completion codes that mean: this user may not have this privilege (IPMI 2.0 §22.18); all others are the BMC's own troubles."""
_SESSIONS_PER_SOCKET = 64
_IPV4_AS_IPV6 = "::ffff:"

_bound: defaultdict[str, dict[socket.socket, int]] = defaultdict(dict)
"""Sockets by the local address that they are bound to, and how many sessions use each."""


class ClientSession(pyghmi_session.Session):  # type: ignore[misc]  # pyghmi is untyped
    """One session with one BMC. Make and use it in the client's thread only.

    `host` is a numeric address. `opened` is called once after a successful login, `failed` once when the login is refused or the
    session breaks. `call_from` is the local address to call from; empty: the system chooses.
    """

    def __new__(cls, host: str, port: int, *_: object, **__: object) -> Self:
        """Always create a new session: pyghmi would share one per BMC and user, and block while waiting for it."""
        self: Self = object.__new__(cls)
        handlers = [each for by_port in cls.bmc_handlers.values() for each in by_port.values()]
        self.forbidsock = [each.socket for each in handlers if (each.bmc, each.port) == (host, port)]
        return self

    def __init__(  # noqa: PLR0913 - all that a session is
        self,
        host: str,
        port: int,
        credentials: Credentials,
        privilege: int,
        *,
        opened: Callable[["ClientSession"], None],
        failed: Failed,
        call_from: str = "",
    ) -> None:
        self.heard = False
        self._call_from = call_from
        if call_from:
            self.socketpool = _bound[call_from]
        self._opened = opened
        self._failed = failed
        self._error: BmcError | None = None
        self._released = False
        self.attemptedhash: int
        # As bytes: given text, pyghmi's second session to the same BMC waits for ever.
        user, password = credentials.username.encode(), credentials.password.encode()
        super().__init__(host, user, password, port, onlogon=self._logged_on, privlevel=privilege, keepalive=False)

    def ask(self, netfn: int, command: int, data: bytes, *, once: bool, answered: Answered, failed: Failed) -> None:  # noqa: PLR0913
        """Send one command, after the previous one was answered. `once`: never retransmit it."""
        if self._released:
            failed(self._error or BmcError(kind="dropped", blame="bmc", says="the session has ended"))
            return

        def came(response: dict[str, Any]) -> None:
            self.incommand = False
            if "error" not in response:
                answered((response["code"], bytes(response["data"])))

        self._failed = failed
        try:
            self.raw_command(netfn=netfn, command=command, data=data, retry=not once, callback=came)
        except Exception as error:  # noqa: BLE001 - pyghmi raises what it likes
            self.fail(_nonsense(error))

    def close(self) -> None:
        """Send Close Session without waiting for the answer, and release the session."""
        if self.logged and not self._released:
            self.lastpayload = None
            self._send_ipmi_net_payload(
                netfn=APP, command=App.CLOSE_SESSION, data=self.sessionid.to_bytes(4, "little"), retry=False
            )
        self.release()

    def release(self) -> None:
        """Remove the session from all of pyghmi's tables."""
        if self._released:
            return
        self._released = self.broken = True
        self.logged = 0
        self.logging = False
        self.lastpayload = None
        self.logonwaiters.clear()
        for table in (self.waiting_sessions, self.keepalive_sessions):
            table.pop(self, None)
        for address, by_port in list(self.bmc_handlers.items()):
            for port in [port for port, each in by_port.items() if each is self]:
                del by_port[port]
            if not by_port:
                del self.bmc_handlers[address]
        if self.socket:
            self.socketpool[self.socket] -= 1

    def silent(self, seconds: float) -> BmcError:
        """The BmcError for a BMC that has not answered within `seconds`."""
        within = f"within {seconds:g} s"
        if not self.heard:
            return BmcError(kind="unreachable", blame="network", says=f"nothing answered over IPMI {within}")
        if self.sessioncontext == _WAITING_FOR_USER:
            says = f"the BMC fell silent when it was told the user's name, {within}: an unknown user, as some BMCs answer"
            return BmcError(kind="timeout", blame="us", says=says)
        return BmcError(kind="timeout", blame="bmc", says=f"the BMC did not answer {within}")

    def fail(self, error: BmcError) -> None:
        """End the session, and tell whoever waits for it why."""
        if not self._released:
            self._error = error
            self.close()
            self._failed(error)

    # What follows is called by pyghmi.

    def _assignsocket(self, server: Any = None, forbiddensockets: Sequence[socket.socket] = ()) -> socket.socket:
        """pyghmi's sockets have no fixed local address; sockets bound to an address are pooled separately."""
        if not self._call_from or pyghmi_session.ipv6support is None:
            found: socket.socket = super()._assignsocket(server=server, forbiddensockets=forbiddensockets)
            if not self._call_from:
                return found
            pyghmi_session.Session.socketpool[found] -= 1  # it was only asked for to learn whether there is IPv6
        for line, used in self.socketpool.items():
            if used < _SESSIONS_PER_SOCKET and line not in forbiddensockets:
                self.socketpool[line] += 1
                return line
        line = _bound_to(self._call_from)
        self.socketpool[line] = 1
        pyghmi_session.iosockets.append(line)
        return line

    def process_pktqueue(self) -> None:
        """Process received packets. A malformed packet ends this session, not the thread."""
        self.heard = True
        try:
            super().process_pktqueue()
        except Exception as error:  # noqa: BLE001 - whatever pyghmi makes of garbage
            self.fail(_nonsense(error))

    def _initsession(self) -> None:
        super()._initsession()
        # pyghmi counts from the same number in every session, so a late packet of another could pass for one of this.
        self.localsid = secrets.randbelow(0x7FFFFFFF) + 1

    def _got_rmcp_response(self, data: bytearray) -> Any:
        """If the BMC accepts SHA-256 but answers with SHA-1 (as pyghmi's own server does), propose SHA-1."""
        proposed = self.attemptedhash == _SHA256_PROPOSED
        if proposed and len(data) > _AUTH_ALGORITHM_AT and not data[_STATUS_AT] and data[_AUTH_ALGORITHM_AT] == _SHA1:
            self.attemptedhash = _SHA1
            self._open_rmcpplus_request()
            return None
        return super()._got_rmcp_response(data)

    def _req_priv_level(self) -> None:
        """The session keys match: request our privilege level. pyghmi itself would block here, and with it all other BMCs."""
        self.logged = 1
        self.logoutexpiry = None
        self.maxtimeout = 4
        self.logontries = 0
        self.logging = False
        self.raw_command(netfn=APP, command=App.SET_SESSION_PRIVILEGE, data=[self.privlevel], callback=self._got_privilege)

    def _got_privilege(self, response: dict[str, Any]) -> None:
        self.incommand = False
        if "error" in response:
            return
        code = response["code"]
        if code and code not in _PRIVILEGE_REFUSALS:
            kind: ErrorKind = "busy" if code == Completion.BUSY else "status"
            self.fail(BmcError(kind=kind, blame="bmc", says=f"the BMC answered the login with {code:#04x}"))
        else:
            self.onlogon({"error": f"role refused with {code:#04x}"} if code else {"success": True})

    def _logged_on(self, outcome: dict[str, Any]) -> None:
        if "error" in outcome:
            self.fail(_refused(str(outcome["error"]), self))
        elif not self._released:
            self._opened(self)

    def _timedout(self) -> None:
        try:
            super()._timedout()
        except Exception as error:  # noqa: BLE001 - the same
            self.fail(_nonsense(error))

    def _mark_broken(self, error: object = None) -> None:
        self.fail(_refused(str(error), self) if error else BmcError(kind="timeout", blame="bmc", says="the BMC fell silent"))

    def logout(self, sessionok: bool = True) -> dict[str, bool]:  # noqa: ARG002 - pyghmi's own signature
        """Replaces pyghmi's logout, which would block until the BMC answers."""
        self.close()
        return {"success": True}


def _bound_to(address: str) -> socket.socket:
    """A UDP socket bound to this address, of the family that pyghmi uses. Raises OSError if the address is not local."""
    wide = pyghmi_session.ipv6support or ":" in address
    line = socket.socket(socket.AF_INET6 if wide else socket.AF_INET, socket.SOCK_DGRAM)
    line.bind((_IPV4_AS_IPV6 + address if wide and ":" not in address else address, 0))
    return line


def _refused(text: str, session: ClientSession) -> BmcError:
    if any(word in text.lower() for word in _AUTH_WORDS):
        return BmcError(kind="auth", blame="us", says=f"the BMC does not accept the credentials ({text})")
    if text == _PYGHMI_TIMEOUT or not session.heard:
        kind, blame = ("timeout", "bmc") if session.heard else ("unreachable", "network")
        return BmcError(kind=kind, blame=blame, says="the BMC did not answer the login")  # type: ignore[arg-type]
    return BmcError(kind="status", blame="bmc", says=f"the BMC opens no session ({text})")


def _nonsense(error: Exception) -> BmcError:
    says = f"what the BMC sent cannot be understood ({type(error).__name__})"
    return BmcError(kind="content", blame="bmc", says=says)
