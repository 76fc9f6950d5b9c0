"""An IPMI session seen by a man in the middle: decrypts packets, answers for the BMC, and renumbers."""

from bmc.recorder.ipmi import packets
from bmc.recorder.ipmi.packets import Packet
from bmc.recorder.ipmi.session_keys import OLD_CODES, Keys, old_code

NOT_SEEN = "a session whose login was not seen"


class PassiveSession:
    """`console` and `bmc` are the session's ids on either side. `user_agent` is what the client sent with Introduce.

    Packets may be withheld from either side or forged; later packets are renumbered, so that neither side sees a gap or a
    duplicate.
    """

    def __init__(self, console: int, bmc: int) -> None:
        self.console = console
        self.bmc = bmc
        self.user = ""
        self.user_agent = ""
        self.is_open = False
        self._trouble = NOT_SEEN
        self._keys: Keys | None = None
        self._password: str | None = None
        self._swallowed = 0
        self._forged = 0
        self._last_told = 0

    def take_keys(self, keys: Keys) -> None:
        """Use these keys to decrypt IPMI 2.0 packets from now on."""
        self._keys = keys

    def take_password(self, password: str | None) -> None:
        """Set the password of an IPMI 1.5 session; it is needed to forge packets, not to read them."""
        self._password = password

    def is_unreadable(self, why: str) -> None:
        """Mark the session as not decryptable, for this reason."""
        self._keys, self._trouble = None, why

    def readable(self, packet: Packet) -> bytes:
        """The payload of a packet in clear. ValueError where it cannot be read."""
        if packet.is_old:
            return packet.payload
        if self._keys is None:
            raise ValueError(self._trouble)
        return self._keys.open(packet)

    def can_answer(self, packet: Packet) -> bool:
        """Could we answer this packet in the BMC's place?"""
        if packet.is_old:
            known = self._password is not None and packet.authentication in OLD_CODES
            return packet.authentication == packets.NO_CODE or known
        return self._keys is not None

    def swallow(self) -> None:
        """Count a client's packet that is withheld from the BMC."""
        self._swallowed += 1

    def onward(self, packet: Packet) -> bytes:
        """The client's packet, renumbered for the BMC."""
        return self._numbered(packet, packet.sequence - self._swallowed) if self._swallowed else packet.raw

    def back(self, packet: Packet) -> bytes:
        """The BMC's packet, renumbered for the client."""
        self._last_told = packet.sequence
        return self._numbered(packet, packet.sequence + self._forged) if self._forged else packet.raw

    def back_with(self, packet: Packet, payload: bytes) -> bytes:
        """The same with another payload."""
        self._last_told = packet.sequence
        return self._sealed(packet, payload, packet.sequence + self._forged)

    def answer(self, asked: Packet, payload: bytes) -> bytes:
        """A packet that answers one of the client's in the BMC's place."""
        self._forged += 1
        return self._sealed(asked, payload, self._last_told + self._forged if asked.sequence else 0)

    def _sealed(self, like: Packet, payload: bytes, sequence: int) -> bytes:
        if like.is_old:
            return self._old(like, self.console, sequence, payload)
        if self._keys is None:
            raise ValueError(self._trouble)
        return self._keys.seal(payload, like, self.console, sequence)

    def _numbered(self, packet: Packet, sequence: int) -> bytes:
        if not packet.sequence:
            return packet.raw
        if packet.is_old:
            return self._old(packet, packet.session, sequence, packet.payload)
        if self._keys is None:
            raise ValueError(self._trouble)
        return self._keys.renumber(packet, sequence)

    def _old(self, like: Packet, session: int, sequence: int, payload: bytes) -> bytes:
        code = old_code(like.authentication, self._password or "", session, sequence, payload)
        return packets.build_old(like.authentication, session, sequence, payload, code)
