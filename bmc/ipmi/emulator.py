"""An emulated BMC: IPMI over LAN over a Machine, as ipmitool, pyghmi and Ironic expect one.

pyghmi's server speaks RMCP+; the event loop that runs this does its I/O, so there is no thread, and the Machine may be shared with
an emulated Redfish BMC. A process that uses this must not use pyghmi's client: they hang each other.
"""

import asyncio
import logging
import struct
from collections.abc import Callable, Mapping
from uuid import UUID

from pyghmi.ipmi import bmc as pyghmi_bmc
from pyghmi.ipmi.private import session as pyghmi_session

from bmc.ipmi.client.confinement import confine
from bmc.ipmi.service.chassis import ChassisCommands
from bmc.ipmi.service.commands import Command, CompletionCodeError, Handlers
from bmc.ipmi.service.event_log import EventLog
from bmc.ipmi.service.lan import LanCommands
from bmc.ipmi.service.management import ManagementCommands
from bmc.ipmi.service.oem import OemCommands
from bmc.ipmi.service.recording import record, record_refusal
from bmc.ipmi.service.sensors import SensorCommands
from bmc.ipmi.service.session import ServerSession
from bmc.ipmi.wire import APP, ENTERPRISE, App, Completion
from bmc.machine import Machine

SESSIONS_MAX = 16
IDLE_SECONDS = 60.0
"""How long a session may be silent before another one may have its place (IPMI 2.0 §6.12.15)."""

_PACKET_BYTES_MAX = 3000
_RMCP = 0x06
_CLASS_AT, _ASF, _IPMI = 3, 0x06, 0x07
_PING, _TAG_AT, _TYPE_AT, _HEADER_BYTES = 0x80, 9, 8, 16
_RMCP_PLUS = 6
_OPEN_SESSION = 0x10

log = logging.getLogger(__name__)


