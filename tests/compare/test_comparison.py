"""The fidelity report: recordings against recordings and altered ones; the command, the data file, the page."""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli.commands.compare import story_of
from harness.cli.main import main
from harness.compare.accepted import load_accepted, markdown_table
from harness.compare.comparison import Comparison, compare
from harness.compare.trace import Trace
from harness.files.problems import BadFilesError
from tests.recorded import RECORDINGS, Row, Rows, rows_of, write_rows

ROOT = Path(__file__).parents[2]
GOOD, BACK, WIPED = "b-good-pivot", "c-good-repivot", "d-status-annotation-lost"
ACCEPTED = load_accepted()
DESTINATION = "target"
"""Of the recordings that are altered here."""


@pytest.fixture(scope="module")
def good() -> Trace:
    return story_of(RECORDINGS / GOOD, 0)


def altered(tmp_path: Path, change: Callable[[Rows], None], name: str = GOOD) -> Trace:
    """The story of a recording after a change to its rows."""
    rows = rows_of(name)
    change(rows)
    return story_of(write_rows(rows, tmp_path / "altered"), 0)


def new_of(comparison: Comparison) -> set[tuple[str, str, str, str]]:
    return {(each.role, each.lane, each.kind, each.text) for each in comparison.new}


def new_words(comparison: Comparison) -> set[tuple[str, str, str, str]]:
    """New differences but for the numbers of watch events, which every change to a watch brings along."""
    return {each for each in new_of(comparison) if each[0] != "clusters"}


def rows_about(rows: Rows, kind: str, name: str, cluster: str = DESTINATION) -> list[Row]:
    return [row for row in rows["watch"] if (row.get("cluster"), row.get("kind"), row.get("name")) == (cluster, kind, name)]


# --- recordings against recordings ---


def test_a_recording_does_not_differ_from_itself(good):
    comparison = compare(good, good)

    assert [pair.role for pair in comparison.pairs] == ["control plane 1", "worker 1", "worker 2", "spare 1", "clusters"]
    assert not any(pair.differences for pair in comparison.pairs)


def test_two_good_pivots_differ_only_as_is_accepted_in_whatever_direction_they_went(good):
    comparison = compare(good, story_of(RECORDINGS / BACK, 0), ACCEPTED)

    assert new_of(comparison) == set()
    assert any(pair.differences for pair in comparison.pairs)


def test_a_wiped_host_differs_and_the_others_do_not(good):
    comparison = compare(good, story_of(RECORDINGS / WIPED, 0), ACCEPTED)
    worker = next(pair for pair in comparison.pairs if pair.role == "worker 1")

    assert {role for role, *_ in new_words(comparison)} == {"worker 1"}
    assert (worker.new[0].lane, worker.new[0].text) == ("destination host", "-status")
    texts = {(each.lane, each.text) for each in worker.new}
    assert ("destination host", "state registering") in texts
    assert ("BMC writes", "destination Ironic POST Systems/*/Actions/ComputerSystem.Reset ForceOff") in texts
    assert ("Node", "another bootID") in texts


def test_hosts_are_matched_by_role_and_not_by_name(good, tmp_path):
    def rename(rows: Rows) -> None:
        def renamed(value: object) -> object:
            if isinstance(value, dict):
                return {key: renamed(each) for key, each in value.items()}
            if isinstance(value, list):
                return [renamed(each) for each in value]
            return value.replace("host", "blade-1") if isinstance(value, str) else value

        for kind in rows:
            rows[kind] = [{key: each if key == "at" else renamed(each) for key, each in row.items()} for row in rows[kind]]

    comparison = compare(good, altered(tmp_path, rename))

    assert [pair.names for pair in comparison.pairs][:2] == [("host0", "blade-10"), ("host1", "blade-11")]
    assert new_of(comparison) == set()


def test_a_host_that_only_one_run_has_is_a_difference(good, tmp_path):
    def drop(rows: Rows) -> None:
        rows["watch"] = [row for row in rows["watch"] if not (row.get("kind") == "BareMetalHost" and row["name"] == "host3")]

    assert ("spare 1", "hosts", "missing", "the host") in new_of(compare(good, altered(tmp_path, drop), ACCEPTED))


