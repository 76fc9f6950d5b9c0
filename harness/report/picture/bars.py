"""What a picture is made of: lanes of bars and marks along one time."""

from typing import NamedTuple


class Bar(NamedTuple):
    """A state that held between two times (seconds). `tone` is its colour's name, `text` its label, `says` its tooltip."""

    since: float
    until: float
    tone: str
    text: str
    says: str = ""


class Mark(NamedTuple):
    """Something at one place in time; `since` is the earliest it can have been."""

    since: float
    at: float
    tone: str
    says: str


class Lane(NamedTuple):
    """One line of the picture. `blind` are the intervals in which its source was not seen (tone `outside`: before or after the watch)."""

    name: str
    bars: list[Bar]
    marks: list[Mark]
    blind: list[Bar]
    host: str = ""
