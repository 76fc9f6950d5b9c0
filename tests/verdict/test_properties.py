"""Properties of the judge: seeing less turns no verdict to pass or to fail, and the order in which sights told of one moment is nothing.

Histories are recorded pivots, with a defect of the catalogue planted in most. `make properties` tries many more of them.
"""

import os
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harness.catalogue.ablation.seen_run import SeenRun
from harness.catalogue.ablation.trial import SORTS, verdicts
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import NotApplicableError
from harness.catalogue.planting.good_run import GoodRun
from harness.catalogue.trial.classes import load, words
from harness.catalogue.trial.trial import cases_of
from harness.journal.entry import Entry
from harness.journal.journal import FILE_NAME, read
from harness.run.importer import import_recordings
from harness.verdict.judge import judge_entries
from harness.world.horizon import shows
from tests.recorded import RECORDINGS

GOOD = ("b-good-pivot", "c-good-repivot", "h-deprovision-after-repivot")
BAD = ("d-status-annotation-lost", "e-source-ironic-left", "k-target-ironic-dead")
LASTING = [sort for sort in SORTS if sort != "ended early"]
"""A verdict on a shorter time may be better than that on the whole of it."""
AS_RECORDED = 0.2
"""The share of histories in which nothing was planted."""
EXCHANGES = 200
SEEDS = st.integers(0, 2**32 - 1)
EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "20"))
tried_often = settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
"""A seed is no smaller for being a smaller number, so no smaller example is looked for."""


class Named(dict):
    """Shown by its names: a failing example is shown with what its test was given."""

    def __repr__(self) -> str:
        return ", ".join(self)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The entries of each recording, by its name."""
    place = tmp_path_factory.mktemp("properties")
    for name in (*GOOD, *BAD):
        import_recordings([RECORDINGS / name], place / name)
    return Named({name: list(read(place / name / FILE_NAME)) for name in (*GOOD, *BAD)})


@pytest.fixture(scope="module")
def good(runs):
    """The good ones, in which defects can be planted."""
    return Named({name: GoodRun(runs[name]) for name in GOOD})


def history(random: Random, runs, good) -> tuple[str, list[Entry]]:
    """A recording as it is, or with a defect in it; and what it is."""
    if random.random() < AS_RECORDED:
        name = random.choice((*GOOD, *BAD))
        return name, runs[name]
    name, defect = random.choice(GOOD), load(random.choice(words()))
    try:
        case = random.choice(list(cases_of(good[name], defect, defect.variants(good[name]), 1)))
        draft = Draft(good[name], case.host, case.moment, variant=case.variant)
        defect.plant(draft)
    except NotApplicableError:
        return name, runs[name]
    return f"{name} with {defect.word} {case.variant}, {case.moment}, {case.host.name}", draft.done()


@pytest.mark.timeout(3600)
@tried_often
@given(seed=SEEDS)
def test_seeing_less_turns_no_verdict_to_pass_or_to_fail(runs, good, seed):
    random = Random(seed)
    what, entries = history(random, runs, good)
    run = SeenRun(entries)
    before = verdicts(run.verdict)
    taken = []
    for _ in range(random.randint(1, 3)):
        ablations = list(SORTS[random.choice(LASTING)](run))
        if ablations:
            ablation = random.choice(ablations)
            taken.append(f"{ablation.what} {ablation.when}")
            run = SeenRun(ablation.left())
    after = verdicts(run.verdict)

    turned = {whose: (before.get(whose), now) for whose, now in after.items() if now not in ("unknown", before.get(whose))}
    assert not turned, (seed, what, taken)


def source(entry: Entry) -> tuple[str, str, str] | None:
    """Whose order is the order of this entry among others: one cluster's, one BMC's, one Ironic's; None for the run's own."""
    key = shows(entry.fact)
    return (key.sight, key.cluster, key.host) if key else None


def told_the_other_way_round(entries: list[Entry], at: int) -> bool:
    """Exchange two neighbours of different sights, where the later one may have been seen first; was it done?"""
    one, other = entries[at], entries[at + 1]
    if None in (source(one), source(other)) or source(one) == source(other) or other.since > one.at:
        return False
    entries[at] = Entry(one.seq, other.since, one.at, other.fact)
    entries[at + 1] = Entry(other.seq, one.since, other.at, one.fact)
    return True


@pytest.mark.timeout(3600)
@tried_often
@given(seed=SEEDS)
def test_the_order_in_which_sights_told_of_one_moment_changes_no_verdict(runs, good, seed):
    random = Random(seed)
    what, entries = history(random, runs, good)
    before = verdicts(judge_entries(entries))
    changed = list(entries)
    places = [random.randrange(len(entries) - 1) for _ in range(EXCHANGES)]
    exchanged = [at for at in places if told_the_other_way_round(changed, at)]

    assert exchanged
    assert verdicts(judge_entries(changed)) == before, (seed, what, exchanged)
