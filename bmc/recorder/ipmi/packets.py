"""IPMI over LAN on the wire, for whoever stands between a client and a BMC: packets and messages cut apart and put together.

Sources: IPMI 2.0 §13.1 (RMCP), §13.6 (packet formats), §13.8 (messages). Nothing here knows a key.
"""

import struct
from typing import NamedTuple

RMCP_VERSION = 0x06
CLASS_AT = 3
ASF_CLASS, IPMI_CLASS = 0x06, 0x07
ACKNOWLEDGES = 0x80
ASF_TYPE_AT, ASF_PING = 8, 0x80

RMCP_PLUS = 0x06
"""The authentication type that says: a packet of IPMI 2.0. Others are IPMI 1.5's."""
IPMI_MESSAGE, SERIAL_OVER_LAN, OEM_EXPLICIT = 0x00, 0x01, 0x02
OPEN_REQUEST, OPEN_RESPONSE, RAKP1, RAKP2, RAKP3, RAKP4 = 0x10, 0x11, 0x12, 0x13, 0x14, 0x15
"""Payload types (table 13-16)."""

NO_CODE = 0x00
_ENCRYPTED, _AUTHENTICATED, _KIND = 0x80, 0x40, 0x3F
_HEAD = bytes([RMCP_VERSION, 0, 0xFF, IPMI_CLASS])
_OLD_CODE_BYTES = 16
_NEXT_HEADER = b"\x07"


class Packet(NamedTuple):
    """One packet of RMCP's class IPMI. `kind`: its payload's type, that of a message for all of IPMI 1.5. `raw`: all of it."""

    authentication: int
    kind: int
    encrypted: bool
    authenticated: bool
    session: int
    sequence: int
    payload: bytes
    raw: bytes

    @property
    def is_old(self) -> bool:
        """Is it one of IPMI 1.5?"""
        return self.authentication != RMCP_PLUS


class Message(NamedTuple):
    """An IPMI request, or an answer to one: then `data` begins with the completion code. `head` is its first six bytes."""

    netfn: int
    command: int
    data: bytes
    head: bytes

    @property
    def key(self) -> tuple[int, int, int]:
        """What an answer and its request have in common: the requester's sequence number, the function, the command."""
        return self.head[4] >> 2, self.netfn & ~1, self.command


def parse(raw: bytes) -> Packet:
    """Parse a packet. Raises ValueError if it is not one."""
    try:
        return _new(raw) if raw[4] == RMCP_PLUS else _old(raw)
    except (struct.error, IndexError) as error:
        raise ValueError("a packet that breaks off") from error


def build_old(authentication: int, session: int, sequence: int, payload: bytes, code: bytes) -> bytes:
    """A packet of IPMI 1.5; `code` is its authentication code, empty where it has none."""
    head = _HEAD + struct.pack("<BII", authentication, sequence, session)
    return head + code + bytes([len(payload)]) + payload


def build_new(  # noqa: PLR0913 - a packet has so many parts
    kind: int, session: int, sequence: int, payload: bytes, *, encrypted: bool = False, authenticated: bool = False
) -> bytes:
    """A packet of IPMI 2.0 up to where its authentication code follows, if it is `authenticated`."""
    flags = (_ENCRYPTED if encrypted else 0) | (_AUTHENTICATED if authenticated else 0)
    packet = _HEAD + struct.pack("<BBIIH", RMCP_PLUS, kind | flags, session, sequence, len(payload)) + payload
    if not authenticated:
        return packet
    padding = -(len(packet) - len(_HEAD) + 2) % 4
    return packet + b"\xff" * padding + bytes([padding]) + _NEXT_HEADER


def read_message(payload: bytes) -> Message:
    """The message in a payload. ValueError where it is none."""
    if len(payload) < 7 or _checksum(payload[:2]) != payload[2] or _checksum(payload[3:-1]) != payload[-1]:
        raise ValueError("a payload that is no IPMI message")
    return Message(payload[1] >> 2, payload[5], payload[6:-1], payload[:6])


def answer_to(asked: Message, code: int, data: bytes = b"") -> bytes:
    """The payload with which a BMC would answer."""
    to, function, _, responder, sequence, command = asked.head
    function_back = (function >> 2 | 1) << 2 | sequence & 0b11
    first = bytes([responder, function_back])
    last = bytes([to, sequence & ~0b11 | function & 0b11, command, code]) + data
    return first + bytes([_checksum(first)]) + last + bytes([_checksum(last)])


def with_data(message: Message, data: bytes) -> bytes:
    """The payload of a message with other data."""
    last = message.head[3:] + data
    return message.head[:3] + last + bytes([_checksum(last)])


def _new(raw: bytes) -> Packet:
    flags = raw[5]
    start = 12 if flags & _KIND == OEM_EXPLICIT else 6
    session, sequence, length = struct.unpack_from("<IIH", raw, start)
    payload = raw[start + 10 : start + 10 + length]
    if len(payload) < length:
        raise ValueError("a packet that breaks off")
    return Packet(
        RMCP_PLUS, flags & _KIND, bool(flags & _ENCRYPTED), bool(flags & _AUTHENTICATED), session, sequence, payload, raw
    )


def _old(raw: bytes) -> Packet:
    authentication, sequence, session = struct.unpack_from("<BII", raw, 4)
    start = 13 + (_OLD_CODE_BYTES if authentication != NO_CODE else 0)
    length = raw[start]
    payload = raw[start + 1 : start + 1 + length]
    if len(payload) < length:
        raise ValueError("a packet that breaks off")
    return Packet(authentication, IPMI_MESSAGE, False, authentication != NO_CODE, session, sequence, payload, raw)


def _checksum(data: bytes) -> int:
    return -sum(data) & 0xFF
