"""A scenario as it is written down: a tree of steps, blocks and faults, every word found and every argument bound.

`within_seconds` is a limit, None where none was written. A node's path is its place in the tree (`3.1` is the first below the
third), `place` where it stands in the file. What must hold is in `expectations`; an empty block there means the whole run.
"""

from pathlib import Path
from typing import Any, Literal

import msgspec

from harness.files.declaration import Word
from harness.journal.facts import Expectation


class WordCall(msgspec.Struct, frozen=True):
    """A word with its arguments, by their names in Python and only those that were written."""

    word: Word
    arguments: dict[str, Any]

    @property
    def as_written(self) -> dict[str, Any]:
        """The arguments by their names in YAML, for the journal."""
        names = {field.key: field.name for field in self.word.arguments}
        return {names[key]: value for key, value in self.arguments.items()}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Do one thing: `await call.word.function(bench, **call.arguments)`."""

    path: str
    place: str
    call: WordCall
    within_seconds: float | None = None


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """Do these in order."""

    path: str
    place: str
    nodes: tuple["Node", ...]
    within_seconds: float | None = None


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """Do these at once; the first that fails stops the others."""

    path: str
    place: str
    nodes: tuple["Node", ...]
    within_seconds: float | None = None


class Under(msgspec.Struct, frozen=True, kw_only=True):
    """Do these in order while a fault is in: `async with fault.word.function(bench, **fault.arguments)`."""

    path: str
    place: str
    fault: WordCall
    nodes: tuple["Node", ...]
    within_seconds: float | None = None


Node = Step | Block | Together | Under


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A story: what is done, and what must hold. `promise`: what a move must not harm, or, `steady`, what nothing at all must."""

    name: str
    path: Path
    says: str = ""
    promise: Literal["move", "steady"] = "move"
    steps: tuple[Node, ...]
    expectations: tuple[Expectation, ...]
