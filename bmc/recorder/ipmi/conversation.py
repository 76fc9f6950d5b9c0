"""The IPMI traffic between a client and a BMC, interpreted by a man in the middle.

Each packet of either side is passed in, in order, and its meaning is returned. IPMI 2.0 sessions are decrypted with the given
users' passwords; packets that cannot be decrypted are reported as such. IPMI 1.5 packets are in clear.
"""

import struct
from collections.abc import Mapping
from typing import NamedTuple

from bmc.ipmi.wire import APP, App, Completion
from bmc.recorder.ipmi import packets
from bmc.recorder.ipmi.packets import Message, Packet
from bmc.recorder.ipmi.passive_session import NOT_SEEN, PassiveSession
from bmc.recorder.ipmi.session_keys import Keys, Proofs, Suite, agreed, is_confirmed

_NAME_AT, _NAME_BYTES = 1, 16
_ALGORITHMS = struct.Struct("<16xB7xB7xB")
"""The three algorithms in an Open Session Response (table 13-10)."""


class Passing(NamedTuple):
    """A packet that asks for nothing: a ping, a step of a login, an acknowledgement, serial over LAN."""


class LoginRequest(NamedTuple):
    """A user wants a session; the answer bears the same `tag`."""

    session: PassiveSession
    tag: int


class LoginResponse(NamedTuple):
    """The BMC let the user in (status 0), or did not (table 13-15)."""

    session: PassiveSession
    status: int


class IpmiRequest(NamedTuple):
    """A command; `session` is None where it was sent outside of any."""

    session: PassiveSession | None
    packet: Packet
    message: Message


class IpmiResponse(NamedTuple):
    """The answer to a command; its data begins with the completion code."""

    session: PassiveSession | None
    packet: Packet
    message: Message


class Undecodable(NamedTuple):
    """A packet that cannot be understood, and why."""

    says: str


FromClient = Passing | LoginRequest | IpmiRequest | Undecodable
FromBmc = Passing | LoginResponse | IpmiResponse | Undecodable
PASSING = Passing()
_UNREADABLE = (ValueError, IndexError, struct.error)


class _Handshake:
    """A login on its way: what its messages have told so far."""

    def __init__(self, session: PassiveSession, suite: Suite) -> None:
        self.session = session
        self.suite = suite
        self.client_random = b""
        self.role = b""
        self.proofs: Proofs | None = None
        self.key: bytes | None = None


