"""A sweep as people read it: a line a point while it runs; in Markdown the table by phase and end state, and the one of all points."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from harness.journal.mover_lines import PHASES
from harness.sweep.outcome import PointOutcome
from harness.sweep.survey import Survey

KILLS_HEAD = "| phase | what a killed mover leaves | places | kills stand for | kills | requests | hosts unharmed | runs |"
KILLS_RULE = "|---|---|--:|--:|--:|---|---|---|"
CUTS_HEAD = "| phase | what a mover leaves that was cut off | mover ended | cuts | requests | hosts unharmed | runs |"
CUTS_RULE = "|---|---|---|--:|---|---|---|"
POINTS_HEAD = "| point | request | phase | struck | mover ended | end state | writes explain it | hosts | verdict |"
POINTS_RULE = "|---|---|---|---|---|---|---|---|---|"
TABLE_FILE, POINTS_FILE, RESULT_FILE = "sweep.md", "points.md", "found.json"
STRUCK = {"kill": "SIGKILL", "cut": "cut"}
WRONG_SHOWN = 3
ORDER = ("start", *PHASES)

TableRow = tuple[str, str]


def line(outcome: PointOutcome) -> str:
    """One point on one line."""
    return f"{outcome.point.says}: {outcome.phase or '?'}: {outcome.end or 'not recovered'}: {outcome.verdict}"


class Result(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that a sweep found: its tables can be made of it again."""

    mover: str
    lab: str
    survey: Survey
    outcomes: list[PointOutcome]