def test_a_move_that_was_killed_and_begun_again_is_one_story(tmp_path):
    story = story_of(RECORDINGS / "g1-clusterctl-killed-creating", 0)

    assert (story.leg.since, story.leg.until) == (-1.0, float("inf"))
    assert [host.role for host in story.hosts] == ["control plane 1", "worker 1", "worker 2", "spare 1"]


# --- planted differences ---


def delete_event(rows: Rows) -> None:
    told = [row for row in rows["watch"] if row.get("kind") == "Event" and row["type"] == "ADDED"]
    validated = [row for row in told if row["object"]["reason"] == "BMCAccessValidated"]
    rows["watch"].remove(next(row for row in validated if row["object"]["involvedObject"]["name"] == "host2"))


def reset(rows: Rows) -> None:
    path = "/redfish/v1/Systems/x/Actions/ComputerSystem.Reset"
    at = rows["mover"][0]["at"] + 50
    row = {"at": at, "t0": at, "host": "host2", "src": "10.9.8.7", "client": "", "method": "POST", "path": path, "status": 204}
    rows["bmc"].append(row | {"body": '{"ResetType": "ForceRestart"}', "ms": 1.0})
    rows["bmc"].sort(key=lambda each: each["at"])


def forget_phase(rows: Rows) -> None:
    for row in rows_about(rows, "Machine", "lab1-cp-0"):
        if row["object"].get("status", {}).get("phase") == "Provisioned":
            row["object"]["status"]["phase"] = "Provisioning"


def swap_restore_and_annotation(rows: Rows) -> None:
    status = "baremetalhost.metal3.io/status"
    for row in rows_about(rows, "BareMetalHost", "host0"):
        if row["object"].get("status", {}).get("provisioning", {}).get("ID"):
            row["object"]["metadata"].get("annotations", {}).pop(status, None)


def another_reason(rows: Rows) -> None:
    for row in rows_about(rows, "Metal3Machine", "lab1-cp-0"):
        for condition in row["object"].get("status", {}).get("conditions", []):
            if condition["reason"] == "AssociateBareMetalHostSuccess":
                condition["reason"] = "Associated"


def clean(rows: Rows) -> None:
    rows_of_node = [
        row for row in rows["ironic"] if row.get("ironic") == DESTINATION and row.get("node", {}).get("name") == "metal3~host1"
    ]
    cleaning = copy.deepcopy(rows_of_node[-1])
    cleaning["node"]["provision_state"] = "clean wait"
    rows["ironic"].insert(rows["ironic"].index(rows_of_node[-1]), cleaning)


def never_active(rows: Rows) -> None:
    for row in rows["ironic"]:
        if row.get("ironic") == DESTINATION and row.get("node", {}).get("provision_state") == "active":
            row["node"]["provision_state"] = "adopting"


def arrive_unsecretly(rows: Rows) -> None:
    rows["watch"] = [row for row in rows["watch"] if not (row.get("kind") == "Secret" and row["type"] == "ADDED")]


@pytest.mark.parametrize(
    ("plant", "expected"),
    [
        (delete_event, ("worker 2", "destination events", "missing", "BMCAccessValidated")),
        (reset, ("worker 2", "BMC writes", "extra", "third party POST Systems/*/Actions/ComputerSystem.Reset ForceRestart")),
        (forget_phase, ("control plane 1", "destination Machine", "extra", "phase Provisioning")),
        (swap_restore_and_annotation, ("control plane 1", "destination host", "order", "restored as provisioned")),
        (
            another_reason,
            ("control plane 1", "destination Metal3Machine conditions", "extra", "AssociateBareMetalHost=True (Associated)"),
        ),
        (clean, ("worker 1", "destination Ironic", "extra", "cleaning")),
        (never_active, ("control plane 1", "destination Ironic", "missing", "active")),
        (arrive_unsecretly, ("clusters", "watch events", "missing", "destination Secret added")),
    ],
)
def test_a_planted_difference_is_new(plant, expected, good, tmp_path):
    found = new_of(compare(good, altered(tmp_path, plant), ACCEPTED))

    assert expected in found