class Conversation:
    """All that one client (an address and a port) and the BMC say. `users` is read at every login: user -> password."""

    def __init__(self, users: Mapping[str, str], sessions_max: int) -> None:
        self._users = users
        self._sessions_max = sessions_max
        self._logins: dict[int, _Handshake] = {}
        self._sessions: dict[int, PassiveSession] = {}
        self._challenged = ""

    def asked(self, raw: bytes) -> FromClient:
        """What a packet of the client means."""
        try:
            if not _is_ipmi(raw):
                return _asked_outside(raw)
            packet = packets.parse(raw)
            return self._command(packet) if packet.kind == packets.IPMI_MESSAGE else self._step_of_client(packet)
        except _UNREADABLE as error:
            return Undecodable(str(error))

    def answered(self, raw: bytes) -> FromBmc:
        """What a packet of the BMC means."""
        try:
            if not _is_ipmi(raw):
                return PASSING
            packet = packets.parse(raw)
            return self._answer(packet) if packet.kind == packets.IPMI_MESSAGE else self._step_of_bmc(packet)
        except _UNREADABLE as error:
            return Undecodable(str(error))

    def _command(self, packet: Packet) -> IpmiRequest:
        session = next((each for each in self._sessions.values() if each.bmc == packet.session), None) if packet.session else None
        if packet.session and session is None and not packet.is_old:
            raise ValueError(NOT_SEEN)
        message = packets.read_message(session.readable(packet) if session else packet.payload)
        if (message.netfn, message.command) == (APP, App.GET_SESSION_CHALLENGE):
            self._challenged = message.data[_NAME_AT : _NAME_AT + _NAME_BYTES].rstrip(b"\0").decode(errors="replace")
        return IpmiRequest(session, packet, message)

    def _answer(self, packet: Packet) -> IpmiResponse:
        session = self._sessions.get(packet.session) if packet.session else None
        if packet.session and session is None and not packet.is_old:
            raise ValueError(NOT_SEEN)
        message = packets.read_message(session.readable(packet) if session else packet.payload)
        if (message.netfn & ~1, message.command) == (APP, App.ACTIVATE_SESSION) and message.data[0] == Completion.OK:
            self._activated(int.from_bytes(message.data[2:6], "little"))
        return IpmiResponse(session, packet, message)

    def _activated(self, number: int) -> None:
        """A session of IPMI 1.5 is open; it has one id for both sides."""
        session = self._remember(PassiveSession(number, number))
        session.user, session.is_open = self._challenged, True
        session.take_password(self._users.get(self._challenged))

    def _step_of_client(self, packet: Packet) -> FromClient:
        if packet.kind == packets.RAKP1:
            login = self._logins.get(_number(packet.payload, 4))
            if login is None:
                raise ValueError("a login whose beginning was not seen")
            login.client_random, login.role = packet.payload[8:24], packet.payload[24:25]
            name = packet.payload[28 : 28 + packet.payload[27]]
            login.session.user = name.decode(errors="replace")
            return LoginRequest(login.session, packet.payload[0])
        if packet.kind in (packets.OPEN_REQUEST, packets.RAKP3, packets.SERIAL_OVER_LAN):
            return PASSING
        raise ValueError(f"a payload of type {packet.kind:#04x}")

    def _step_of_bmc(self, packet: Packet) -> FromBmc:
        payload = packet.payload
        if packet.kind == packets.OPEN_RESPONSE and payload[1] == 0:
            session = self._remember(PassiveSession(_number(payload, 4), _number(payload, 8)))
            self._logins[session.bmc] = _Handshake(session, Suite(*_ALGORITHMS.unpack_from(payload)))
        if packet.kind not in (packets.RAKP2, packets.RAKP4):
            return PASSING
        login = next((each for each in self._logins.values() if each.session.console == _number(payload, 4)), None)
        if login is None:
            return PASSING
        if payload[1] == 0 and packet.kind == packets.RAKP2:
            self._proven(login, payload)
            return PASSING
        return self._ended(login, payload)

    def _proven(self, login: _Handshake, payload: bytes) -> None:
        """RAKP message 2: the BMC proves that it knows the user's password, and so shows whether we do."""
        session = login.session
        ids = (session.console.to_bytes(4, "little"), session.bmc.to_bytes(4, "little"))
        user = session.user.encode()
        login.proofs = Proofs(*ids, login.client_random, payload[8:24], payload[24:40], login.role, user)
        login.key = None
        password = self._users.get(session.user)
        if password is None and login.suite.authentication:
            session.is_unreadable(f"a session of user {session.user!r}, whose password the recorder was not told")
            return
        login.key = agreed(login.suite, login.proofs, password or "", payload[40:])
        if login.key is None:
            session.is_unreadable(f"a session of user {session.user!r}, for whom the recorder was told another password")

    def _ended(self, login: _Handshake, payload: bytes) -> LoginResponse:
        session = login.session
        self._logins.pop(session.bmc, None)
        if payload[1]:
            self._sessions.pop(session.console, None)
            return LoginResponse(session, payload[1])
        session.is_open = True
        if login.key is not None and login.proofs:
            if is_confirmed(login.suite, login.proofs, login.key, payload[8:]):
                session.take_keys(Keys(login.suite, login.key))
            else:
                session.is_unreadable("a session with a key of the BMC's own")
        return LoginResponse(session, 0)

    def _remember(self, session: PassiveSession) -> PassiveSession:
        self._sessions.pop(session.console, None)
        self._sessions[session.console] = session
        if len(self._sessions) > self._sessions_max:
            forgotten = self._sessions.pop(next(iter(self._sessions)))
            self._logins.pop(forgotten.bmc, None)
        return session


def _is_ipmi(raw: bytes) -> bool:
    return len(raw) > packets.CLASS_AT + 1 and raw[0] == packets.RMCP_VERSION and raw[packets.CLASS_AT] == packets.IPMI_CLASS


def _asked_outside(raw: bytes) -> FromClient:
    """A packet of another class: a ping asks for nothing, but ASF can also reset a server."""
    if len(raw) > packets.CLASS_AT and raw[0] == packets.RMCP_VERSION:
        if raw[packets.CLASS_AT] & packets.ACKNOWLEDGES:
            return PASSING
        ping = len(raw) > packets.ASF_TYPE_AT and raw[packets.ASF_TYPE_AT] == packets.ASF_PING
        if raw[packets.CLASS_AT] == packets.ASF_CLASS and ping:
            return PASSING
    return Undecodable("a packet that is no IPMI")


def _number(payload: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", payload, at)[0])
