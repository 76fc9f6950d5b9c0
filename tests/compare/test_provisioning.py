"""The fidelity report of a provisioning from zero, where nothing moved: planted differences, and what of a run is which leg."""

from collections.abc import Callable

import pytest

from harness.cli.commands.compare import story_of
from harness.compare.accepted import load_accepted
from harness.compare.comparison import compare
from harness.compare.text import lines
from harness.compare.trace import Trace, UnknownLegError, trace_of
from harness.journal import facts
from harness.world.moves import Leg, legs
from tests.checks.history import Story as History
from tests.compare.test_comparison import altered, new_words, rows_about
from tests.recorded import RECORDINGS, Rows

ZERO = "a-provision"
ACCEPTED = load_accepted()
RESET = "/redfish/v1/Systems/x/Actions/ComputerSystem.Reset"
NEVER = float("inf")


@pytest.fixture(scope="module")
def zero() -> Trace:
    return story_of(RECORDINGS / ZERO, 0)


def choose_another_host(rows: Rows) -> None:
    """CAPM3 claims the spare for the control plane, and leaves it then."""
    for row in rows_about(rows, "BareMetalHost", "host3", "source")[-1:]:
        row["object"]["spec"]["consumerRef"] = {"kind": "Metal3Machine", "name": "lab1-cp-0", "namespace": "metal3"}


def forget_block_move(rows: Rows) -> None:
    for row in rows_about(rows, "BareMetalHost", "host0", "source"):
        row["object"]["metadata"].pop("annotations", None)


def skip_inspection(rows: Rows) -> None:
    for row in rows_about(rows, "BareMetalHost", "host1", "source"):
        provisioning = row["object"].get("status", {}).get("provisioning", {})
        if provisioning.get("state") == "inspecting":
            provisioning["state"] = "registering"


def clean_twice(rows: Rows) -> None:
    power = [row for row in rows["bmc"] if row.get("host") == "host2" and row.get("path", "").endswith("Reset")]
    off = next(row for row in power if '"ForceOff"' in row["body"])
    rows["bmc"].insert(rows["bmc"].index(off) + 1, {**off, "at": off["at"] + 0.001})


def never_associated(rows: Rows) -> None:
    for row in rows_about(rows, "Metal3Machine", "lab1-cp-0", "source"):
        said = row["object"].get("status", {}).get("conditions") or []
        for each in said:
            if each["type"] == "AssociateBareMetalHost" and each["status"] == "True":
                each.update(status="False", reason="AssociateBareMetalHostFailed")


def boot_again(rows: Rows) -> None:
    last = rows_about(rows, "Node", "host0", "workload")[-1]
    last["object"]["status"]["nodeInfo"]["bootID"] = "another"


def never_run(rows: Rows) -> None:
    for row in rows_about(rows, "Machine", "lab1-cp-0", "source"):
        if row["object"].get("status", {}).get("phase") == "Running":
            row["object"]["status"]["phase"] = "Provisioned"


PLANTED = [
    (choose_another_host, ("spare 1", "hosts", "missing", "the host")),
    (forget_block_move, ("control plane 1", "origin host", "missing", "+block-move")),
    (skip_inspection, ("worker 1", "origin host", "missing", "state inspecting")),
    (clean_twice, ("worker 2", "BMC writes", "extra", "origin Ironic POST Systems/*/Actions/ComputerSystem.Reset ForceOff")),
    (
        never_associated,
        (
            "control plane 1",
            "origin Metal3Machine conditions",
            "missing",
            "AssociateBareMetalHost=True (AssociateBareMetalHostSuccess)",
        ),
    ),
    (boot_again, ("control plane 1", "Node", "extra", "another bootID")),
    (never_run, ("control plane 1", "origin Machine", "missing", "phase Running")),
]


@pytest.mark.parametrize(("change", "expected"), PLANTED, ids=[change.__name__ for change, _ in PLANTED])
def test_a_planted_difference_is_told(zero, tmp_path, change: Callable[[Rows], None], expected):
    comparison = compare(zero, altered(tmp_path, change, ZERO), ACCEPTED)

    assert expected in new_words(comparison)


def test_a_recording_without_a_move_does_not_differ_from_itself_and_says_so(zero):
    comparison = compare(zero, zero, ACCEPTED)
    text = "\n".join(lines(("a", "b"), (zero, zero), comparison))

    assert [pair.role for pair in comparison.pairs] == ["control plane 1", "worker 1", "worker 2", "spare 1", "clusters"]
    assert not comparison.new
    assert text.count("no move") == 2
    assert "move from" not in text


def said_of_boot(rows: Rows, was: str, now: str) -> None:
    for row in rows["bmc"]:
        row["body"] = row["body"].replace(was, now) if row.get("body") else row.get("body")


def test_that_an_override_shall_last_is_told_or_not_but_not_that_it_is_for_once(zero, tmp_path):
    told = altered(
        tmp_path / "told", lambda rows: said_of_boot(rows, '"Hdd"', '"Hdd", "BootSourceOverrideEnabled": "Continuous"'), ZERO
    )
    forgotten = altered(tmp_path / "forgotten", lambda rows: said_of_boot(rows, '"Once"', '"Continuous"'), ZERO)

    assert new_words(compare(zero, told, ACCEPTED)) == set()
    assert ("worker 1", "BMC writes", "missing", "origin Ironic PATCH Systems/* Cd Once") in new_words(
        compare(zero, forgotten, ACCEPTED)
    )


# --- legs ---


def test_a_run_without_a_move_is_one_leg():
    assert legs(History().ends().world()) == [Leg((), -1.0, NEVER)]


def test_a_provisioning_before_a_move_is_a_leg_of_its_own():
    history = History()
    history.tell(facts.StepBegan(step="1", word="provision", arguments={}), at=2.0)
    history.tell(facts.StepEnded(step="1", word="provision", how="done"), at=9.0)
    history.move(seconds=5.0)
    began = legs(history.ends().world())

    assert began[0] == Leg((), -1.0, 9.0)
    assert (began[1].since, began[1].until, len(began[1].moves)) == (9.0, NEVER, 1)
    assert trace_of(history.entries, 1).leg == began[0]
    assert trace_of(history.entries).leg == began[1]
    with pytest.raises(UnknownLegError, match="the run has 2"):
        trace_of(history.entries, 3)


@pytest.mark.parametrize("how", ["failed", "cancelled"])
def test_a_provisioning_that_failed_is_none(how):
    history = History()
    history.tell(facts.StepEnded(step="1", word="provision", how=how), at=9.0)
    history.move(seconds=5.0)

    assert [len(leg.moves) for leg in legs(history.ends().world())] == [1]
