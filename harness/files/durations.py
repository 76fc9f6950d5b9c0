"""The types that the arguments of words can have beyond Python's own, and durations in both directions."""

import re
from typing import Annotated

Duration = Annotated[float, "a duration like 5s or 10m"]
"""Seconds in Python; `500ms`, `5s`, `10m`, `1h30m` in YAML, always with a unit."""

HostName = Annotated[str, "the name of a host"]
"""The name of a BareMetalHost. A default of "" means: the first claimed worker."""

_number = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)"
_duration = re.compile(rf"(?:{_number}h)?(?:{_number}m)?(?:{_number}s)?(?:{_number}ms)?")
_SECONDS_OF_UNITS = (3600.0, 60.0, 1.0, 0.001)


def parse_duration(text: str) -> float:
    """The seconds of `1h30m`, `10m`, `5s`, `1.5s` or `500ms`; ValueError with the cause in one sentence."""
    match = _duration.fullmatch(text)
    if match and text:
        return sum(float(number) * seconds for number, seconds in zip(match.groups(), _SECONDS_OF_UNITS, strict=True) if number)
    if re.fullmatch(_number, text):
        raise ValueError(f"a duration needs a unit; write {text}s or {text}m")
    raise ValueError("a duration is like 500ms, 5s, 10m or 1h30m")


def format_duration(seconds: float) -> str:
    """The duration as people write it: `1h30m`, `10m`, `5s`, `500ms`."""
    milliseconds = round(seconds * 1000)
    if milliseconds == 0:
        return "0s"
    parts = []
    for size, unit in ((3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")):
        count, milliseconds = divmod(milliseconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)
