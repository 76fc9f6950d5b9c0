"""A sweep as people read it: a line a point while it runs; in Markdown the table by phase and end state, and the one of all points."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from harness.sight.mover_lines import PHASES
from harness.sweep_outcome import Outcome
from harness.sweep_points import Counted

STATES_HEAD = "| phase | struck by | what is found | points | of kills they stand for | requests | hosts unharmed | runs |"
STATES_RULE = "|---|---|---|--:|--:|---|---|---|"
POINTS_HEAD = "| point | request | phase | struck | mover ended | end state | writes explain it | hosts | verdict |"
POINTS_RULE = "|---|---|---|---|---|---|---|---|---|"
STRUCK = {"kill": "SIGKILL", "cut": "cut"}
WRONG_SHOWN = 3
ORDER = ("start", *PHASES)

Row = tuple[str, str, str]


def line(outcome: Outcome) -> str:
    """One point on one line."""
    return f"{outcome.point.says}: {outcome.phase or '?'}: {outcome.end or 'not recovered'}: {outcome.verdict}"


def document(counted: Counted, outcomes: Sequence[Outcome], *, lab: str) -> str:
    """The sweep by phase and end state: what was found how often, what each end state asks for, and what did not pass."""
    parts = [
        "# Crash-point sweep",
        "\n".join(facts(counted, outcomes, lab)),
        "## What a mover leaves, by phase",
        "\n".join([STATES_HEAD, STATES_RULE, *states(outcomes)]),
        "## End states, and what each asks for",
        *recipes(outcomes),
    ]
    wrong = [outcome for outcome in sorted(outcomes, key=place) if outcome.wrong]
    strange = [outcome for outcome in sorted(outcomes, key=place) if outcome.unexplained]
    return (
        "\n\n".join(
            [
                *parts,
                *(["## What did not pass", *(failure(outcome, outcome.wrong) for outcome in wrong)] if wrong else []),
                *(["## What the writes do not explain", *(failure(it, it.unexplained) for it in strange)] if strange else []),
            ]
        )
        + "\n"
    )


def facts(counted: Counted, outcomes: Sequence[Outcome], lab: str) -> Iterator[str]:
    """What was swept and how far, in a list."""
    kills = [outcome for outcome in outcomes if outcome.point.by == "kill" and outcome.request]
    met = [outcome for outcome in outcomes if outcome.request]
    verdicts = Counter(outcome.verdict for outcome in outcomes)
    yield f"- Mover: {counted.mover}; lab: {lab}. A whole move makes {counted.requests} requests, {len(counted.writes)} of them writes."
    yield (
        f"- Struck: {len(met)} points, {len(kills)} by SIGKILL and {len(met) - len(kills)} by a cut of the network. The kills stand for "
        f"{covered(kills)} of {2 * counted.requests} places (before and after each request); a cut stands for itself."
    )
    yield (
        f"- What was found is what the mover's executed writes alone explain: {sum(not outcome.unexplained for outcome in met)} "
        f"of {len(met)} points."
    )
    yield f"- All hosts unharmed, and adopted in the end: {sum(is_unharmed(outcome) for outcome in met)} of {len(met)} points."
    yield f"- Verdicts of the runs: {', '.join(f'{count} {word}' for word, count in sorted(verdicts.items()))}."


def covered(kills: Iterable[Outcome]) -> int:
    """How many places these kills stand for: of those between the same two writes, the one that stands for most counts."""
    most: dict[int, int] = defaultdict(int)
    for outcome in kills:
        most[outcome.writes] = max(most[outcome.writes], outcome.stands_for)
    return sum(most.values())


def is_unharmed(outcome: Outcome) -> bool:
    """Did all that is promised of a host hold, for each of them?"""
    return set(outcome.hosts.values()) == {"pass"}


def place(outcome: Outcome) -> tuple[int, str]:
    """Where in a move a point is."""
    return outcome.request.number if outcome.request else outcome.point.at, outcome.point.name


def states(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """A row for each phase, means and end state that were met, in the order of a move."""
    rows: dict[Row, list[Outcome]] = defaultdict(list)
    for outcome in sorted(outcomes, key=place):
        if outcome.request:
            rows[outcome.phase, outcome.point.by, outcome.end or "not told"].append(outcome)
    for (phase, by, end), members in sorted(rows.items(), key=lambda row: (ORDER.index(row[0][0]), row[0][1] != "kill")):
        numbers = [outcome.request.number for outcome in members if outcome.request]
        stood = str(covered(members)) if by == "kill" else ""
        unharmed = f"{sum(map(is_unharmed, members))} of {len(members)}"
        verdicts = ", ".join(f"{count} {word}" for word, count in Counter(it.verdict for it in members).items())
        cells = (phase, STRUCK[by], end, str(len(members)), stood, f"{min(numbers)} to {max(numbers)}", unharmed, verdicts)
        yield f"| {' | '.join(cells)} |"


def recipes(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Each end state that was met, how often, and its recipe."""
    ordered = sorted(outcomes, key=place)
    for end in dict.fromkeys(outcome.end for outcome in ordered if outcome.end):
        of_it = [outcome for outcome in ordered if outcome.end == end]
        steps = [f"{number}. {step}" for number, step in enumerate(of_it[0].recipe, 1)] or ["Nothing: the move is complete."]
        risk = sum(bool(outcome.at_risk) for outcome in of_it)
        told = f"; a host stood in the source without its pause at {risk} of them" if risk else ""
        yield f"**{end}** ({len(of_it)} points{told})\n\n" + "\n".join(steps)


def points_document(outcomes: Iterable[Outcome]) -> str:
    """Every point, in the order of a move."""
    return (
        "\n".join(["# Crash-point sweep: every point", "", POINTS_HEAD, POINTS_RULE, *map(row, sorted(outcomes, key=place))])
        + "\n"
    )


def row(outcome: Outcome) -> str:
    """One point in the table."""
    point, request = outcome.point, outcome.request
    passed = sum(verdict == "pass" for verdict in outcome.hosts.values())
    cells = (
        point.name,
        f"{request.number} {request.method} {short(request.path)} ({request.cluster})" if request else "never came",
        outcome.phase,
        f"{STRUCK[point.by]} {point.when}",
        "?" if outcome.code is None else f"signal {-outcome.code}" if outcome.code < 0 else f"exit code {outcome.code}",
        (outcome.end or "not told") + (f"; un-paused there: {', '.join(outcome.at_risk)}" if outcome.at_risk else ""),
        "no" if outcome.unexplained else f"yes, {outcome.writes}",
        f"{passed} of {len(outcome.hosts)}" if outcome.hosts else "?",
        outcome.verdict,
    )
    return f"| {' | '.join(cells)} |"


def short(path: str) -> str:
    """The end of a path: kind and name, or kind alone."""
    parts = path.strip("/").split("/")
    within = parts[parts.index("namespaces") + 2 :] if "namespaces" in parts[:-2] else parts[-2:]
    return "/".join(within or parts)


def failure(outcome: Outcome, why: Sequence[str]) -> str:
    """What is wrong with a point."""
    shown = [f"- {text}" for text in why[:WRONG_SHOWN]]
    more = [f"- and {len(why) - WRONG_SHOWN} more"] if len(why) > WRONG_SHOWN else []
    return "\n".join([f"**{outcome.point.name}**", "", *shown, *more])
