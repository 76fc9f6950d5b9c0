"""Each example promise is seen kept, broken and unsure: on the recording of a real pivot, and on a run of the embedded lab."""

import pytest

from harness.journal.journal import FILE_NAME, read
from harness.journal.run_directory import VERDICT_FILE
from harness.run.importer import import_recordings
from harness.scenario.grammar import load_scenario
from harness.verdict.judge import judge_entries
from tests.recorded import RECORDINGS
from tests.run_on_lab import ROOT, run
from tests.verdict.promises.planted import PLANTS, Recorded

SCENARIO = ROOT / "scenarios" / "pivot_own_promises.yaml"
OWN = [item for item in load_scenario(SCENARIO).expectations if item.own]
OF_A_STAGE = {item.check for item in OWN if item.block}
"""The recording has no steps, so no stages either."""

pytestmark = pytest.mark.xdist_group("examples of promises")


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    out = tmp_path_factory.mktemp("recording") / "run"
    import_recordings([RECORDINGS / "b-good-pivot"], out)
    return Recorded(list(read(out / FILE_NAME)))


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    """A run of the scenario on the embedded lab, its output, and the entries of its journal."""
    place = tmp_path_factory.mktemp("embedded")
    lab = place / "lab.yaml"
    lab.write_text("embedded: {hosts: 3, spares: 1}\n")
    return run("pivot_own_promises", lab, place / "run"), place / "run"


def said(entries, name, checks=None) -> list[tuple[str, str, list[int]]]:
    verdict = judge_entries(entries, checks=checks)
    return [(it["verdict"], it["says"], it["evidence"]) for it in verdict["checks"] if it["check"] == name]


def test_there_is_a_plant_for_every_example_and_an_example_of_every_form():
    assert set(PLANTS) == {item.check for item in OWN}
    assert {item.own.form for item in OWN} == {"never", "always", "stable", "eventually", "at_most", "exclusive"}


@pytest.mark.parametrize("name", [name for name in PLANTS if name not in OF_A_STAGE])
def test_on_a_recording_each_is_kept_broken_and_unsure(recording, name):
    checks = [item for item in OWN if item.check == name]
    assert {verdict for verdict, _, _ in said(recording.entries, name, checks)} == {"pass"}
    breaks, blinds = PLANTS[name]
    broken = [it for it in said(breaks(recording), name, checks) if it[0] == "fail"]
    assert broken
    assert all("entr" in says and evidence for _, says, evidence in broken)
    unsure = [it for it in said(blinds(recording), name, checks) if it[0] == "unknown"]
    assert unsure
    assert all("was lost from" in says and evidence for _, says, evidence in unsure)


def test_on_the_embedded_lab_all_are_kept_and_judged_again_they_are_the_same(embedded):
    done, out = embedded
    assert (done.code, set(done.hosts.values())) == (0, {"pass"}), done.output
    assert {it["verdict"] for it in done.verdict["checks"]} == {"pass"}
    assert judge_entries(read(out / FILE_NAME)) == done.verdict
    assert (out / VERDICT_FILE).exists()


@pytest.mark.parametrize("name", PLANTS)
def test_on_the_embedded_lab_each_is_broken_and_unsure(embedded, name):
    recorded = Recorded(list(read(embedded[1] / FILE_NAME)))
    breaks, blinds = PLANTS[name]
    broken = [it for it in said(breaks(recorded), name) if it[0] == "fail"]
    assert broken
    assert all("entr" in says and evidence for _, says, evidence in broken)
    unsure = [it for it in said(blinds(recorded), name) if it[0] == "unknown"]
    assert unsure
    assert all("was lost from" in says and evidence for _, says, evidence in unsure)


def test_the_headline_names_the_promise_that_was_broken_and_those_that_were_kept(embedded):
    recorded = Recorded(list(read(embedded[1] / FILE_NAME)))
    told = judge_entries(PLANTS["no server boots"][0](recorded))["headline"]
    assert told.startswith(f'{recorded.host}: "no server boots" is broken: `node.status.nodeInfo.bootID` became "another" at ')
    assert '"no server boots", ' in embedded[0].verdict["headline"]
