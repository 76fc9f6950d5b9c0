"""What can stand in a recorder's log, one struct a kind of line; `what` names the kind."""

from typing import Any, Literal

import msgspec

from bmc.recorder.clients import By, Login

READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110 §9.2.1)."""

Outcome = Literal["answered", "broken", "unknown", "not sent", "faulted", "aside"]


class LogRecord(msgspec.Struct, frozen=True, kw_only=True, tag_field="what"):
    """Fields of every line: the BMC, and the recorder's wall-clock time (RFC 3339)."""

    bmc: str
    time: str


class BmcAttachedRecord(LogRecord, frozen=True, kw_only=True, tag="began"):
    """The recorder now stands before this BMC. `trust`: how its certificate is verified, or why it is not."""

    listen: str
    to: str
    trust: str = ""


class RequestRecord(LogRecord, frozen=True, kw_only=True, tag="request"):
    """A request came. It is written before it is forwarded; `forwarded` false: a fault of ours keeps it from the BMC.

    `request` counts each BMC's requests from 1. `client` is the client's name, and `by` the kind of rule that identified it.
    `query`, `headers` and `body` have their secrets masked; `bytes` is the body's real length, -1 where it is not known yet.
    """

    request: int
    address: str
    client: str
    by: By
    user_agent: str
    user: str
    login: Login
    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = {}
    body: str = ""
    bytes: int = 0
    forwarded: bool = True
    faults: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Could it change something?"""
        return self.method not in READING


class RequestSentRecord(LogRecord, frozen=True, kw_only=True, tag="sent"):
    """A write is about to be sent on an open connection: from now on it may have been executed."""

    request: int


class RequestEndedRecord(LogRecord, frozen=True, kw_only=True, tag="answer"):
    """How a request ended; written before the client is answered.

    `answered`: by the BMC, with `status`. `broken`: its answer broke off after the status. `unknown`: it was sent, and nothing
    came back: it may have been done (status 0). `not sent`: there was no connection to the BMC. `faulted`: a fault answered
    instead of the BMC, with `status`, 0 where it said nothing. `aside`: the recorder answered from its own record. `faults`:
    names of the faults applied; `told`: what the client got, if that is not the BMC's answer.
    """

    request: int
    outcome: Outcome
    status: int
    seconds: float
    headers: dict[str, str] = {}
    body: str = ""
    bytes: int = 0
    says: str = ""
    faults: tuple[str, ...] = ()
    told: str = ""


class UnknownReportedRecord(LogRecord, frozen=True, kw_only=True, tag="shown"):
    """A reader was already given `unknown` for this request; later results must not change that answer."""

    request: int


class FaultInjectedRecord(LogRecord, frozen=True, kw_only=True, tag="fault"):
    """A fault is at work from here on."""

    fault: str
    order: dict[str, Any]


class FaultRemovedRecord(LogRecord, frozen=True, kw_only=True, tag="healed"):
    """The fault is gone; it did something `applied` times."""

    fault: str
    applied: int


AnyRecord = (
    BmcAttachedRecord
    | RequestRecord
    | RequestSentRecord
    | RequestEndedRecord
    | UnknownReportedRecord
    | FaultInjectedRecord
    | FaultRemovedRecord
)
