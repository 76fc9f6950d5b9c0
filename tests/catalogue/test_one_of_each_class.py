"""Of each class of the catalogue one defect, and one benign twin, planted in a recorded pivot: a sample of what `make catalogue` tries.

What is told of each is as it was before, word for word and with its evidence.
"""

from pathlib import Path

import pytest

from harness.catalogue.planting.expected import NotApplicableError
from harness.catalogue.trial.classes import load, words
from harness.catalogue.trial.outcome import GOOD, result_of
from harness.catalogue.trial.trial import cases_of, judge_case
from harness.verdict.judge import judge_entries
from tests.approved import assert_approved, news, told_of

TOLD = Path(__file__).parent / "told"


@pytest.fixture(scope="session")
def untouched(good_run):
    return judge_entries(good_run.entries)


@pytest.mark.parametrize("word", words())
def test_the_judge_tells_it_rightly_and_as_before(good_run, untouched, word):
    defect = load(word)
    told = [of_one(good_run, untouched, defect, twin=twin) for twin in ((False, True) if defect.twin else (False,))]

    assert_approved(TOLD / f"{word}.txt", "\n".join(filter(None, told)))


def of_one(good_run, untouched, defect, *, twin):
    """What is told of one case; nothing where this run cannot show it."""
    try:
        case = next(cases_of(good_run, defect, (defect.twin_variants if twin else defect.variants)(good_run), 1))
        verdict, expected = judge_case(good_run, defect, case, twin=twin)
    except NotApplicableError:
        return ""
    assert result_of(verdict, expected) in GOOD
    title = f"# {'twin' if twin else 'defect'}: {', '.join(filter(None, (case.moment, case.host.name, case.variant)))}"
    return "\n".join([title, *news(told_of(verdict), told_of(untouched)), ""])
