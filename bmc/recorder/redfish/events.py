"""A BMC's events on their way through the recorder, streamed or pushed: passed on as they come, or lost, doubled, or out of order."""

import re
from collections.abc import Callable
from typing import Generic, TypeVar

from bmc.recorder.faults import EVENT_KINDS, Fault

PIECE_BYTES_MAX = 256 * 1024
"""Longer pieces without an end are not treated as events; they are forwarded as they come."""

_END = re.compile(rb"\n\r?\n")

Event = TypeVar("Event")
Fitting = Callable[[], list[Fault]]
"""Returns the faults that match now: a stream is affected by faults injected, and freed of faults removed, while it runs."""


class EventOrder(Generic[Event]):
    """Decides which events are forwarded, and in which order. `fitting` is called for each event."""

    def __init__(self, fitting: Fitting) -> None:
        self._fitting = fitting
        self._held: list[Event] = []

    def came(self, event: Event) -> list[Event]:
        """The events to forward now that this one has arrived."""
        fault = next((each for each in self._fitting() if each.order.kind in EVENT_KINDS), None)
        held, self._held = self._held, []
        if fault is None:
            return [*held, event]
        if fault.order.kind == "reorder_events" and not held:
            self._held = [event]
            return []
        fault.apply()
        if fault.order.kind == "lose_events":
            return held
        if fault.order.kind == "double_events":
            return [*held, event, event]
        return [event, *held]

    def passed(self) -> list[Event]:
        """The events to forward when none has arrived: those held back by a fault that was removed."""
        if self._held and not any(each.order.kind == "reorder_events" for each in self._fitting()):
            held, self._held = self._held, []
            return held
        return []


class Cutter:
    """Cuts a stream of server-sent events into pieces, an event or a comment each, blank line included."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The pieces that this chunk completes, byte for byte."""
        whole, pieces, start = self._rest + chunk, [], 0
        for end in _END.finditer(whole):
            pieces.append(whole[start : end.end()])
            start = end.end()
        self._rest = whole[start:]
        if len(self._rest) > PIECE_BYTES_MAX:
            pieces.append(self._rest)
            self._rest = b""
        return pieces

    def rest(self) -> bytes:
        """What is left when the stream ends."""
        return self._rest


def is_event(piece: bytes) -> bool:
    """Does it carry data? A comment does not."""
    return any(line.startswith(b"data:") for line in piece.split(b"\n"))