def test_states_between_two_polls_may_be_missed(good, tmp_path):
    def poll_less(rows: Rows) -> None:
        quick = ("enroll", "verifying", "adopting")
        rows["ironic"] = [row for row in rows["ironic"] if row.get("node", {}).get("provision_state") not in quick]

    comparison = compare(good, altered(tmp_path, poll_less), ACCEPTED)

    assert new_of(comparison) == set()
    assert {each.accepted for pair in comparison.pairs for each in pair.differences} == {"polled-states"}


def test_a_recording_is_the_reference_on_whichever_side_it_stands(good, tmp_path):
    simulated = altered(tmp_path, delete_event)
    simulated = type(simulated)(False, "pivot", simulated.leg, simulated.hosts, simulated.counts, simulated.watched)

    assert new_words(compare(simulated, good, ACCEPTED)) == new_words(compare(good, simulated, ACCEPTED))
    assert (compare(simulated, good).reference, compare(good, simulated).reference) == (1, 0)


def hole_in_ironic(rows: Rows) -> None:
    at = rows["mover"][1]["at"] + 10
    rows["ironic"] += [{"at": at, "sight": "lost"}, {"at": at + 1, "sight": "regained"}]
    rows["ironic"].sort(key=lambda row: row["at"])


@pytest.mark.parametrize(
    ("blind", "lanes"),
    [
        (lambda rows: rows.pop("bmc"), {"BMC writes", "BMC reads"}),
        (lambda rows: rows.pop("ironic"), {"origin Ironic", "destination Ironic"}),
        (hole_in_ironic, {"origin Ironic", "destination Ironic"}),
    ],
)
def test_what_a_run_did_not_see_is_not_compared_and_told(blind, lanes, good, tmp_path):
    comparison = compare(good, altered(tmp_path, blind), ACCEPTED)

    assert new_of(comparison) == set()
    assert {lane for pair in comparison.pairs for lane in pair.unseen} == lanes
    assert main(["compare", str(RECORDINGS / GOOD), str(tmp_path / "altered")]) == 3


# --- the command, the data file, the page ---


def test_the_command_tells_the_first_divergence_what_is_missing_and_what_is_extra(capsys):
    code = main(["compare", str(RECORDINGS / GOOD), str(RECORDINGS / WIPED)])
    out = capsys.readouterr().out

    assert code == 1
    assert "worker 1  host1 | host1: " in out
    assert 'first divergence: lane "destination host" after ' in out
    assert "  extra     destination host: state registering  (B at +16.6 s, entry 1193)" in out
    assert "  more      workload Node deleted: A 0, B 1" in out
    assert "control plane 1  host0 | host0: as the reference" in out


def test_the_command_passes_a_run_that_differs_only_as_is_accepted(capsys):
    assert main(["compare", str(RECORDINGS / BACK), str(RECORDINGS / GOOD)]) == 0
    assert "no new difference" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere", str(RECORDINGS / GOOD)], "there is no such directory"),
        ([str(RECORDINGS / GOOD), str(ROOT / "docs")], "no recording is there"),
        ([str(RECORDINGS / GOOD), str(RECORDINGS / BACK), "--move-b", "2"], "there is no move 2: the run has 1"),
        ([str(RECORDINGS / GOOD), str(RECORDINGS / BACK), "--move-a", "0"], "is no number of a move"),
        ([str(RECORDINGS / GOOD), str(RECORDINGS / BACK), "--accepted", "none.yaml"], "there is no such file"),
    ],
)
def test_bad_input_is_refused_with_its_cause(arguments, says, capsys):
    assert main(["compare", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_a_bad_file_of_accepted_differences_is_refused_with_its_places(tmp_path):
    file = tmp_path / "accepted.yaml"
    file.write_text("- name: all\n  lanes: [a]\n  words: [b]\n  kinds: [gone]\n  reason: c\n- name: none\n")

    with pytest.raises(BadFilesError) as refused:
        load_accepted(file)
    assert f"{file}:1:" in str(refused.value)
    assert f"{file}:6:" in str(refused.value)


def test_the_page_has_the_table_of_the_accepted_differences():
    table = markdown_table(ACCEPTED)

    assert table in (ROOT / "docs/fidelity.md").read_text(), f"docs/fidelity.md should have this table:\n{table}"
    assert len({each.name for each in ACCEPTED}) == len(ACCEPTED)
