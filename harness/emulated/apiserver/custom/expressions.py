"""The Common Expression Language: a library behind this one door.

Nothing here refuses anything: whoever asks is told which expressions the library cannot judge, and lets those be.
"""

import re
from functools import cache
from typing import Any

CHARACTERS_MAX = 10_000
"""The library follows an expression by recursion; one of some 20,000 terms would end the process."""
_ESCAPED_NAME = re.compile(r"\b\w*__(?:underscores|dot|dash|slash|[a-z]+)__\w*\b")
"""How Kubernetes writes fields that the language cannot name, such as `x__dash__y`; the library does not know of it."""

Variables = dict[str, Any]


class UnsupportedExpressionError(ValueError):
    """The library cannot judge this expression: it cannot read it, or lacks one of its functions."""


class ValuelessExpressionError(ValueError):
    """The expression has no value for these variables, on any server: it reads what is not there, or divides by zero."""


@cache
def program(text: str) -> Any:
    """The expression as the library's program, ready to be executed; raises UnsupportedExpressionError."""
    import cel  # not at the top: its command line comes with it, and takes longer to import than the rest of the server

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
        # A real server knows the types of a schema and refuses a rule that mixes them, so what is mixed here is our lack.
        raise UnsupportedExpressionError(_first_line(error)) from None


def _first_line(error: Exception) -> str:
    """What the library says, without its advice to Python programmers."""
    return str(error).partition("\n")[0].partition(". Check that")[0].partition(". CEL ")[0]
