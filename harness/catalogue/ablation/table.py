"""What came of the ablations, as a table for people and as a document for programs."""

from collections.abc import Iterable
from typing import Any

from harness.catalogue.ablation.trial import SORTS, Ablated, Turn

COLUMNS = ("judged", "unknown", "to pass", "to fail")
SHOWN = 5
SAYS_MAX = 160
WIDTH = max(map(len, SORTS))


def header() -> str:
    """The heads of the columns."""
    return "  ".join(["seeing less".ljust(WIDTH), *(name.rjust(8) for name in COLUMNS)])


def row(ablated: Ablated) -> str:
    """One sort: how often, how often unknown, how many verdicts turned; and below it the first of those."""
    cells = (ablated.judged, ablated.unknown, to(ablated, "pass"), to(ablated, "fail"))
    lines = ["  ".join([ablated.sort.ljust(WIDTH), *(str(cell or "-").rjust(8) for cell in cells)])]
    firsts = {(turn.whose, turn.after): turn for turn in reversed(ablated.turns)}
    return "\n".join([*lines, *(told(turn) for turn in list(firsts.values())[:SHOWN])])


def to(ablated: Ablated, word: str) -> int:
    """How many verdicts turned to this one."""
    return sum(turn.after == word for turn in ablated.turns)


def told(turn: Turn) -> str:
    """One verdict that turned."""
    way = f"{turn.whose} from {turn.before} to {turn.after}"
    return f"    without {turn.what} ({turn.when}): {way}: {turn.says[:SAYS_MAX]}"


def summary(ablated: Iterable[Ablated]) -> str:
    """The score in a line."""
    listed = list(ablated)
    count, turns = sum(one.judged for one in listed), sum(len(one.turns) for one in listed)
    return f"judged {count} times with less than was seen: {turns or 'no'} verdict{'' if turns == 1 else 's'} turned to pass or to fail"


def document(ablated: Iterable[Ablated]) -> list[dict[str, Any]]:
    """One object a sort, with every verdict that turned."""
    return [
        {"sort": one.sort, "judged": one.judged, "unknown": one.unknown, "turned": [turn._asdict() for turn in one.turns]}
        for one in ablated
    ]
