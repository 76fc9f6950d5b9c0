"""The log of requests on the wire: what our own OEM commands of the emulated BMC carry."""

import json
from collections.abc import Iterable
from datetime import datetime

from bmc.ipmi.wire import ENTERPRISE_BYTES
from bmc.model import RequestEntry
from bmc.request_log import LoggedRequest, RequestLog

ANSWER_BYTES_MAX = 1400
"""How long an answer's JSON may grow: a packet that no network splits."""
BODY_CHARACTERS_MAX = 600
_AT_ONCE = 32
"""Upper limit of entries considered for one answer; fewer may fit into it."""
BEYOND = 0xFFFFFFFF
"""An id that no request has: asks for the log's end only."""


def encode_question(first_id: int) -> bytes:
    """Ask for the entries from this id on."""
    return ENTERPRISE_BYTES + first_id.to_bytes(4, "little")


def answer_from(log: RequestLog, question: bytes) -> bytes:
    """What a log answers to a question."""
    skip = max(decode_question(question) - (log.next_id - len(log)), 0)
    return encode_answer(log.window(skip, _AT_ONCE), log.next_id)


def encode_answer(entries: Iterable[LoggedRequest], next_id: int) -> bytes:
    """As many of these entries, from the first on, as fit; and the id that the next request will get."""
    shown: list[str] = []
    length = 0
    for entry in entries:
        text = json.dumps(_fields(entry), separators=(",", ":"))
        length += len(text) + 1
        if shown and length > ANSWER_BYTES_MAX:
            break
        shown.append(text)
    return ENTERPRISE_BYTES + next_id.to_bytes(4, "little") + f"[{','.join(shown)}]".encode()


def decode_question(data: bytes) -> int:
    """The id from which entries are wanted."""
    return int.from_bytes(data[3:7], "little")


def decode_answer(data: bytes) -> tuple[list[RequestEntry], int]:
    """Entries, and the id that the next request will get. ValueError, TypeError or KeyError where it is something else."""
    return [RequestEntry(**each) for each in json.loads(data[7:])], int.from_bytes(data[3:7], "little")


def _fields(entry: LoggedRequest) -> dict[str, str | int]:
    return {
        "id": entry.id,
        "created": _text(entry.created),
        "address": entry.address,
        "user_agent": entry.user_agent,
        "user": entry.user,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "body": entry.body[:BODY_CHARACTERS_MAX],
    }


def _text(when: datetime) -> str:
    return when.isoformat()