class IpmiBmc:
    """The BMC of `machine`, on a UDP port of its own once started.

    `credentials` (user -> password) is read at every login. `reset` is asked for each Redfish reset type that a chassis control
    means; by default it is done at once. `reachable` tells whether packets from an address come through. Without `oem` it
    is a BMC like any other: no log of requests, no marks, a manufacturer that nobody knows.
    """

    def __init__(  # noqa: PLR0913 - all by name
        self,
        machine: Machine,
        *,
        credentials: Mapping[str, str],
        reset: Callable[[str], None] | None = None,
        reachable: Callable[[str], bool] = lambda _address: True,
        oem: bool = True,
        sessions_max: int = SESSIONS_MAX,
    ) -> None:
        self._machine = machine
        self._credentials = credentials
        self._reachable = reachable
        self._oem = oem
        self._sessions_max = sessions_max
        self._sessions: dict[tuple[str, int], ServerSession] = {}
        self._server: _Server | None = None
        self._chassis = ChassisCommands(machine, reset or machine.reset)
        self._events = EventLog(machine)
        self._handlers: Handlers = {}

    @property
    def sessions(self) -> int:
        """How many sessions are open, half-open ones counted."""
        return len(self._sessions)

    async def start(self, host: str, port: int = 0) -> int:
        """Listen; the port it is."""
        confine("server")
        self._server = server = _Server(self, self._credentials, UUID(self._machine.uuid), host, port)
        asyncio.get_running_loop().add_reader(server.serversocket, self._receive)
        management = ManagementCommands(
            self._machine,
            credentials=self._credentials,
            manufacturer=ENTERPRISE if self._oem else 0,
            restarted=self._sessions.clear,
            sessions=lambda: (self._sessions_max, self.sessions),
        )
        parts = (self._chassis, self._events, SensorCommands(), management, LanCommands(self._machine.uuid, host))
        self._handlers = {key: handler for part in parts for key, handler in part.handlers().items()}
        self._handlers |= OemCommands(self._machine).handlers() if self._oem else {}
        return int(server.serversocket.getsockname()[1])

    async def stop(self) -> None:
        """Listen no more; what was open is forgotten."""
        if self._server is not None:
            asyncio.get_running_loop().remove_reader(self._server.serversocket)
            self._server.serversocket.close()
            self._server = None
        self._sessions.clear()

    def has_room(self) -> bool:
        """May another session be opened? Idle ones make room."""
        now = asyncio.get_running_loop().time()
        for sockaddr, session in list(self._sessions.items()):
            if now - session.heard_at > IDLE_SECONDS:
                del self._sessions[sockaddr]
        return len(self._sessions) < self._sessions_max

    def forget(self, session: ServerSession) -> None:
        """The session has ended."""
        if self._sessions.get(session.sockaddr) is session:
            del self._sessions[session.sockaddr]

    def refused_login(self, session: ServerSession) -> None:
        """Somebody was not let in."""
        record_refusal(self._machine, session.sockaddr[0], session.user)

    def execute(self, session: ServerSession, netfn: int, number: int, data: bytes) -> tuple[int, bytes]:
        """Do one command and write it down: completion code and data of the answer."""
        command = Command(netfn, number, data, session)
        code: int = Completion.OK
        try:
            answer = self._do(command, session)
        except CompletionCodeError as refused:
            code, answer = refused.code, b""
        except Exception:
            log.exception("command %s failed", command.name)
            code, answer = Completion.UNSPECIFIED, b""
        record(self._machine, command, code)
        return code, answer

    def _do(self, command: Command, session: ServerSession) -> bytes:
        if (command.netfn, command.number) == (APP, App.SET_SESSION_PRIVILEGE):
            try:
                return session.set_privilege(command.byte(0) & 0x0F)
            except ValueError as error:
                raise CompletionCodeError(0x81) from error
        if (command.netfn, command.number) == (APP, App.CLOSE_SESSION):
            return b""
        handler = self._handlers.get((command.netfn, command.number))
        if handler is None:
            raise CompletionCodeError(Completion.INVALID_COMMAND)
        if session.privilege < command.privilege:
            raise CompletionCodeError(Completion.PRIVILEGE_TOO_LOW)
        return handler(command)

    def _receive(self) -> None:
        while self._server is not None:
            received = pyghmi_session._io_recvfrom(self._server.serversocket, _PACKET_BYTES_MAX)  # noqa: SLF001 - no public way
            if received is None:
                return
            packet, sockaddr = received
            if self._reachable(sockaddr[0]):
                try:
                    self._take(bytearray(packet), sockaddr)
                except (LookupError, ValueError, TypeError, AttributeError, OverflowError, struct.error):
                    log.debug("a packet from %s cannot be understood", sockaddr[0], exc_info=True)

    def _take(self, packet: bytearray, sockaddr: tuple[str, int]) -> None:
        if self._server is None or len(packet) < _HEADER_BYTES or packet[0] != _RMCP or packet[_CLASS_AT] != _IPMI:
            self._answer_ping(packet, sockaddr)
        elif packet[4] == _RMCP_PLUS and packet[5] & 0x3F == _OPEN_SESSION:
            self._open(packet, sockaddr)
        elif packet[4] == _RMCP_PLUS and sockaddr in self._sessions and packet[5]:
            session = self._sessions[sockaddr]
            session.heard_at = asyncio.get_running_loop().time()
            session.handle(packet)
        else:
            self._server.sessionless_data(bytes(packet), sockaddr)

    def _open(self, packet: bytearray, sockaddr: tuple[str, int]) -> None:
        self._sessions.pop(sockaddr, None)
        session = ServerSession(self._server, bytes(packet[16:]), sockaddr, asyncio.get_running_loop().time())
        if not session.refused:
            self._sessions[sockaddr] = session

    def _answer_ping(self, packet: bytearray, sockaddr: tuple[str, int]) -> None:
        """An ASF presence ping is answered with a pong that says: IPMI is spoken here (IPMI 2.0 §13.2.4)."""
        if self._server and len(packet) > _TAG_AT and packet[_CLASS_AT] == _ASF and packet[_TYPE_AT] == _PING:
            head = bytes([_RMCP, 0, 0xFF, _ASF, 0, 0, 0x11, 0xBE, 0x40, packet[_TAG_AT], 0, 16])
            self._server.serversocket.sendto(head + b"\0\0\x11\xbe" + bytes(4) + b"\x81" + bytes(7), sockaddr)


class _Server(pyghmi_bmc.Bmc):  # type: ignore[misc]  # pyghmi is untyped
    """pyghmi's server without its tables of who talks to whom: those know a client by its port only, and forget nobody."""

    def __init__(self, owner: IpmiBmc, credentials: Mapping[str, str], uuid: UUID, host: str, port: int) -> None:
        super().__init__(credentials, port=port, bmcuuid=uuid, address=host)
        pyghmi_session.Session.bmc_handlers.pop(self.serversocket, None)
        pyghmi_session.iosockets.remove(self.serversocket)
        self.has_room = owner.has_room
        self.forget = owner.forget
        self.refused_login = owner.refused_login
        self.execute = owner.execute
