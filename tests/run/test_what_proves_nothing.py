"""Whole runs that may never pass, whatever they expect: a step or a mover that failed, a fault that never came, nothing moved at all."""

from pathlib import Path

import pytest

from tests.run_on_lab import Run, run

LAB = "embedded: {hosts: 3, spares: 1, speed: 20, seed: 1}\n"
EXPECT = "expect: [hosts_keep_state, nodes_untouched]\n"
PIVOT = """\
steps:
  - stop_ironic: {cluster: source}
  - stop_bmo: {cluster: source}
  - start_ironic: {cluster: target}
  - start_bmo: {cluster: target}
  - move: {origin: source, destination: target}
  - settle
"""

pytestmark = pytest.mark.timeout(100)


def ended(tmp_path: Path, scenario: str, lab: str = LAB) -> Run:
    story, place = tmp_path / "story.yaml", tmp_path / "lab.yaml"
    story.write_text(scenario)
    place.write_text(lab)
    return run(str(story), place, tmp_path / "run")


def of_the_run(done: Run, check: str = "run_completes") -> list[tuple[str, str]]:
    return [(item["verdict"], item["says"]) for item in done.verdict["checks"] if item["check"] == check]


def test_a_step_that_fails_is_never_a_pass(tmp_path):
    done = ended(
        tmp_path,
        PIVOT.replace("  - start_bmo: {cluster: target}\n", "  - start_bmo: {cluster: target}\n    within: 1ms\n") + EXPECT,
    )

    assert (done.code, done.verdict["verdict"]) == (1, "fail")
    assert any(word == "fail" and "step 4 (start_bmo)" in says for word, says in of_the_run(done))


def test_a_mover_that_fails_is_never_a_pass(tmp_path):
    done = ended(tmp_path, PIVOT + EXPECT, LAB + "mover: {clusterctl: /bin/false}\n")

    assert (done.code, done.verdict["verdict"]) == (1, "fail")
    assert ("fail", "the move from source to target ended with exit code 1") in of_the_run(done, "move_completes")


def test_a_fault_that_never_comes_and_a_move_that_nobody_makes_are_never_a_pass(tmp_path):
    story = "steps:\n  - under: {third_party_reset: {when: delete}}\n    steps: [quiet]\n"
    done = ended(tmp_path, story + EXPECT)

    assert (done.code, done.verdict["verdict"]) == (3, "unknown")
    assert any("had no effect" in says for _, says in of_the_run(done))
    assert of_the_run(done, "move_completes") == [("unknown", "no move took place, so nothing is proven")]


def test_without_a_move_hosts_may_be_promised_to_be_steady(tmp_path):
    done = ended(tmp_path, "promise: steady\nsteps: [quiet]\n")

    assert (done.code, done.hosts) == (0, {"node-0": "pass", "node-1": "pass", "node-2": "pass"})
    assert done.verdict["horizon"]["from"] > 0


@pytest.mark.slow
def test_a_reset_in_a_steady_time_after_a_move_fails_its_host(tmp_path):
    steady = "  - together:\n      - quiet\n      - reset: {host: node-1, type: ForceRestart}\n    promise: steady\n"
    done = ended(tmp_path, PIVOT + steady + "expect: [move_completes]\n")

    assert (done.code, done.hosts) == (1, {"node-0": "pass", "node-1": "fail", "node-2": "pass"})
    assert "Reset ForceRestart by this harness" in done.said("bmc_untouched", "node-1")
