"""The requests of a mover, as its proxy wrote them down."""

from pathlib import Path
from typing import Literal

import msgspec

REQUESTS_FILE = "mover-requests.jsonl"
READS = ("GET", "HEAD", "OPTIONS")

Unit = Literal["requests", "writes", "creates"]
"""What can be counted of a mover."""


class MoverRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request of the mover, when it came (`at`, seconds of the run's clock).

    `status` is the server's, 0 where it was not forwarded; `struck`: the plan met it; `name`: of the object that it would create.
    """

    number: int
    at: float
    cluster: str
    method: str
    path: str
    status: int = 0
    struck: bool = False
    name: str = ""

    @property
    def writes(self) -> bool:
        """Would it change anything on the server?"""
        return self.method not in READS

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units that it counts as: always a request, possibly a write and a create."""
        if not self.writes:
            return ("requests",)
        return ("requests", "writes", "creates") if self.method == "POST" else ("requests", "writes")

    @property
    def executed(self) -> bool:
        """Did the server say that it did it?"""
        return 200 <= self.status < 300


class _Metadata(msgspec.Struct):
    name: str = ""


class _Object(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


def name_in(body: bytes) -> str:
    """The name of the object in a body; empty where it is no JSON."""
    try:
        return msgspec.json.decode(body, type=_Object).metadata.name
    except msgspec.DecodeError:
        return ""


def requests_of(run: Path) -> list[MoverRequest]:
    """The requests that went through the proxy of a run, in order."""
    file = run / "logs" / REQUESTS_FILE
    lines = file.read_bytes().splitlines() if file.exists() else []
    return [msgspec.json.decode(line, type=MoverRequest) for line in lines]
