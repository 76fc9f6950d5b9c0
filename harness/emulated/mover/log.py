"""The lines a mover writes on standard error: `message Key=<json> Key2=<json>`, no time, no level."""

import json
from typing import Any, TextIO

# json.Marshal of Go escapes these three for the sake of HTML pages.
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def render(message: str, *values: tuple[str, Any]) -> str:
    """One line, without its newline."""
    return " ".join([message, *(f"{key}={_json(value)}" for key, value in values)])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


class MoverLog:
    """Writes lines up to a verbosity: 0 the phases, 1 each object, 5 everything."""

    def __init__(self, verbosity: int, stream: TextIO) -> None:
        self._verbosity = verbosity
        self._stream = stream

    def say(self, message: str, *values: tuple[str, Any], level: int = 0) -> None:
        """Write one line where `level` is within the verbosity."""
        if level <= self._verbosity:
            self._stream.write(render(message, *values) + "\n")
            self._stream.flush()
