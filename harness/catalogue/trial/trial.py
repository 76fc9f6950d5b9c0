"""Planting every class in a good run and judging the drafts, one after the other, in memory."""

from collections.abc import Iterator

import msgspec

from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, passes
from harness.catalogue.planting.good_run import GoodRun, MoveMoment
from harness.catalogue.trial.classes import DefectClass
from harness.catalogue.trial.outcome import TrialOutcome, result_of, said
from harness.journal.entry import Entry
from harness.verdict.judge import Verdict, judge_entries
from harness.world.hosts import Host


class Case(msgspec.Struct, frozen=True):
    """One planting: when, in which form, with which seed (0: the middle of the moment, on a host that the place in the list draws)."""

    moment: MoveMoment
    variant: str
    seed: int
    host: Host


class Tried(msgspec.Struct, frozen=True):
    """All that came of one class; `needs` are the reasons why some (or all) of its cases could not be planted."""

    word: str
    rule: str
    says: str
    outcomes: list[TrialOutcome]
    needs: list[str]

    @property
    def applies(self) -> bool:
        """Could anything of it be planted?"""
        return any(not outcome.twin for outcome in self.outcomes)


def try_class(run: GoodRun, defect: DefectClass, seeds: int = 1) -> Tried:
    """Plant a class and its twin in every case, and judge each."""
    outcomes: list[TrialOutcome] = []
    needs: dict[str, None] = {}
    for twin, variants in ((False, defect.variants), *([(True, defect.twin_variants)] if defect.twin else [])):
        try:
            cases = list(cases_of(run, defect, variants(run), seeds))
        except NotApplicableError as error:
            needs[str(error)] = None
            continue
        for case in cases:
            try:
                outcomes.append(try_case(run, defect, case, twin=twin))
            except NotApplicableError as error:
                needs[str(error)] = None
    return Tried(defect.word, defect.rule, defect.says, outcomes, list(needs))


def cases_of(run: GoodRun, defect: DefectClass, variants: list[str], seeds: int) -> Iterator[Case]:
    """Each moment and each variant at least once, in turns; with more seeds other pairs, other hosts and other times."""
    count = max(len(defect.moments), len(variants))
    for seed in range(seeds):
        for number in range(count):
            moment = defect.moments[(number + seed) % len(defect.moments)]
            host = run.hosts[(number + seed + 1) % len(run.hosts)]
            yield Case(moment, variants[number % len(variants)], seed, host)


def try_case(run: GoodRun, defect: DefectClass, case: Case, *, twin: bool) -> TrialOutcome:
    """Plant one case and judge it. NotApplicableError where the run cannot show it."""
    verdict, expected = judge_case(run, defect, case, twin=twin)
    result = result_of(verdict, expected)
    return TrialOutcome(defect.word, twin, case.moment, case.host.name, case.variant, case.seed, result, said(verdict))


def judge_case(run: GoodRun, defect: DefectClass, case: Case, *, twin: bool) -> tuple[Verdict, Expected]:
    """Plant one case: what is said of it, and what is to be said. NotApplicableError where the run cannot show it."""
    entries, expected = planted(run, defect, case, twin=twin)
    return judge_entries(entries), expected


def planted(run: GoodRun, defect: DefectClass, case: Case, *, twin: bool) -> tuple[list[Entry], Expected]:
    """The journal with one case in it, and what is to be said of it. NotApplicableError where the run cannot show it."""
    draft = Draft(run, case.host, case.moment, variant=case.variant, seed=case.seed)
    if twin:
        assert defect.twin is not None  # noqa: S101 - only classes with a twin come here
        defect.twin(draft)
        expected = passes()
    else:
        expected = defect.plant(draft)
    return draft.done(), expected
