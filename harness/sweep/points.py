"""The crash points of a mover, and which of them a sweep uses.

Reads change nothing, so a mover killed anywhere between two writes leaves the same state: one point, before the second write,
stands for all of them. A mover that is cut off continues, so this does not hold for cuts.
"""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from harness.errors import UsageError
from harness.move.proxy import Means, When
from harness.move.requests import Unit
from harness.sweep.survey import Survey

FAULT = re.compile(r"move_killed: *\{[^{}]*\}")
WHENS: tuple[When, ...] = ("before", "after")
CUTS_EVERY = 5
ORDER_SEED = 1


class Point(msgspec.Struct, frozen=True):
    """One place at which the mover is struck."""

    at: int
    when: When
    by: Means
    of: Unit = "requests"

    @property
    def name(self) -> str:
        """As its directory is called."""
        return f"{'w' if self.of == 'writes' else ''}{self.at:04}-{self.when}-{self.by}"

    @property
    def says(self) -> str:
        """As people read it."""
        return f"{self.of.removesuffix('s')} {self.at} {self.when} {self.by}"


class Choice(msgspec.Struct, frozen=True):
    """Which points of a move to strike: every n-th between two requests (0: each class of kills, and some of the cuts).

    `each`: kills at requests, before and after, instead of one for each class of them.
    """

    every: int = 0
    first: int = 1
    last: int | None = None
    each: bool = False
    means: tuple[Means, ...] = ("kill", "cut")


def points_of(counted: Survey, choice: Choice) -> list[Point]:
    """The points to strike in a fixed shuffled order, so that an interrupted sweep covers the whole move."""
    points = [
        *(_kills(counted, choice) if "kill" in choice.means else ()),
        *(_cuts(counted, choice) if "cut" in choice.means else ()),
    ]
    random.Random(ORDER_SEED).shuffle(points)  # noqa: S311 - an order, no secret
    return points


def _kills(counted: Survey, choice: Choice) -> Iterator[Point]:
    if choice.each:
        yield from (Point(at, when, "kill") for at in _numbers(counted, choice, choice.every or 1) for when in WHENS)
        return
    numbers = _numbers(counted, choice, 1)
    classes = [Point(write, "before", "kill", "writes") for write, at in enumerate(counted.writes, 1) if at in numbers]
    if counted.writes and counted.writes[-1] in numbers:
        classes.append(Point(len(counted.writes), "after", "kill", "writes"))
    yield from classes[:: choice.every or 1]


def _cuts(counted: Survey, choice: Choice) -> Iterator[Point]:
    yield from (Point(at, when, "cut") for at in _numbers(counted, choice, choice.every or CUTS_EVERY) for when in WHENS)


def _numbers(counted: Survey, choice: Choice, every: int) -> range:
    return range(choice.first, min(choice.last or counted.requests, counted.requests) + 1, every)


def struck_at(scenario: Path, point: Point) -> str:
    """The scenario's text with its one `move_killed: {...}` set to this point; UsageError where it does not have just one."""
    of = f"of: {point.of}, " if point.of != "requests" else ""
    return _with_fault(scenario, f"move_killed: {{at: {point.at}, {of}when: {point.when}, by: {point.by}}}")


def surveyed(scenario: Path) -> str:
    """The scenario's text with `move_held` in place of `move_killed`."""
    return _with_fault(scenario, "move_held: {}")


def _with_fault(scenario: Path, fault: str) -> str:
    text = scenario.read_text(encoding="utf-8")
    if len(FAULT.findall(text)) != 1:
        raise UsageError(f"{scenario}: a scenario to sweep has `move_killed: {{at: ..., when: ..., by: ...}}` once, on one line")
    return FAULT.sub(fault, text)
