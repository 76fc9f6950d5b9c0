"""What a condition costs: told before it is evaluated, since the library knows no limit and cannot be stopped.

Only a macro goes through a list, and a macro in a macro goes through it again for each item. Counted are steps: parts of the condition
that are evaluated, once for each item, and for what makes a new list also the items that it copies.
"""

from collections.abc import Iterable
from typing import Any

from harness.errors import ConditionError
from harness.files.conditions.syntax import Term, walk

MACROS_NESTED_MAX = 2
"""A macro in a macro in a macro goes through a list as often as it has items, squared."""
STEPS_MAX = 1_000_000
"""So many steps one evaluation may take; that is about a fifth of a second."""


def refuse_endless(term: Term) -> None:
    """ConditionError, with its place, for a condition whose cost nobody can bound, or that goes through its own lists too often."""
    _refuse_nested(term, 0)
    if steps(term, 1) > STEPS_MAX:
        raise ConditionError(f"it takes more than {STEPS_MAX} steps whatever it reads (STEPS_MAX)", term.at, term.end - term.at)


def _refuse_nested(term: Term, depth: int) -> None:
    if term.kind == "macro" and depth == MACROS_NESTED_MAX:
        text = f"more than {MACROS_NESTED_MAX} macros in each other may go on without end (MACROS_NESTED_MAX)"
        raise ConditionError(text, term.at, len(term.text))
    for place, part in enumerate(term.parts):
        # What is gone through is evaluated once, what is asked of its items for each of them.
        _refuse_nested(part, depth + (term.kind == "macro" and place > 0))


def steps(term: Term, largest: int) -> int:
    """The steps of one evaluation at most, where no list or table that is read has more than `largest` items."""
    longest = max(largest, *(len(one.parts) for one in walk(term)), 1) * max(1, sum(one.text == "+" for one in walk(term)))
    return _steps(term, longest)


def _steps(term: Term, longest: int) -> int:
    own = [_steps(part, longest) for part in term.parts]
    if term.kind != "macro":
        return 1 + sum(own)
    copied = longest if term.text in ("map", "filter") else 1
    return own[0] + longest * (sum(own[1:]) + copied)


def largest_in(values: Iterable[Any]) -> int:
    """The number of items of the largest list or table in these values."""
    most, left = 0, list(values)
    while left:
        one = left.pop()
        if isinstance(one, dict | list):
            most = max(most, len(one))
            left.extend(one.values() if isinstance(one, dict) else one)
    return most
