"""Packets of IPMI in the recorder's words: what one asks for, by whom, and whether it is for the recorder itself."""

import json
from typing import NamedTuple

from bmc.ipmi import words
from bmc.ipmi.wire import ENTERPRISE_BYTES, OEM_GROUP, Oem
from bmc.recorder.faults import Question
from bmc.recorder.ipmi.conversation import Asked, FromClient, LoginAsked, Undecodable
from bmc.recorder.ipmi.packets import Message
from bmc.recorder.ipmi.passive_session import Session
from bmc.recorder.log import records as lines

Key = tuple[object, ...]


class Wanted(NamedTuple):
    """What a packet asks for, as it is written down."""

    method: str
    path: str
    body: str
    session: Session | None
    bytes: int


def wanted(said: FromClient, length: int) -> Wanted:
    """What a packet asks for; ValueError for one that asks for nothing."""
    match said:
        case LoginAsked(session=session):
            return Wanted("POST", words.LOGIN, "", session, length)
        case Asked(session, _, message):
            number = message.netfn, message.command
            body = words.said(*number, message.data)
            return Wanted(words.method(*number), words.path(*number), json.dumps(body) if body else "", session, length)
        case Undecodable(says):
            return Wanted("POST", words.UNDECODABLE, json.dumps({"Says": says}), None, length)
    raise ValueError(said)


def own(said: FromClient) -> Message | None:
    """One of our own commands, which no BMC gets; None for all others."""
    if not isinstance(said, Asked) or said.session is None or not (said.session.is_open and said.session.can_answer(said.packet)):
        return None
    message = said.message
    ours = message.netfn == OEM_GROUP and message.data[:3] == ENTERPRISE_BYTES
    return message if ours and message.command in (Oem.INTRODUCE, Oem.READ_REQUESTS) else None


def question(asked: lines.Asked, session: Session | None) -> Question:
    """What faults need to know of it."""
    return Question(
        method=asked.method,
        path=asked.path,
        client=asked.client,
        address=asked.address,
        user_agent=asked.user_agent,
        token=token(session) if session and session.is_open else "",
    )


def onward(said: FromClient, raw: bytes) -> bytes:
    """What goes on to the BMC."""
    return said.session.onward(said.packet) if isinstance(said, Asked) and said.session else raw


def key(session: Session | None, message: Message) -> Key:
    """What a command and its answer have in common."""
    return (session.console if session else 0, *message.key)


def token(session: Session) -> str:
    """A name for a session, for faults."""
    return f"{session.bmc:08x}"
