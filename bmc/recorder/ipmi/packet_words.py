"""IPMI packets as the recorder records them: the request, its session, and whether it is for the recorder itself."""

import json
from typing import NamedTuple

from bmc.ipmi import words
from bmc.ipmi.wire import ENTERPRISE_BYTES, OEM_GROUP, Oem
from bmc.recorder.faults import RequestFacts
from bmc.recorder.ipmi.conversation import FromClient, IpmiRequest, LoginRequest, Undecodable
from bmc.recorder.ipmi.packets import Message
from bmc.recorder.ipmi.passive_session import PassiveSession
from bmc.recorder.log import records as lines

MessageKey = tuple[object, ...]


class Wanted(NamedTuple):
    """What a packet asks for, as it is written down."""

    method: str
    path: str
    body: str
    session: PassiveSession | None
    bytes: int


def wanted(said: FromClient, length: int) -> Wanted:
    """What a packet asks for; ValueError for one that asks for nothing."""
    match said:
        case LoginRequest(session=session):
            return Wanted("POST", words.LOGIN, "", session, length)
        case IpmiRequest(session, _, message):
            number = message.netfn, message.command
            body = words.command_fields(*number, message.data)
            return Wanted(words.method(*number), words.path(*number), json.dumps(body) if body else "", session, length)
        case Undecodable(says):
            return Wanted("POST", words.UNDECODABLE, json.dumps({"Says": says}), None, length)
    raise ValueError(said)


def own(said: FromClient) -> Message | None:
    """One of our own commands, which no BMC gets; None for all others."""
    if (
        not isinstance(said, IpmiRequest)
        or said.session is None
        or not (said.session.is_open and said.session.can_answer(said.packet))
    ):
        return None
    message = said.message
    ours = message.netfn == OEM_GROUP and message.data[:3] == ENTERPRISE_BYTES
    return message if ours and message.command in (Oem.INTRODUCE, Oem.READ_REQUESTS) else None


def question(asked: lines.RequestRecord, session: PassiveSession | None) -> RequestFacts:
    """What faults need to know of it."""
    return RequestFacts(
        method=asked.method,
        path=asked.path,
        client=asked.client,
        address=asked.address,
        user_agent=asked.user_agent,
        token=token(session) if session and session.is_open else "",
    )


def onward(said: FromClient, raw: bytes) -> bytes:
    """What goes on to the BMC."""
    return said.session.onward(said.packet) if isinstance(said, IpmiRequest) and said.session else raw


def key(session: PassiveSession | None, message: Message) -> MessageKey:
    """What a command and its answer have in common."""
    return (session.console if session else 0, *message.key)


def token(session: PassiveSession) -> str:
    """A name for a session, for faults."""
    return f"{session.bmc:08x}"
