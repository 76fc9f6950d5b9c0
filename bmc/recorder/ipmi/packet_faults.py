"""What the recorder's faults do to packets of IPMI: lose them, answer in the BMC's place, spoil its answers."""

import asyncio
from contextlib import suppress
from typing import NamedTuple

from bmc.ipmi import words
from bmc.ipmi.wire import CHASSIS, POWER_IS_ON, Chassis, Completion
from bmc.recorder.faults import Fault, Faults, RequestFacts
from bmc.recorder.frontend import BmcFrontend
from bmc.recorder.ipmi import packets
from bmc.recorder.ipmi.conversation import FromClient, IpmiRequest, LoginRequest
from bmc.recorder.ipmi.packets import Message, Packet, answer_to
from bmc.recorder.ipmi.passive_session import PassiveSession

CODES = {"busy": Completion.BUSY, "error": Completion.UNSPECIFIED, "forbidden": Completion.PRIVILEGE_TOO_LOW}
"""Kinds that answer with a completion code."""
STOPPING = frozenset({*CODES, "unauthorized", "expired_session", "drop", "hang"})
SPOILING = frozenset({"lose_reply", "garbage", "truncated", "stale_power"})
_UNAUTHORIZED_NAME = 0x0D
"""RMCP+ status code (table 13-15)."""
_STATUS = words.path(CHASSIS, Chassis.GET_STATUS)


class Spoiled(NamedTuple):
    """The packet to send instead of the BMC's answer (None: nothing), and the faults applied."""

    packet: bytes | None
    faults: tuple[str, ...]


def is_lost(front: BmcFrontend, address: str) -> bool:
    """Does a packet to or from this client get lost?"""
    client, _ = front.askers.name(address, "", "")
    losing = [fault for fault in front.faults if fault.loses(address, client)]
    for fault in losing:
        fault.apply()
    return bool(losing)


def fitting(faults: Faults, question: RequestFacts, said: FromClient) -> list[Fault]:
    """The matching faults that can be applied to this request; answering for the BMC needs the session's keys."""
    return [fault for fault in faults.fitting(question) if _can(fault, said)]


async def delay(faults: list[Fault]) -> None:
    """Apply the latency faults."""
    for fault in faults:
        if fault.order.kind == "latency":
            fault.apply()
            with suppress(TimeoutError):
                await asyncio.wait_for(fault.healed.wait(), fault.order.wait_seconds)


def refusal(fault: Fault, said: FromClient) -> tuple[bytes | None, int]:
    """The packet that a fault sends in the BMC's place (None: it is silent), and the equivalent HTTP status."""
    if isinstance(said, LoginRequest) and fault.order.kind == "unauthorized":
        payload = bytes([said.tag, _UNAUTHORIZED_NAME, 0, 0]) + said.session.console.to_bytes(4, "little")
        return packets.build_new(packets.RAKP2, 0, 0, payload), 401
    code = CODES.get(fault.order.kind)
    if code is None or not isinstance(said, IpmiRequest) or said.session is None:
        return None, 0
    return said.session.answer(said.packet, answer_to(said.message, code)), words.status(code)


def spoiled(faults: list[Fault], session: PassiveSession | None, packet: Packet, message: Message) -> Spoiled | None:
    """The answer after the faults; None if none applies."""
    for fault in faults:
        if fault.spent or fault.order.kind not in SPOILING:
            continue
        stale = _stale(fault, message) if fault.order.kind == "stale_power" else b""
        if stale is None or (stale and session is None):
            continue
        fault.apply()
        if stale and session:
            return Spoiled(session.back_with(packet, stale), (fault.name,))
        honest = session.back(packet) if session else packet.raw
        return Spoiled(_mangled(fault, honest), (fault.name,))
    return None


def _mangled(fault: Fault, packet: bytes) -> bytes | None:
    match fault.order.kind:
        case "garbage":
            return packet[: packets.CLASS_AT + 1] + bytes(byte ^ 0xFF for byte in packet[packets.CLASS_AT + 1 :])
        case "truncated":
            return packet[: len(packet) // 2]
    return None


def _stale(fault: Fault, message: Message) -> bytes | None:
    """A chassis status with the first power bit seen; None if that is still its value."""
    if len(message.data) < 2:
        return None
    power = message.data[1] & POWER_IS_ON
    if fault.first_seen(_STATUS, power) == power:
        return None
    data = bytes([message.data[0], message.data[1] ^ POWER_IS_ON]) + message.data[2:]
    return packets.with_data(message, data)


def _can(fault: Fault, said: FromClient) -> bool:
    kind = fault.order.kind
    if kind == "unauthorized":
        return isinstance(said, LoginRequest)
    if kind in CODES or kind == "stale_power":
        return isinstance(said, IpmiRequest) and said.session is not None and said.session.can_answer(said.packet)
    return kind not in SPOILING or isinstance(said, IpmiRequest)
