"""The Common Expression Language, evaluated by a library. Only this module imports it.

An expression that the library does not support is no error of the user: callers skip it and say so.
"""

import re
from functools import cache
from typing import Any

CHARACTERS_MAX = 10_000
"""The library evaluates recursively: an expression of some 20,000 terms overflows the stack and ends the process."""
_ESCAPED_NAME = re.compile(r"\b\w*__(?:underscores|dot|dash|slash|[a-z]+)__\w*\b")
"""How Kubernetes escapes field names that CEL cannot express (`x__dash__y`). The library does not support it."""

Variables = dict[str, Any]


class UnsupportedExpressionError(ValueError):
    """The library cannot parse this expression, or lacks a function that it calls."""


class ValuelessExpressionError(ValueError):
    """The expression has no value for these variables: a missing key, an index out of range, a division by zero."""


@cache
def program(text: str) -> Any:
    """The compiled expression; raises UnsupportedExpressionError."""
    import cel  # imported late: it also imports its command line, which takes 0.2 s that only labs with rules need

    if len(text) > CHARACTERS_MAX:
        raise UnsupportedExpressionError(f"it has more than {CHARACTERS_MAX} characters")
    if found := _ESCAPED_NAME.search(text):
        raise UnsupportedExpressionError(f"the escaped name {found[0]} is not known")
    try:
        return cel.compile(text)
    except ValueError as error:
        raise UnsupportedExpressionError(_first_line(error)) from None


def evaluate(text: str, variables: Variables) -> Any:
    """The value of an expression; raises UnsupportedExpressionError or ValuelessExpressionError."""
    try:
        return program(text).execute(variables)
    except KeyError as error:
        raise ValuelessExpressionError(f"no such key: {error.args[0]}") from None
    except (IndexError, ArithmeticError) as error:
        raise ValuelessExpressionError(_first_line(error)) from None
    except (RuntimeError, TypeError, ValueError) as error:
        # A real server type-checks rules against the schema, so a type error at this point is a lack of ours.
        raise UnsupportedExpressionError(_first_line(error)) from None


def _first_line(error: Exception) -> str:
    """The message of an error without the advice that the library appends for Python programmers."""
    return str(error).partition("\n")[0].partition(". Check that")[0].partition(". CEL ")[0]
