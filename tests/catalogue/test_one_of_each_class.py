"""Of each class of the catalogue one defect, and one benign twin, planted in a recorded pivot: a sample of what `make catalogue` tries."""

from itertools import islice

import pytest

from harness.catalogue.planting.expected import NotApplicableError
from harness.catalogue.trial.classes import load, words
from harness.catalogue.trial.trial import cases_of, try_case


@pytest.mark.parametrize("twin", [False, True], ids=["defect", "twin"])
@pytest.mark.parametrize("word", words())
def test_the_judge_tells_it_rightly(good_run, word, twin):
    defect = load(word)
    variants = defect.twin_variants if twin else defect.variants
    if twin and defect.twin is None:
        return
    try:
        outcomes = [
            try_case(good_run, defect, case, twin=twin) for case in islice(cases_of(good_run, defect, variants(good_run), 1), 1)
        ]
    except NotApplicableError:
        return

    assert [outcome for outcome in outcomes if not outcome.good] == []
