"""The detection table in Markdown, and what must not be in it."""
# ruff: noqa: INP001 - part of a script

from collections.abc import Iterable, Sequence

from benchmarks.detection.story import DISTURBANCES, KINDS, POLLERS_SECONDS, SUBJECTS
from benchmarks.detection.truth import must_be_found, must_be_proven
from benchmarks.detection.window import WindowResult

READINGS_MAX = 12
"""Of a window of five minutes: a BMC's troubles must not flood the journal."""


def faults(results: Iterable[WindowResult]) -> list[str]:
    """What must not be, a line each."""
    wrong: list[str] = []
    for each in results:
        window = each.window
        troubles = ", ".join(trouble.kind for trouble in window.disturbances)
        story = f"window {window.number}, {window.subject.name}: {window.reset} under {troubles or 'nothing'}: {each.says}"
        wrong += [f"{name} {story}" for name in (_fault(each), "FLOOD" if each.readings > READINGS_MAX else "") if name]
    return wrong


def _fault(result: WindowResult) -> str:
    """What is wrong with one verdict, empty where it is right."""
    verdict = result.verdict
    if result.window.reset is None:
        if verdict == "fail":
            return "FALSE ALARM"
        return "NOT PROVEN" if verdict != "pass" and must_be_proven(result.window) else ""
    if verdict == "pass":
        return "PASSED OVER"
    if verdict == "fail":
        return "" if result.timely else "OTHER TIME"
    return "NOT FOUND" if must_be_found(result.window) else ""


def table_of_resets(results: Sequence[WindowResult]) -> list[str]:
    """A row for each kind of BMC and reset, and the sum."""
    mine = [each for each in results if each.window.reset]
    polled = [f"missed at {seconds:g} s" for seconds in POLLERS_SECONDS]
    head = ["BMC", "over", "reset", "resets", "found", "owed", "unknown", "passed over", *polled]
    rows = [
        _row_of_resets(f"{subject.name} | {subject.protocol} | {kind}", own)
        for subject in SUBJECTS
        for kind in KINDS
        if (own := [each for each in mine if each.window.subject == subject and each.window.reset.kind == kind])  # type: ignore[union-attr]
    ]
    return [*_head(head, texts=3), *rows, _row_of_resets("**all** | | ", mine)]


def _row_of_resets(name: str, results: Sequence[WindowResult]) -> str:
    found, unknown, passed = (_count(results, verdict) for verdict in ("fail", "unknown", "pass"))
    owed = [each for each in results if must_be_found(each.window)]
    missed = [sum(not each.polled[place] for each in results) for place in range(len(POLLERS_SECONDS))]
    shares = " | ".join(f"{100 * count / len(results):.0f} %" if results else "" for count in missed)
    owed_text = f"{_count(owed, 'fail')} of {len(owed)}" if owed else "-"
    return f"| {name} | {len(results)} | {found} | {owed_text} | {unknown} | {passed} | {shares} |"


def table_of_quiet(results: Sequence[WindowResult]) -> list[str]:
    """A row for each trouble; a window with two troubles is in both."""
    mine = [each for each in results if not each.window.reset]
    rows = [
        _row_of_quiet(kind, [each for each in mine if any(kind == trouble.kind for trouble in each.window.disturbances)])
        for kind in DISTURBANCES
    ]
    head = ["quiet windows with", "windows", "false alarms", "proven quiet", "owed", "unknown"]
    return [*_head(head, texts=1), *rows, _row_of_quiet("**all**", mine)]


def _row_of_quiet(name: str, results: Sequence[WindowResult]) -> str:
    alarms, unknown, quiet = (_count(results, verdict) for verdict in ("fail", "unknown", "pass"))
    owed = [each for each in results if must_be_proven(each.window)]
    return f"| {name} | {len(results)} | {alarms} | {quiet} | {_count(owed, 'pass')} of {len(owed)} | {unknown} |"


def summary(results: Sequence[WindowResult]) -> list[str]:
    """The whole in two rows of figures."""
    resets = [each for each in results if each.window.reset]
    quiet = [each for each in results if not each.window.reset]
    owed = [each for each in resets if must_be_found(each.window)]
    missed = [sum(not each.polled[place] for each in resets) for place in range(len(POLLERS_SECONDS))]
    head = ["", "this harness", *(f"poller, {seconds:g} s" for seconds in POLLERS_SECONDS)]
    shares = " | ".join(f"{len(resets) - count} ({100 * (1 - count / max(len(resets), 1)):.0f} %)" for count in missed)
    said = f"{_count(owed, 'fail')} of {len(owed)} that a BMC latches or has on record; {_count(resets, 'fail')} in all"
    rest = f"{_count(resets, 'unknown')} unknown, {_count(resets, 'pass')} passed over"
    return [
        *_head(head, texts=1),
        f"| {len(resets)} resets, found | {said}; {rest} | {shares} |",
        f"| {len(quiet)} quiet windows, false alarms | {_count(quiet, 'fail')} |{' - |' * len(POLLERS_SECONDS)}",
    ]


def _count(results: Iterable[WindowResult], verdict: str) -> int:
    return sum(each.verdict == verdict for each in results)


def _head(names: Sequence[str], *, texts: int) -> list[str]:
    marks = ["---"] * texts + ["---:"] * (len(names) - texts)
    return [f"| {' | '.join(names)} |", f"| {' | '.join(marks)} |"]
