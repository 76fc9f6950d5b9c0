"""What is planted, and then not seen: a check that had told of it does not pass once the sight is lost that shows it."""

from itertools import islice

import pytest

from harness.catalogue.ablation import cuts
from harness.catalogue.ablation.seen_run import SeenRun
from harness.catalogue.planting.expected import NotApplicableError
from harness.catalogue.trial.classes import load, words
from harness.catalogue.trial.trial import cases_of, planted
from harness.journal.entry import FOREVER
from harness.judgement import merge
from harness.verdict.judge import judge_entries
from harness.world.horizon import shows

ONE_WITNESS_MORE = {
    ("api_server_not_reached", "probe"): "that a server is not reached is told by its watches as well",
    ("deleted_by_the_audit_log_alone", "audit"): "the object itself was seen to live on",
}
"""Where what is lost is one witness more of what others show."""
BEFORE_SECONDS = 0.001


def verdicts(verdict):
    """Each check's verdict, by its word and host."""
    found = {}
    for it in verdict["checks"]:
        found.setdefault((it["check"], it["host"]), []).append(it["verdict"])
    return {whose: merge(words_) for whose, words_ in found.items()}


@pytest.mark.parametrize("word", words())
def test_no_check_passes_what_it_would_have_told_of(good_run, word):
    try:
        defect = load(word)
        case = next(cases_of(good_run, defect, defect.variants(good_run), 1))
        entries, _ = planted(good_run, defect, case, twin=False)
    except NotApplicableError:
        return
    known = {id(entry.fact) for entry in good_run.entries}
    new = [entry for entry in entries if id(entry.fact) not in known]
    sights = dict.fromkeys(key for entry in new if (key := shows(entry.fact)) and (word, key.sight) not in ONE_WITNESS_MORE)
    if not sights:
        return
    run = SeenRun(entries)
    before = verdicts(run.verdict)
    for key in islice(sights, 2):
        lost = cuts.lost(run, (key,), min(entry.since for entry in new) - BEFORE_SECONDS, FOREVER)
        after = verdicts(judge_entries(lost))
        assert [whose for whose, said in before.items() if said != "pass" and after.get(whose) == "pass"] == [], key
