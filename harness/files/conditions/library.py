"""The library that evaluates conditions. Of the harness only this module imports it.

It evaluates whatever it is given, tells of a type only when it meets it, and knows no limit to time: what it is given was read,
checked and counted before, by the modules beside this one.
"""

from functools import lru_cache
from typing import Any

from harness.errors import ConditionError


@lru_cache(maxsize=4096)
def program(text: str) -> Any:
    """The compiled condition. ConditionError where the library cannot read it."""
    import cel  # imported late: it also imports its command line, which takes 0.2 s that only own promises need

    try:
        return cel.compile(text)
    except ValueError as error:
        raise ConditionError(_first_line(error)) from None


def evaluate(text: str, variables: dict[str, Any]) -> Any:
    """The value of a condition. ConditionError, with the reason, where it has none for these variables."""
    try:
        return program(text).execute(variables)
    except KeyError as error:
        name = str(error.args[0])
        raise ConditionError(f"`{name}` is not there; `has(…)` asks for it", missing=name) from None
    except ConditionError:
        raise
    except BaseException as error:
        # The library's own panics are no Exception; a signal or an interrupt is not ours to keep.
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise ConditionError(_first_line(error)) from None


def _first_line(error: BaseException) -> str:
    """The message of an error without the advice that the library appends for Python programmers."""
    return str(error).partition("\n")[0].partition(". Check that")[0].partition(". CEL ")[0].partition(". CEL does")[0]
