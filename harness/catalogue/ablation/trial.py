"""Judging a run again with each ablation: which verdicts turned to pass, and which to fail."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from harness.catalogue.ablation import begun_late, cuts, ended_early, lost_for_good, never_had, window_listed, window_lost
from harness.catalogue.ablation.seen_run import Ablation, SeenRun
from harness.judgement import VerdictWord, merge
from harness.verdict.judge import judge_entries

Verdicts = dict[str, VerdictWord]
"""The verdict of the whole, of each host, and of each check about each host, by their names."""

SORTS: dict[str, Callable[[SeenRun], Iterator[Ablation]]] = {
    "never had": never_had.ablations,
    "begun late": begun_late.ablations,
    "lost for good": lost_for_good.ablations,
    "window": window_lost.ablations,
    "window, listed": window_listed.ablations,
    "ended early": ended_early.ablations,
}


class Turn(NamedTuple):
    """A verdict that turned although less was seen: whose, from what to what, and by which ablation."""

    sort: str
    what: str
    when: str
    whose: str
    before: VerdictWord
    after: VerdictWord
    says: str


class Ablated(NamedTuple):
    """What came of one sort of ablations."""

    sort: str
    judged: int
    unknown: int
    turns: list[Turn]


def ablate(run: SeenRun, every: int = 1) -> Iterator[Ablated]:
    """Judge the run with every ablation of each sort, or with each so-many-th."""
    before = verdicts(run.verdict)
    for sort, ablations in SORTS.items():
        known: dict[float, Verdicts] = {}
        count = unknown = 0
        turns: list[Turn] = []
        for ablation in islice(ablations(run), 0, None, every):
            verdict = judge_entries(ablation.left())
            count += 1
            unknown += verdict["verdict"] == "unknown"
            turns += turned(sort, ablation, verdict, before, of_all_ended(run, ablation, known))
        yield Ablated(sort, count, unknown, turns)


def of_all_ended(run: SeenRun, ablation: Ablation, known: dict[float, Verdicts]) -> Verdicts:
    """What the judge says where all sights ended at the time at which some did: a verdict that holds until then, and says so."""
    if ablation.ended_at is None:
        return {}
    if ablation.ended_at not in known:
        everything = tuple(key for key in run.told if not (key.cluster or key.kind or key.host)) or tuple(run.told)
        known[ablation.ended_at] = verdicts(judge_entries(cuts.ended(run, everything, ablation.ended_at)))
    return known[ablation.ended_at]


def turned(sort: str, ablation: Ablation, verdict: dict[str, Any], before: Verdicts, ended: Verdicts) -> Iterator[Turn]:
    """The verdicts that are another one than before, and not unknown. What was not judged before counts as unknown."""
    for whose, now in verdicts(verdict).items():
        was = before.get(whose, "unknown")
        if now not in ("unknown", was, ended.get(whose)):
            yield Turn(sort, ablation.what, ablation.when, whose, was, now, said(verdict, whose, now))


def verdicts(verdict: dict[str, Any]) -> Verdicts:
    """Every verdict of a judgement, by whose it is."""
    found: dict[str, list[VerdictWord]] = {}
    for check in verdict["checks"]:
        found.setdefault(f"{check['check']} of {check['host'] or 'the run'}", []).append(check["verdict"])
    hosts = {f"host {name}": host["verdict"] for name, host in verdict["hosts"].items()}
    return {"the whole": verdict["verdict"]} | hosts | {whose: merge(words) for whose, words in found.items()}


def said(verdict: dict[str, Any], whose: str, word: VerdictWord) -> str:
    """What the judge said where this verdict is a check's; else what the first check of that verdict said."""
    told = [check for check in verdict["checks"] if check["verdict"] == word]
    own = [check for check in told if whose == f"{check['check']} of {check['host'] or 'the run'}"]
    return next((str(check["says"]) for check in own or told), "")
