"""A sweep as people read it: a line a point while it runs, and the table of all in Markdown."""

from collections import Counter
from collections.abc import Iterable

from harness.sweep import Counted, Outcome

HEAD = "| k | request | phase | struck | mover ended | end state | hosts | verdict |"
RULE = "|--:|---|---|---|---|---|---|---|"
STRUCK = {"kill": "SIGKILL", "cut": "cut"}
WRONG_SHOWN = 3


def line(outcome: Outcome, done: int, total: int) -> str:
    """One point on one line."""
    point = outcome.point
    struck = f"request {point.at} {point.when} {point.by}"
    return f"[{done}/{total}] {struck}: {outcome.phase or '?'}: {outcome.end or 'not recovered'}: {outcome.verdict}"


def document(counted: Counted, outcomes: list[Outcome], *, every: int, lab: str) -> str:
    """The whole sweep: what was swept, what each end state asks for, and every point."""
    verdicts = Counter(outcome.verdict for outcome in outcomes)
    saved = sum(set(outcome.hosts.values()) == {"pass"} for outcome in outcomes)
    parts = [
        "# Crash-point sweep",
        f"Mover: {counted.mover}; lab: {lab}; a whole move makes {counted.requests} requests; every {every}. of them was struck, "
        f"{len(outcomes)} points. All hosts unharmed and adopted: {saved}. Verdicts of the runs: "
        + ", ".join(f"{count} {word}" for word, count in sorted(verdicts.items()))
        + ".",
        "## End states, and what each asks for",
        *recipes(outcomes),
        "## Points",
        "\n".join([HEAD, RULE, *map(row, outcomes)]),
    ]
    wrong = [outcome for outcome in outcomes if outcome.wrong]
    return "\n\n".join([*parts, *(["## What did not pass", *map(failure, wrong)] if wrong else [])]) + "\n"


def recipes(outcomes: list[Outcome]) -> Iterable[str]:
    """Each end state that was met, how often, and its recipe."""
    for end in dict.fromkeys(outcome.end for outcome in outcomes if outcome.end):
        of_it = [outcome for outcome in outcomes if outcome.end == end]
        steps = [f"{number}. {step}" for number, step in enumerate(of_it[0].recipe, 1)] or ["Nothing: the move is complete."]
        first, last = min(outcome.point.at for outcome in of_it), max(outcome.point.at for outcome in of_it)
        yield f"**{end}** ({len(of_it)} points, requests {first} to {last})\n\n" + "\n".join(steps)


def row(outcome: Outcome) -> str:
    """One point in the table."""
    point, request = outcome.point, outcome.request
    passed = sum(verdict == "pass" for verdict in outcome.hosts.values())
    cells = (
        str(point.at),
        f"{request.method} {short(request.path)} ({request.cluster})" if request else "never came",
        outcome.phase,
        f"{STRUCK[point.by]} {point.when}",
        "?" if outcome.code is None else f"signal {-outcome.code}" if outcome.code < 0 else f"exit code {outcome.code}",
        (outcome.end or "not told") + (f"; un-paused there: {', '.join(outcome.at_risk)}" if outcome.at_risk else ""),
        f"{passed} of {len(outcome.hosts)}" if outcome.hosts else "?",
        outcome.verdict,
    )
    return f"| {' | '.join(cells)} |"


def short(path: str) -> str:
    """The end of a path: kind and name, or kind alone."""
    parts = path.strip("/").split("/")
    within = parts[parts.index("namespaces") + 2 :] if "namespaces" in parts[:-2] else parts[-2:]
    return "/".join(within or parts)


def failure(outcome: Outcome) -> str:
    """Why a point did not pass."""
    shown = [f"- {text}" for text in outcome.wrong[:WRONG_SHOWN]]
    more = [f"- and {len(outcome.wrong) - WRONG_SHOWN} more"] if len(outcome.wrong) > WRONG_SHOWN else []
    return "\n".join([f"**{outcome.point.name}**", "", *shown, *more])
