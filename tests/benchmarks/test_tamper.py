"""A sample of `make tamper`: every single change of journal, verdict or certificate is found."""

from benchmarks.tamper import FILES, WAYS, trial

SAMPLE = 420


def test_each_single_change_of_a_sample_is_found(tmp_path):
    outcomes = trial(tmp_path, SAMPLE, seed=2026)
    assert len(outcomes) == len(FILES) * len(WAYS)
    assert {case: outcome for case, outcome in outcomes.items() if outcome.found < outcome.tried} == {}
