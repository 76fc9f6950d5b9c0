"""What came of the whole catalogue, as a table for people and as a document for programs."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from harness.catalogue.trial.outcome import HARMLESS, ResultWord
from harness.catalogue.trial.trial import Tried

COLUMNS: tuple[ResultWord, ...] = ("found", "missed", "wrong verdict", "wrong host", "wrong check", "wrong actor")
SAYS_MAX = 110


def header(width: int) -> str:
    """The heads of the columns."""
    return "  ".join(["class".ljust(width), *COLUMNS, "false alarms"])


def row(tried: Tried, width: int) -> str:
    """One class: how often what came of it, and below it what the judge said of the first case that it told wrongly."""
    if not tried.applies:
        return f"{tried.word.ljust(width)}  cannot be found here: needs {'; '.join(tried.needs)}"
    counts = Counter(outcome.result for outcome in tried.outcomes)
    harmless = counts["quiet"] + counts["false alarm"]
    cells = [str(counts[name] or "-").rjust(len(name)) for name in COLUMNS]
    lines = [
        "  ".join([tried.word.ljust(width), *cells, f"{counts['false alarm'] or '-'} of {harmless}".rjust(len("false alarms"))])
    ]
    firsts = {outcome.result: outcome for outcome in reversed(tried.outcomes) if not outcome.good}
    for result, outcome in firsts.items():
        form = f", {outcome.variant}" if outcome.variant else ""
        lines.append(f"    {result} ({outcome.moment}, {outcome.host}{form}): {outcome.says[:SAYS_MAX]}")
    lines += [f"    not planted in some forms: needs {need}" for need in tried.needs]
    return "\n".join(lines)


def summary(tried: Iterable[Tried]) -> str:
    """The score in a few lines."""
    listed = list(tried)
    outcomes = [outcome for one in listed for outcome in one.outcomes]
    harmless = [outcome for outcome in outcomes if outcome.result in HARMLESS]
    defects = [outcome for outcome in outcomes if outcome.result not in HARMLESS]
    applied = [one for one in listed if one.applies]
    whole = [one for one in applied if all_good([one])]
    found = sum(outcome.good for outcome in defects)
    alarms = sum(not outcome.good for outcome in harmless)
    return (
        f"{len(whole)} of {len(applied)} classes told rightly in every form; {found} of {len(defects)} defects found "
        f"({share(found, len(defects))}); {alarms} of {len(harmless)} harmless changes taken for defects; "
        f"{len(listed) - len(applied)} classes cannot be found in this run"
        + "".join(f"\n  without {need}: {', '.join(named)}" for need, named in blind_spots(listed).items())
    )


def blind_spots(tried: Iterable[Tried]) -> dict[str, list[str]]:
    """What this run's lab cannot find at all: by the witness or part that is missing, the classes that need it."""
    spots: dict[str, list[str]] = {}
    for one in tried:
        for need in () if one.applies else one.needs:
            spots.setdefault(need, []).append(one.word)
    return spots


def share(part: int, whole: int) -> str:
    """A percentage, rounded down, so that only all of them are 100 %."""
    return f"{100 * part // whole if whole else 0} %"


def document(tried: Iterable[Tried]) -> list[dict[str, Any]]:
    """One object a class, with every case."""
    return [
        {
            "class": one.word,
            "says": one.says,
            "rule": one.rule,
            "applies": one.applies,
            "needs": one.needs,
            "cases": [
                {
                    "twin": outcome.twin,
                    "moment": outcome.moment,
                    "host": outcome.host,
                    "variant": outcome.variant,
                    "seed": outcome.seed,
                    "result": outcome.result,
                    "says": outcome.says,
                }
                for outcome in one.outcomes
            ],
        }
        for one in tried
    ]


def all_good(tried: Iterable[Tried]) -> bool:
    """Was nothing missed or wrongly told, and did no twin fail?"""
    return all(outcome.good for one in tried for outcome in one.outcomes)
