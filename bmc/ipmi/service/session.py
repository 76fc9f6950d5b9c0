"""pyghmi's server session, mended: it refuses what it cannot speak, answers unknown users, and ends."""

from typing import Any

from pyghmi.ipmi.private import constants, serversession
from pyghmi.ipmi.private import session as pyghmi_session

from bmc.ipmi.service.commands import USER
from bmc.ipmi.wire import APP, App, Completion

_SHA1 = 1
_AUTH_ALGORITHM_AT = 12
_NO_RESOURCES, _NO_MATCHING_AUTH, _UNAUTHORIZED_NAME, _BAD_INTEGRITY = 0x01, 0x11, 0x0D, 0x0F
"""RMCP+ status codes (IPMI 2.0 table 13-15)."""
_USER_NAME_AT = 28


class ServerSession(serversession.ServerSession):  # type: ignore[misc]  # pyghmi is untyped
    """One client's session. `bmc` has `has_room`, `refused_login`, `execute`, and `forget`."""

    def __init__(self, bmc: Any, request: bytes, sockaddr: tuple[str, int], heard_at: float) -> None:
        self.heard_at = heard_at
        self.user = ""
        self.user_agent = ""
        self.privilege = 0
        self.privilege_max = 0
        self.refused = False
        self._answered: tuple[object, bytes, int] | None = None
        super().__init__(bmc.authdata, None, sockaddr, bmc.serversocket, request, bmc.uuid, bmc)
        pyghmi_session.Session.bmc_handlers.pop(sockaddr, None)

    def __new__(cls, *_: object) -> "ServerSession":  # noqa: PYI034 - pyghmi's own signature
        """pyghmi's takes other arguments."""
        made: ServerSession = object.__new__(cls)
        return made

    def handle(self, packet: bytearray) -> None:
        """One packet of this session's client."""
        self._handle_ipmi2_packet(packet)

    def create_open_session_response(self, request: bytearray) -> bytearray:
        """Refuse algorithms other than SHA-1: pyghmi would accept them and use SHA-1 anyway."""
        answer: bytearray = super().create_open_session_response(request)
        status = 0
        if request[_AUTH_ALGORITHM_AT] != _SHA1:
            status = _NO_MATCHING_AUTH
        elif not self.bmc.has_room():
            status = _NO_RESOURCES
        self.refused = bool(status)
        return bytearray([request[0], status, 0, 0]) + request[4:8] if status else answer

    def _got_rakp1(self, data: bytearray) -> None:
        self.user = bytes(data[_USER_NAME_AT:]).decode(errors="replace")
        if self.bmc.authdata.get(self.user):
            super()._got_rakp1(data)
            self.privilege_max = self.maxpriv
        else:
            self._refuse_login("rakp2", data[0], _UNAUTHORIZED_NAME)

    def _got_rakp3(self, data: bytearray) -> None:
        if data[1]:  # the client did not like our proof
            self.bmc.forget(self)
            return
        super()._got_rakp3(data)
        if hasattr(self, "localsid"):
            self.privilege = min(USER, self.privilege_max or USER)
        else:
            self._refuse_login("rakp4", data[0], _BAD_INTEGRITY)

    def _refuse_login(self, message: str, tag: int, status: int) -> None:
        refusal = bytearray([tag, status, 0, 0]) + self.clientsessionid
        self.send_payload(refusal, constants.payload_types[message], retry=False)
        self.bmc.refused_login(self)
        self.bmc.forget(self)

    def handle_client_request(self, request: dict[str, Any]) -> None:
        """Execute one command. A retransmission, after our answer was lost, is answered again without executing it twice."""
        key = (self.seqlun, request["netfn"], request["command"], bytes(request["data"]))
        if self._answered is None or self._answered[0] != key:
            code, data = self.bmc.execute(self, request["netfn"], request["command"], bytes(request["data"]))
            self._answered = (key, data, code)
        _, data, code = self._answered
        self.send_ipmi_response(data=data, code=code)
        if (request["netfn"], request["command"], code) == (APP, App.CLOSE_SESSION, Completion.OK):
            self.bmc.forget(self)

    def set_privilege(self, wanted: int) -> bytes:
        """Set Session Privilege Level: 0 asks for the present one. ValueError where it is above what the user may have."""
        if wanted > (self.privilege_max or 4):
            raise ValueError(wanted)
        self.privilege = wanted or self.privilege
        return bytes([self.privilege])

    def _timedout(self) -> None:
        """A BMC never retransmits."""
