"""The keys of one IPMI session, derived from the observed login and the user's password.

IPMI 2.0 §13.20 to §13.33 (RAKP, cipher suites), §22.17 (IPMI 1.5). What is opened is verified; what is sealed is what the BMC itself
would have sent.
"""

import hashlib
import hmac
import os
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bmc.recorder.ipmi import packets
from bmc.recorder.ipmi.packets import Packet

_HASHES = {1: "sha1", 2: "md5", 3: "sha256"}
"""By authentication algorithm (table 13-17)."""
_CODES = {1: ("sha1", 12), 2: ("md5", 16), 4: ("sha256", 16)}
"""By integrity algorithm (table 13-18): the hash and the bytes of it that are sent."""
_LAST_CODE_BYTES = {1: 12, 2: 16, 3: 16}
"""How much of its proof a BMC sends last, by authentication algorithm (§13.23)."""
_BLOCK = 16
_CONSTANT_BYTES = 20
"""Length of the constants from which keys are derived, whatever the hash (§13.32)."""
_NONE, _AES = 0, 1
_OLD_MD5, _OLD_PASSWORD = 2, 4
OLD_CODES = frozenset({_OLD_MD5, _OLD_PASSWORD})
"""The authentication types of IPMI 1.5 whose codes can be made here."""
_PASSWORD_BYTES = (20, 16)


class Suite(NamedTuple):
    """The algorithms that client and BMC agreed on, by number (tables 13-17 to 13-19)."""

    authentication: int
    integrity: int
    confidentiality: int


class Proofs(NamedTuple):
    """What the messages of a login carry, all as it is on the wire."""

    console: bytes
    bmc: bytes
    client_random: bytes
    bmc_random: bytes
    guid: bytes
    role: bytes
    user: bytes


class Keys:
    """The keys of a session of IPMI 2.0."""

    def __init__(self, suite: Suite, session_key: bytes) -> None:
        self._suite = suite
        name = _HASHES.get(suite.authentication, "")
        self._integrity = hmac.digest(session_key, b"\x01" * _CONSTANT_BYTES, name) if name else b""
        self._cipher = hmac.digest(session_key, b"\x02" * _CONSTANT_BYTES, name)[:_BLOCK] if name else b""

    def open(self, packet: Packet) -> bytes:
        """The payload of a packet, verified and in clear. ValueError where it cannot be read."""
        if packet.authenticated:
            self._verify(packet)
        elif self._suite.integrity != _NONE:
            raise ValueError("a packet without the authentication code that its session demands")
        return self._decrypted(packet.payload) if packet.encrypted else packet.payload

    def seal(self, payload: bytes, like: Packet, session: int, sequence: int) -> bytes:
        """A packet with this payload, encrypted and authenticated as `like` is."""
        sent = self._encrypted(payload) if like.encrypted else payload
        return self._closed(sent, like, session, sequence)

    def renumber(self, packet: Packet, sequence: int) -> bytes:
        """The same packet under another number."""
        return self._closed(packet.payload, packet, packet.session, sequence)

    def _closed(self, sent: bytes, like: Packet, session: int, sequence: int) -> bytes:
        packet = packets.build_new(like.kind, session, sequence, sent, encrypted=like.encrypted, authenticated=like.authenticated)
        return packet + self._code(packet[4:]) if like.authenticated else packet

    def _verify(self, packet: Packet) -> None:
        _, length = self._algorithm()
        signed, code = packet.raw[4:-length], packet.raw[-length:]
        if not hmac.compare_digest(self._code(signed), code):
            raise ValueError("a packet whose authentication code does not fit")

    def _code(self, signed: bytes) -> bytes:
        name, length = self._algorithm()
        return hmac.digest(self._integrity, signed, name)[:length]

    def _algorithm(self) -> tuple[str, int]:
        if self._suite.integrity not in _CODES:
            raise ValueError(f"integrity algorithm {self._suite.integrity}, which nobody here knows")
        return _CODES[self._suite.integrity]

    def _decrypted(self, payload: bytes) -> bytes:
        if self._suite.confidentiality != _AES:
            raise ValueError(f"confidentiality algorithm {self._suite.confidentiality}, which nobody here knows")
        if len(payload) < 2 * _BLOCK or len(payload) % _BLOCK:
            raise ValueError("an encrypted payload of a wrong length")
        decryptor = Cipher(algorithms.AES(self._cipher), modes.CBC(payload[:_BLOCK])).decryptor()
        plain = decryptor.update(payload[_BLOCK:]) + decryptor.finalize()
        return plain[: -plain[-1] - 1]

    def _encrypted(self, payload: bytes) -> bytes:
        padding = -(len(payload) + 1) % _BLOCK
        vector = os.urandom(_BLOCK)
        encryptor = Cipher(algorithms.AES(self._cipher), modes.CBC(vector)).encryptor()
        plain = payload + bytes(range(1, padding + 1)) + bytes([padding])
        return vector + encryptor.update(plain) + encryptor.finalize()


def agreed(suite: Suite, proofs: Proofs, password: str, bmc_proof: bytes) -> bytes | None:
    """The session key, where this is the password with which the BMC made its proof (RAKP message 2); None where it is not."""
    name = _HASHES.get(suite.authentication)
    if name is None:
        return b"" if suite.authentication == _NONE else None
    named = proofs.role + bytes([len(proofs.user)]) + proofs.user
    both = proofs.client_random + proofs.bmc_random
    for key in _password_forms(password):
        proof = hmac.digest(key, proofs.console + proofs.bmc + both + proofs.guid + named, name)
        if hmac.compare_digest(proof, bmc_proof):
            return hmac.digest(key, both + named, name)
    return None


def is_confirmed(suite: Suite, proofs: Proofs, session_key: bytes, last_proof: bytes) -> bool:
    """Does the BMC's last proof (RAKP message 4) show that it has the same session key?"""
    name = _HASHES.get(suite.authentication)
    if name is None:
        return True
    made = hmac.digest(session_key, proofs.client_random + proofs.bmc + proofs.guid, name)
    return hmac.compare_digest(made[: _LAST_CODE_BYTES[suite.authentication]], last_proof)


def old_code(authentication: int, password: str, session: int, sequence: int, payload: bytes) -> bytes:
    """The authentication code of a packet of IPMI 1.5. ValueError for an algorithm that nobody uses any more."""
    secret = password.encode()[:_BLOCK].ljust(_BLOCK, b"\0")
    if authentication == packets.NO_CODE:
        return b""
    if authentication == _OLD_PASSWORD:
        return secret
    if authentication != _OLD_MD5:
        raise ValueError(f"authentication type {authentication}, which nobody here knows")
    numbers = session.to_bytes(4, "little"), sequence.to_bytes(4, "little")
    return hashlib.md5(secret + numbers[0] + payload + numbers[1] + secret, usedforsecurity=False).digest()


def _password_forms(password: str) -> list[bytes]:
    """As it is, and as BMCs shorten it."""
    whole = password.encode()
    return list(dict.fromkeys([whole, *(whole[:length] for length in _PASSWORD_BYTES)]))
