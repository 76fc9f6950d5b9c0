"""Seeing less may make a verdict unknown; it turns none to pass and none to fail."""

import json
from collections.abc import Iterator

import pytest

from harness.catalogue.ablation import cuts, trial
from harness.catalogue.ablation.seen_run import Ablation, SeenRun
from harness.catalogue.ablation.table import row, summary
from harness.cli.main import main
from harness.journal import facts
from harness.journal.entry import Entry
from harness.journal.journal import read
from harness.run.importer import import_recordings
from harness.world.coverage import SightKey
from tests.recorded import RECORDINGS

NODES = SightKey("kube", "workload", "Node")
IRONIC = SightKey("ironic")
RECORDED = sorted(path.parent.name for path in RECORDINGS.glob("*/expect.json"))


def seen(name, tmp_path):
    import_recordings([RECORDINGS / name], tmp_path / name)
    return SeenRun(read(tmp_path / name / "journal.jsonl"))


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return seen("b-good-pivot", tmp_path_factory.mktemp("seen"))


def turns(run, every):
    return [turn for ablated in trial.ablate(run, every) for turn in ablated.turns]


@pytest.mark.parametrize(("name", "every"), [("b-good-pivot", 397), ("d-status-annotation-lost", 151)])
def test_no_verdict_of_a_sample_turns_by_seeing_less(name, every, tmp_path):
    assert turns(seen(name, tmp_path), every) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", RECORDED)
def test_no_verdict_of_a_recording_turns_by_seeing_less(name, tmp_path):
    assert turns(seen(name, tmp_path), 5) == []


# --- what is cut ---------------------------------------------------------------------------------------------------------


def shown(entries, key):
    return [entry for entry in entries if cuts.of_any((key,), entry)]


def edges(entries, key):
    told = [entry for entry in entries if isinstance(entry.fact, facts.Sight)]
    return [
        (type(entry.fact).__name__, entry.at) for entry in told if (entry.fact.sight, entry.fact.kind) == (key.sight, key.kind)
    ]


def test_a_sight_that_never_was_is_not_told_of(good):
    left = cuts.never(good, (IRONIC,))

    assert shown(left, IRONIC) == []
    assert edges(left, IRONIC) == []


def test_a_kind_that_never_was_seen_is_lost_in_the_sight_of_all(good):
    left = cuts.never(good, (NODES,))

    assert shown(left, NODES) == []
    assert edges(left, NODES) == [("SightLost", good.began)]


def test_a_sight_that_was_lost_shows_nothing_and_afterwards_the_state_of_each_thing_where_it_is_looked_at_again(good):
    since, until = good.moves[0].since, good.moves[0].until
    hosts = SightKey("kube", "source", "BareMetalHost")
    gone = [entry for entry in shown(good.entries, hosts) if since < entry.at < until]
    blind, listed = (cuts.lost(good, (hosts,), since, until, listed=again) for again in (False, True))

    assert len(gone) > len({entry.fact.name for entry in gone}) > 1
    assert len(shown(good.entries, hosts)) - len(shown(blind, hosts)) == len(gone)
    assert len(shown(listed, hosts)) - len(shown(blind, hosts)) == len({entry.fact.name for entry in gone})
    assert edges(blind, hosts) == [("SightLost", since), ("SightRegained", until)]


def test_a_sight_that_ended_early_says_so_and_shows_nothing_afterwards(good):
    at = good.moves[0].until
    left = cuts.ended(good, (IRONIC,), at)

    assert edges(left, IRONIC) == [("SightBegan", good.began), ("SightEnded", at)]
    assert max(entry.at for entry in shown(left, IRONIC)) <= at


def test_a_kind_that_ended_early_is_told_beside_the_sight_of_all(good):
    at = good.moves[0].since
    left = cuts.ended(good, (NODES,), at)

    assert edges(left, NODES) == [("SightBegan", good.began), ("SightEnded", at)]


def test_a_sight_that_began_late_shows_nothing_before(good):
    at = good.moves[0].since
    left = cuts.begun(good, (IRONIC,), at)

    assert edges(left, IRONIC)[0] == ("SightBegan", at)
    assert min(entry.at for entry in shown(left, IRONIC)) >= at


def test_each_sight_cluster_kind_and_host_can_be_missing(good):
    sights = good.sights()

    assert {(SightKey("kube"),), (SightKey("kube", "source"),), (SightKey("kube", "target", "Secret"),), (IRONIC,)} < set(sights)
    assert (SightKey("bmc_requests", host="host1"),) in sights
    assert (SightKey("mover"),) in sights


# --- what is told --------------------------------------------------------------------------------------------------------


def test_a_verdict_that_turns_is_told_with_what_was_not_seen(good, monkeypatch):
    def blinded(run: SeenRun) -> Iterator[Ablation]:
        yield Ablation((NODES,), "at all times", lambda: cuts.numbered([*run.entries, reset(run)]))

    monkeypatch.setattr(trial, "SORTS", {"never had": blinded})
    (ablated,) = trial.ablate(good)

    assert {turn.whose for turn in ablated.turns} == {"the whole", "host host1", "bmc_untouched of host1"}
    assert "without the API server of workload Node (at all times): host host1 from pass to fail" in row(ablated)
    assert "3 verdicts turned" in summary([ablated])


def reset(run):
    """A reset that was not there, as if it had been hidden."""
    path = "/redfish/v1/Systems/x/Actions/ComputerSystem.Reset"
    at, body = run.moves[0].until, '{"ResetType": "ForceRestart"}'
    return Entry(-1, at, at, facts.BmcRequest(host="host1", method="POST", path=path, status=204, body=body))


def test_the_command_prints_what_turned_and_writes_it_down(good_directory, tmp_path, capsys):
    file = tmp_path / "turned.json"

    assert main(["judge", str(good_directory), "--ablate", "--every", "500", "--json", str(file)]) == 0

    assert "no verdicts turned to pass or to fail" in capsys.readouterr().out
    assert [one["sort"] for one in json.loads(file.read_text())] == list(trial.SORTS)
