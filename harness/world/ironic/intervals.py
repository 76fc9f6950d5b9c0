"""Intervals of time."""

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """An interval of time, seconds on the journal's clock."""

    since: float
    until: float

    def holds(self, time: float) -> bool:
        """Is that time in it?"""
        return self.since <= time <= self.until


def without(wholes: Iterable[Span], parts: Iterable[Span]) -> list[Span]:
    """What is left of intervals when others are taken out of them."""
    left = list(wholes)
    for part in parts:
        pieces = [
            piece
            for one in left
            for piece in (Span(one.since, min(one.until, part.since)), Span(max(one.since, part.until), one.until))
        ]
        left = [piece for piece in pieces if piece.since < piece.until]
    return left
