"""One mutant: what it changes, whether that can matter, and what became of it, as mutmut wrote it down."""
# ruff: noqa: INP001 - part of a script

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mutmut.mutation.diff_apply import get_diff_for_mutant

KILLED, TIMED_OUT, SURVIVED, NOT_TRIED = "killed", "ran without end", "survived", "not tried"
OUTCOMES = {None: NOT_TRIED, 0: SURVIVED, 33: SURVIVED, 1: KILLED, 3: KILLED}
"""What mutmut's exit codes mean: 33 is a function that no test reaches; all others are mutants that were ended."""
SENTENCE = re.compile(r"""(?P<quote>["'])[^"'{}]*\s[^"'{}]*(?P=quote)""")
REASONS = Path(__file__).parent / "equivalent.toml"


class Mutant(NamedTuple):
    """A fault that mutmut planted: its name, the file that it is in, and the exit code of its tests (none where it was not tried)."""

    name: str
    path: str
    code: int | None

    @property
    def package(self) -> str:
        """`checks`, `world` or `verdict`."""
        return self.path.split("/")[1]

    @property
    def outcome(self) -> str:
        """What became of it."""
        return OUTCOMES.get(self.code, TIMED_OUT)

    @property
    def function(self) -> str:
        """The function that it is in, with its module."""
        return re.sub(r"\.x[_ǁ]", ".", self.name.partition("__mutmut_")[0]).replace("ǁ", ".")

    @property
    def change(self) -> tuple[str, str]:
        """The lines that it takes away, and those that it brings."""
        lines = get_diff_for_mutant(self.name, path=self.path).splitlines()[2:]
        taken, brought = ("\n".join(it[1:].strip() for it in lines if it.startswith(sign)) for sign in "-+")
        return taken, brought

    @property
    def is_wording(self) -> bool:
        """Does it change no more than the words of a sentence: of a literal with a space in it?"""
        before, after = (SENTENCE.sub("a sentence", lines) for lines in self.change)
        return before == after

    @property
    def is_equivalent(self) -> bool:
        """Is it listed as one that changes nothing?"""
        return (self.function, *self.change) in equivalents()


def all_mutants() -> Iterator[Mutant]:
    """Those that mutmut made, as they stand now."""
    for meta in Path("mutants/harness").rglob("*.meta"):
        path = str(meta.relative_to("mutants").with_suffix(""))
        codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        yield from (Mutant(name, path, code) for name, code in codes.items())


@cache
def equivalents() -> dict[tuple[str, str, str], str]:
    """The mutants that are listed as changing nothing, with the reason."""
    listed = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    return {(it["function"], it["taken"], it["brought"]): reason for reason, them in listed.items() for it in them}
