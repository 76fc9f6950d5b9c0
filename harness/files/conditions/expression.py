"""One condition, ready to be asked: it gets what it reads and nothing else, and is asked once where it reads the same."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from harness.errors import ConditionError
from harness.files.conditions.cost import STEPS_MAX, largest_in, refuse_endless, steps
from harness.files.conditions.library import evaluate, program
from harness.files.conditions.syntax import Term, read
from harness.files.conditions.types import TYPE_NAMES

CONDITION_STEPS_MAX = 50_000_000
"""So many steps one condition may take over a whole journal."""
ANSWERS_MAX = 20_000
Members = dict[str, Any]
"""The members that are read, each with those that are read of it; empty: all of it."""


class Expression:
    """A condition; ConditionError where it cannot be read, or nobody can tell what it costs."""

    def __init__(self, text: str) -> None:
        """Read it."""
        self.text = text
        self.term = read(text)
        refuse_endless(self.term)
        program(text)
        self.reads: dict[str, Members] = {}
        """Each variable that it reads, and what of it."""
        for path in _paths(self.term, frozenset()):
            _add(self.reads, path)
        self._answers: dict[bytes, Any] = {}
        self._spent = 0

    def value(self, variables: Mapping[str, Any]) -> Any:
        """Its value, or a ConditionError with the reason why it has none."""
        given = {name: pruned(variables[name], members) for name, members in self.reads.items()}
        try:
            key = msgspec.json.encode(given)
        except (UnicodeEncodeError, TypeError, ValueError) as error:
            raise ConditionError(f"what it reads is no plain value: {error}") from None
        if key not in self._answers:
            if len(self._answers) >= ANSWERS_MAX:
                self._answers.clear()
            self._answers[key] = self._asked(given)
        answer = self._answers[key]
        if isinstance(answer, ConditionError):
            raise answer
        return answer

    def _asked(self, given: dict[str, Any]) -> Any:
        """Its value, or why it has none."""
        wanted = steps(self.term, largest_in(given.values()))
        if wanted > STEPS_MAX:
            return ConditionError(f"it would take more than {STEPS_MAX} steps here (STEPS_MAX)")
        self._spent += wanted
        if self._spent > CONDITION_STEPS_MAX:
            return ConditionError(f"it took more than {CONDITION_STEPS_MAX} steps over this journal (CONDITION_STEPS_MAX)")
        try:
            return evaluate(self.text, given)
        except ConditionError as error:
            return error

    def paths(self, variable: str) -> list[str]:
        """What is read of a variable, as paths like `status.poweredOn`."""
        return [".".join(path[1:]) for path in _leaves(self.reads) if path[0] == variable and path[1:]]

    def prefixes(self, name: str) -> Iterator[list[str]]:
        """The paths that are read, each from its variable to a member of this name."""
        yield from (path[: place + 1] for path in _leaves(self.reads) for place, one in enumerate(path) if place and one == name)


def _leaves(members: Members) -> Iterator[list[str]]:
    """The paths down to what is read whole."""
    for name, inner in members.items():
        yield from ([name, *rest] for rest in _leaves(inner)) if inner else iter([[name]])


def is_there(variables: Mapping[str, Any], path: list[str]) -> bool:
    """Is there something at the end of this path?"""
    value: Any = variables
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return False
        value = value[name]
    return True


def pruned(value: Any, members: Members) -> Any:
    """The value with no more members than are read. What is no table is left to tell that by itself."""
    if not members or not isinstance(value, dict):
        return value
    return {name: pruned(value[name], inner) for name, inner in members.items() if name in value}


def _paths(term: Term, bound: frozenset[str]) -> Iterator[list[str]]:
    """The paths of members that are read, each from its variable on; `bound` are names of macros."""
    path = _path(term)
    if path:
        if path[0] not in bound | TYPE_NAMES:
            yield path
        return
    for place, part in enumerate(term.parts):
        inner = bound | {term.value} if term.kind == "macro" and place > 0 else bound
        yield from _paths(part, inner)


def _path(term: Term) -> list[str]:
    """The names of a chain of members down to its variable; empty where it is none."""
    names: list[str] = []
    while term.kind == "member":
        names.append(term.text)
        term = term.parts[0]
    return [term.text, *reversed(names)] if term.kind == "name" else []


def _add(reads: dict[str, Members], path: list[str]) -> None:
    """Remember that this is read; what is read whole is not read in parts."""
    known, members = path[0] in reads, reads.setdefault(path[0], {})
    for name in path[1:]:
        if known and not members:
            return
        known, members = name in members, members.setdefault(name, {})
    members.clear()
