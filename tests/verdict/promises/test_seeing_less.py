"""Seeing less leaves a promise as it is, or unsure: whether it was kept, broken or unsure."""

import msgspec
import pytest

from harness.catalogue.ablation import trial
from harness.catalogue.ablation.seen_run import SeenRun
from harness.journal.facts import Expectation, OwnPromise
from harness.journal.journal import FILE_NAME, read
from harness.run.importer import import_recordings
from harness.scenario.grammar import load_scenario
from harness.verdict.judge import judge_entries
from tests.recorded import RECORDINGS
from tests.run_on_lab import ROOT

KEPT = [
    item for item in load_scenario(ROOT / "scenarios" / "pivot_own_promises.yaml").expectations if item.own and not item.block
]
BROKEN = {
    "its ID stays": OwnPromise(form="stable", conditions=["host.status.provisioning.ID"]),
    "its node is active": OwnPromise(form="always", conditions=['ironic.provision_state == "active"']),
    "nothing is posted": OwnPromise(form="never", conditions=['fact.method == "POST"']),
    "its node is of its ID": OwnPromise(form="always", conditions=["ironic.uuid == before.status.provisioning.ID"]),
    "posted while it is on": OwnPromise(form="never", conditions=['fact.method == "POST" && host.status.poweredOn']),
    "no Machine goes": OwnPromise(form="at_most", conditions=["has(object.metadata.deletionTimestamp)"], over="kind", kind="Machine"),
    "one Cluster": OwnPromise(
        form="exclusive", conditions=['fact.cluster == "source"', 'fact.cluster == "target"'], over="kind", kind="Cluster"
    ),
    "a new ID at once": OwnPromise(
        form="eventually", conditions=["host.status.provisioning.ID != before.status.provisioning.ID"], within=5.0
    ),
    "no mover": OwnPromise(form="at_most", conditions=['fact.fact == "MoverStarted"'], over="run"),
}  # fmt: skip
UNSURE = {
    "a day later": OwnPromise(form="eventually", conditions=["host.spec.online == false"], within=86400.0),
    "no error": OwnPromise(form="never", conditions=['host.status.errorMessages == "a"']),
}
OTHER = {"its node is as it is": OwnPromise(form="always", conditions=["ironic.uuid == host.status.provisioning.ID"])}
"""Broken or unsure, as the hosts go."""
EXPECTED = [*KEPT, *(Expectation(check=name, own=own) for name, own in (BROKEN | UNSURE | OTHER).items())]


def recorded(name, place):
    """The recording as a run that promised all of them."""
    import_recordings([RECORDINGS / name], place / name)
    first, *rest = read(place / name / FILE_NAME)
    return [msgspec.structs.replace(first, fact=msgspec.structs.replace(first.fact, expectations=EXPECTED)), *rest]


def turns(entries, every):
    return [turn for one in trial.ablate(SeenRun(entries), every) for turn in one.turns]


def test_each_is_what_it_is_called(tmp_path):
    said = {name: set() for name in (item.check for item in EXPECTED)}
    for item in judge_entries(recorded("b-good-pivot", tmp_path))["checks"]:
        said.setdefault(item["check"], set()).add(item["verdict"])
    assert {said[item.check] == {"pass"} for item in KEPT} == {True}
    assert [name for name in BROKEN if said[name] != {"fail"}] == []
    assert [name for name in UNSURE if said[name] != {"unknown"}] == []


def test_no_promise_turns_by_seeing_less_in_a_sample(tmp_path):
    assert turns(recorded("b-good-pivot", tmp_path), 397) == []


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", ["b-good-pivot", "d-status-annotation-lost", "g1-clusterctl-killed-creating"])
def test_no_promise_turns_by_seeing_less(name, tmp_path):
    assert turns(recorded(name, tmp_path), 11) == []
