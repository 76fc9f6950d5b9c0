"""Each class of the catalogue can be planted in a recorded pivot, or says what it needs; and what it states is well-formed."""

from itertools import pairwise
from pathlib import Path

import pytest

from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import NotApplicableError
from harness.catalogue.trial.classes import NoClassError, load, words
from harness.catalogue.trial.rules import RULES
from harness.catalogue.trial.trial import cases_of
from harness.journal.facts import ObjectSeen
from harness.journal.journal import decode, encode
from harness.scenario.words import Words

ROOT = Path(__file__).parents[2]
NEEDS = {
    "carried_kind_not_watched": "sights told kind by kind",
    "ironic_times_moved": "nodes with their times of provisioning and inspection",
    "network_lost_at_the_end": "the sight probe target",
    "openbmc_restarted": "the sight bmc",
    "operators_down_at_the_end": "the Deployment of baremetal-operator in the target",
    "origin_operator_started_again": "the Deployment of baremetal-operator in the source",
    "reading_changed": "the sight bmc",
}
"""What the recording lacks: no Deployments, no readings of BMCs, no probes, one sight for all kinds."""


def plantings(run, defect, plant, variants):
    """What each case returns, with its draft; the reasons why others could not be planted."""
    found, needs = [], []
    for case in cases_of(run, defect, variants(run), 1):
        draft = Draft(run, case.host, case.moment, variant=case.variant)
        try:
            found.append((draft, plant(draft)))
        except NotApplicableError as error:
            needs.append(str(error))
    return found, needs


def hosts_of(draft):
    """Every host in the draft; some classes bring one of their own."""
    return {
        entry.fact.name for entry in draft.done() if isinstance(entry.fact, ObjectSeen) and entry.fact.kind == "BareMetalHost"
    }


def said(entries):
    return [(entry.since, entry.at, entry.fact) for entry in entries]


@pytest.mark.parametrize("word", words())
def test_a_class_changes_the_run_and_states_what_must_be_said_or_names_what_it_needs(good_run, word):
    defect = load(word)
    checks, hosts = set(Words().names("check")), {host.name for host in good_run.hosts}

    found, needs = plantings(good_run, defect, defect.plant, defect.variants)

    if word in NEEDS:
        assert not found
        assert NEEDS[word] in needs
        return
    assert found, needs
    for draft, expected in found:
        assert said(draft.done()) != said(good_run.entries)
        assert expected.verdicts
        assert "pass" in expected.verdicts or (expected.checks and set(expected.checks) <= checks)
        assert set(expected.hosts) <= hosts | hosts_of(draft)


@pytest.mark.parametrize("word", words())
def test_a_class_belongs_to_a_rule_and_has_a_harmless_twin_where_it_is_a_defect(good_run, word):
    defect = load(word)

    assert defect.rule in RULES
    assert defect.says.endswith((".", "?"))
    harmless = all("pass" in expected.verdicts for _, expected in plantings(good_run, defect, defect.plant, defect.variants)[0])
    assert defect.twin is not None or harmless


def test_planting_twice_gives_the_same_and_leaves_the_run_as_it_was(good_run):
    before = said(good_run.entries)
    defect = load("reinspected")

    first, second = (plantings(good_run, defect, defect.plant, defect.variants)[0][0][0].done() for _ in range(2))

    assert said(first) == said(second)
    assert said(good_run.entries) == before


def test_a_planted_journal_is_in_order_and_can_be_written_down(good_run):
    defect = load("power_cycled_after_adoption")
    ((draft, _), *_), _ = plantings(good_run, defect, defect.plant, defect.variants)

    entries = draft.done()

    assert [entry.seq for entry in entries] == list(range(len(entries)))
    assert all(before.at <= after.at for before, after in pairwise(entries))
    assert all(decode(encode(entry)[:-1]).fact == entry.fact for entry in entries)


def test_a_word_without_a_file_is_no_class():
    with pytest.raises(NoClassError):
        load("planting")


def test_the_page_of_the_catalogue_names_each_class():
    page = (ROOT / "docs" / "catalogue.md").read_text()
    table = page[page.index("<!-- begin classes -->") :]
    assert [word for word in words() if f"| `{word}` |" not in table] == []
    assert table.count("\n| `") == len(words())