def write(directory: Path, result: Result) -> None:
    """Write all of it: both tables, and what they are made of."""
    (directory / TABLE_FILE).write_text(document(result), encoding="utf-8")
    (directory / POINTS_FILE).write_text(points_document(result.outcomes), encoding="utf-8")
    (directory / RESULT_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")


def document(result: Result) -> str:
    """The sweep by phase and end state: what was found how often, what each end state asks for, and what did not pass."""
    survey, outcomes = result.survey, result.outcomes
    met = [outcome for outcome in sorted(outcomes, key=point_key) if outcome.request]
    wrong = [outcome for outcome in sorted(outcomes, key=point_key) if outcome.wrong]
    strange = [outcome for outcome in met if outcome.unexplained]
    parts = [
        "# Crash-point sweep",
        "\n".join([f"- Mover: {result.mover}; lab: {result.lab}.", *facts(survey, outcomes)]),
        "## What a killed mover leaves",
        "\n".join([KILLS_HEAD, KILLS_RULE, *kills(survey, [outcome for outcome in met if outcome.point.by == "kill"])]),
        "## What a mover leaves that was cut off",
        "\n".join([CUTS_HEAD, CUTS_RULE, *cuts([outcome for outcome in met if outcome.point.by == "cut"])]),
        "## End states, and what each asks for",
        *recipes(met),
        *(
            ["## What did not pass", *(problems_of_point(outcome.point.name, outcome.wrong) for outcome in wrong)]
            if wrong
            else []
        ),
        *(["## What the writes do not explain"] if strange or survey.unexplained else []),
        *(problems_of_point(f"the whole move, before request {number}", why) for number, why in survey.unexplained.items()),
        *(problems_of_point(outcome.point.name, outcome.unexplained) for outcome in strange),
    ]
    return "\n\n".join(parts) + "\n"


def facts(survey: Survey, outcomes: Sequence[PointOutcome]) -> Iterator[str]:
    """What was swept and how far, in a list."""
    met = [outcome for outcome in outcomes if outcome.request]
    killed = [outcome for outcome in met if outcome.point.by == "kill"]
    alike = sum(outcome.end == survey.end(outcome.writes) for outcome in killed)
    verdicts = Counter(outcome.verdict for outcome in outcomes)
    explained = f"{survey.looks - len(survey.unexplained)} of {survey.looks} looks"
    yield (
        f"- A whole move makes {survey.requests} requests, {len(survey.writes)} of them writes: {2 * survey.requests} places to be "
        f"killed at, before and after each, and {len(survey.writes) + 1} states between writes, {survey.looks} of them looked at."
    )
    yield f"- Struck and recovered: {len(met)} points, {len(killed)} by SIGKILL and {len(met) - len(killed)} by a cut of the network."
    yield (
        f"- The kills stand for {sum(covered(survey, killed).values())} of the places, those with as many writes executed; {alike} of "
        f"{len(killed)} left what was found there in the whole move."
    )
    yield (
        f"- What was found is what the mover's executed writes alone explain: {explained}, "
        f"{sum(not outcome.unexplained for outcome in met)} of {len(met)} points."
    )
    yield f"- All hosts unharmed, and adopted in the end: {sum(map(is_unharmed, met))} of {len(met)} points."
    yield f"- Verdicts of the runs: {', '.join(f'{count} {word}' for word, count in sorted(verdicts.items())) or 'none'}."


def covered(survey: Survey, killed: Iterable[PointOutcome]) -> Counter[TableRow]:
    """Number of crash points, by phase and end state, whose state was tested by a kill and explained by the writes."""
    states = {outcome.writes for outcome in killed if not outcome.unexplained}
    return counts_by_row(survey, states)


def counts_by_row(survey: Survey, states: Collection[int] | None = None) -> Counter[TableRow]:
    """How many places there are of each phase and end state: all, or those with so many executed writes."""
    found: Counter[TableRow] = Counter()
    for part in survey.places:
        if states is None or part.writes in states:
            found[part.phase, survey.end(part.writes)] += part.count
    return found


def is_unharmed(outcome: PointOutcome) -> bool:
    """Did all that is promised of a host hold, for each of them?"""
    return set(outcome.hosts.values()) == {"pass"}


def point_key(outcome: PointOutcome) -> tuple[int, str]:
    """Where in a move a point is."""
    return outcome.request.number if outcome.request else outcome.point.at, outcome.point.name


def kills(survey: Survey, killed: Sequence[PointOutcome]) -> Iterator[str]:
    """A row for each phase and end state that were found in the whole move or after a kill, in the order of a move."""
    all_places, stood_for = counts_by_row(survey), covered(survey, killed)
    rows: dict[TableRow, list[PointOutcome]] = {row: [] for row in all_places}
    for outcome in killed:
        rows.setdefault((outcome.phase, outcome.end or "not told"), []).append(outcome)
    for (phase, end), members in sorted(rows.items(), key=lambda row: ORDER.index(row[0][0])):
        counts = (all_places[phase, end], stood_for[phase, end], len(members))
        yield _row(phase, end, *map(str, counts), *_results(members))


def cuts(cut: Sequence[PointOutcome]) -> Iterator[str]:
    """A row for each phase, end state and end of the mover."""
    rows: dict[tuple[str, str, str], list[PointOutcome]] = defaultdict(list)
    for outcome in cut:
        rows[outcome.phase, outcome.end or "not told", ended(outcome)].append(outcome)
    for (phase, end, how), members in sorted(rows.items(), key=lambda row: ORDER.index(row[0][0])):
        yield _row(phase, end, how, str(len(members)), *_results(members))


def _results(members: Sequence[PointOutcome]) -> tuple[str, str, str]:
    """Requests, hosts and verdicts of the points of a row."""
    if not members:
        return "", "", ""
    numbers = [outcome.request.number for outcome in members if outcome.request]
    verdicts = ", ".join(f"{count} {word}" for word, count in Counter(it.verdict for it in members).items())
    return f"{min(numbers)} to {max(numbers)}", f"{sum(map(is_unharmed, members))} of {len(members)}", verdicts


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def ended(outcome: PointOutcome) -> str:
    """How its mover ended."""
    code = outcome.code
    return "not seen" if code is None else f"signal {-code}" if code < 0 else f"exit code {code}"


def recipes(outcomes: Sequence[PointOutcome]) -> Iterator[str]:
    """Each end state that was met, how often, and its recipe."""
    ordered = sorted(outcomes, key=point_key)
    for end in dict.fromkeys(outcome.end for outcome in ordered if outcome.end):
        of_it = [outcome for outcome in ordered if outcome.end == end]
        steps = [f"{number}. {step}" for number, step in enumerate(of_it[0].recipe, 1)] or ["Nothing: the move is complete."]
        risk = sum(bool(outcome.at_risk) for outcome in of_it)
        exposed = f"; at {risk} of them a host stood in the source without its pause" if risk else ""
        yield f"**{end}** ({len(of_it)} points{exposed})\n\n" + "\n".join(steps)


def points_document(outcomes: Iterable[PointOutcome]) -> str:
    """Every point, in the order of a move."""
    return (
        "\n".join(["# Crash-point sweep: every point", "", POINTS_HEAD, POINTS_RULE, *map(row, sorted(outcomes, key=point_key))])
        + "\n"
    )


def row(outcome: PointOutcome) -> str:
    """One point in the table."""
    point, request = outcome.point, outcome.request
    passed = sum(verdict == "pass" for verdict in outcome.hosts.values())
    cells = (
        point.name,
        f"{request.number} {request.method} {short(request.path)} ({request.cluster})" if request else "never came",
        outcome.phase,
        f"{STRUCK[point.by]} {point.when}",
        ended(outcome),
        (outcome.end or "not told") + (f"; un-paused there: {', '.join(outcome.at_risk)}" if outcome.at_risk else ""),
        "no" if outcome.unexplained else f"yes, {outcome.writes}",
        f"{passed} of {len(outcome.hosts)}" if outcome.hosts else "?",
        outcome.verdict,
    )
    return _row(*cells)


def short(path: str) -> str:
    """The end of a path: kind and name, or kind alone."""
    parts = path.strip("/").split("/")
    within = parts[parts.index("namespaces") + 2 :] if "namespaces" in parts[:-2] else parts[-2:]
    return "/".join(within or parts)


def problems_of_point(name: str, why: Sequence[str]) -> str:
    """What is wrong with a point, in short."""
    shown = [f"- {text}" for text in why[:WRONG_SHOWN]]
    more = [f"- and {len(why) - WRONG_SHOWN} more"] if len(why) > WRONG_SHOWN else []
    return "\n".join([f"**{name}**", "", *shown, *more])
