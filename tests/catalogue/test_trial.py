"""The trial of the judge: what it misses, tells of the wrong host, check or actor, or takes for a defect, is told as that."""

import json
from types import SimpleNamespace

import pytest

from harness.catalogue.planting import changes, objects, requests
from harness.catalogue.planting.expected import NotApplicableError, fails, not_fails, passes, unknown
from harness.catalogue.planting.find import host_copy
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules
from harness.catalogue.trial.classes import class_of
from harness.catalogue.trial.table import all_good, row, summary
from harness.catalogue.trial.trial import try_class
from harness.cli.main import main
from tests.recorded import RECORDINGS

BY = requests.THIRD_PARTY


def tried(run, plant, twin=None, **stated):
    stated.setdefault("MOMENTS", ("late",))
    module = SimpleNamespace(__doc__="Planted by a test.", RULE=rules.EVERY_VERSION, plant=plant, **stated)
    if twin:
        module.twin = twin
    return try_class(run, class_of("planted", module))


def results(one):
    return [outcome.result for outcome in one.outcomes]


def resets(expected):
    def plant(draft):
        requests.reset(draft, BY, "ForceRestart")
        return expected(draft)

    return plant


def here(draft):
    return [draft.host.name]


@pytest.mark.parametrize(
    ("expected", "result"),
    [
        (lambda draft: fails("bmc_untouched", hosts=here(draft), actor=BY.words), "found"),
        (lambda draft: unknown("bmc_untouched", hosts=here(draft)), "wrong verdict"),
        (lambda _: fails("bmc_untouched", hosts=["host0"]), "wrong host"),
        (lambda _: fails("bmc_untouched"), "wrong host"),
        (lambda draft: fails("nodes_untouched", hosts=here(draft)), "wrong check"),
        (lambda draft: fails("bmc_untouched", hosts=here(draft), actor="the Ironic of the source"), "wrong actor"),
        (lambda _: fails("bmc_untouched", anywhere=True), "found"),
        (lambda _: passes(), "false alarm"),
        (lambda _: not_fails(), "false alarm"),
    ],
)
def test_what_the_judge_says_is_compared_with_what_it_should_say(good_run, expected, result):
    assert results(tried(good_run, resets(expected))) == [result]


def test_a_judge_that_blames_another_host_besides_the_right_one_is_wrong(good_run):
    def plant(draft):
        first = draft.host
        requests.reset(draft, BY, "ForceRestart")
        draft.host = next(host for host in good_run.hosts if host.name != first.name)
        requests.reset(draft, BY, "ForceRestart")
        return fails("bmc_untouched", hosts=[first.name])

    assert results(tried(good_run, plant)) == ["wrong host"]


def test_a_defect_that_changes_nothing_that_the_judge_reads_is_missed(good_run):
    one = tried(good_run, lambda draft: fails("bmc_untouched", hosts=here(draft)))

    assert results(one) == ["missed"]
    assert not all_good([one])
    assert "missed (late, host1): passes" in row(one, 10)


def test_a_twin_that_harms_is_a_false_alarm_and_one_that_does_not_is_quiet(good_run):
    def reads(draft):
        requests.ask(draft, BY, Request("GET {system}", status=200))

    found = resets(lambda draft: fails("bmc_untouched", hosts=here(draft)))
    harming = tried(good_run, found, twin=lambda draft: requests.reset(draft, BY, "ForceOff"))

    assert results(harming) == ["found", "false alarm"]
    assert results(tried(good_run, found, twin=reads)) == ["found", "quiet"]


def test_a_class_that_needs_what_the_run_lacks_is_told_aloud(good_run):
    def plant(draft):
        draft.run.need("bmc", host=draft.host.name)
        return passes()

    one = tried(good_run, plant)

    assert not one.applies
    assert row(one, 10) == "planted     cannot be found here: needs the sight bmc"
    assert "1 classes cannot be found in this run\n  without the sight bmc: planted" in summary([one])


def test_a_class_that_applies_in_some_forms_only_tells_which_it_could_not_plant(good_run):
    def plant(draft):
        if draft.variant == "other":
            raise NotApplicableError("an Ironic of another make")
        objects.rewrite(draft, host_copy(draft), changes.put("status", "provisioning", "state", value="inspecting"))
        return fails("hosts_keep_state", hosts=here(draft))

    one = tried(good_run, plant, VARIANTS=("one", "other"))

    assert results(one) == ["found"]
    assert "not planted in some forms: needs an Ironic of another make" in row(one, 10)


def test_each_variant_and_each_moment_is_planted_at_least_once(good_run):
    variants = tried(good_run, lambda _: passes(), VARIANTS=("a", "b", "c"))
    moments = tried(good_run, lambda _: passes(), MOMENTS=("creating", "settling", "late"))

    assert [outcome.variant for outcome in variants.outcomes] == ["a", "b", "c"]
    assert [outcome.moment for outcome in moments.outcomes] == ["creating", "settling", "late"]


# --- the command -----------------------------------------------------------------------------------------------------------


def test_the_command_prints_what_was_found_and_writes_it_down(good_directory, tmp_path, capsys):
    file = tmp_path / "found.json"

    code = main(["judge", str(good_directory), "--mutate", "--class", "power_cycled_after_adoption", "--json", str(file)])

    assert code == 0
    assert "1 of 1 classes told rightly in every form; 2 of 2 defects found (100 %)" in capsys.readouterr().out
    (written,) = json.loads(file.read_text())
    assert written["class"] == "power_cycled_after_adoption"
    assert {case["result"] for case in written["cases"]} == {"found", "quiet"}


def test_more_seeds_plant_more_often_on_other_hosts(good_directory, tmp_path):
    file = tmp_path / "found.json"

    main(["judge", str(good_directory), "--mutate", "--class", "reset_by_third_party", "--seeds", "3", "--json", str(file)])

    cases = [case for case in json.loads(file.read_text())[0]["cases"] if not case["twin"]]
    assert len(cases) == 15
    assert {case["seed"] for case in cases} == {0, 1, 2}
    assert {case["host"] for case in cases} == {"host0", "host1", "host2"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--mutate", "--class", "reset_by_third_part"], 'did you mean "reset_by_third_party"?'),
        (["--class", "reset_by_third_party"], "it goes with --mutate"),
        (["--every", "2"], "it goes with --ablate"),
        (["--mutate", "--ablate"], "give one of them"),
        (["--json", "found.json"], "it goes with --mutate or --ablate"),
        (["--mutate", "--seeds", "0"], "no whole number from 1 on"),
    ],
)
def test_wrong_use_is_refused(good_directory, capsys, arguments, says):
    assert main(["judge", str(good_directory), *arguments]) == 2
    assert says in capsys.readouterr().err


def test_defects_are_planted_only_in_a_run_that_passes(tmp_path, capsys):
    main(["import", str(RECORDINGS / "d-status-annotation-lost"), "--out", str(tmp_path / "bad")])

    assert main(["judge", str(tmp_path / "bad"), "--mutate"]) == 2
    assert "this run's verdict is fail; defects are planted only in a run that passes" in capsys.readouterr().err


def test_the_catalogue_is_listed_by_the_rules_that_find_its_classes(capsys):
    assert main(["words", "--catalogue"]) == 0

    out = capsys.readouterr().out
    assert rules.UNIQUENESS in out
    assert "  second_host_of_same_bmc\n" in out


@pytest.mark.slow
def test_every_class_can_be_tried_on_a_recorded_pivot(good_directory, capsys):
    assert main(["judge", str(good_directory), "--mutate"]) in (0, 1)

    assert "classes told rightly in every form" in capsys.readouterr().out
