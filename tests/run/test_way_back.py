"""The way back begins only where the way there came to a good end: what was planted before it stops it, and is told."""

from pathlib import Path

import pytest

from harness.journal.facts import MoverStarted, StepBegan
from harness.journal.journal import FILE_NAME, read
from tests.run_on_lab import ROOT, RUN_SECONDS, Run, run

STORY = """\
says: a fault on the way there, and then the way back
steps:
  - preflight
  - stop_ironic: {{cluster: source}}
  - stop_bmo: {{cluster: source}}
  - start_ironic: {{cluster: target}}
  - start_bmo: {{cluster: target}}
  - under: {fault}
    steps:
      - move: {{origin: source, destination: target}}
  - settle
  - verify
  - preflight: {{origin: target}}
  - stop_ironic: {{cluster: target}}
  - stop_bmo: {{cluster: target}}
  - start_ironic: {{cluster: source}}
  - start_bmo: {{cluster: source}}
  - move: {{origin: target, destination: source}}
  - settle
"""

pytestmark = [pytest.mark.timeout(2 * RUN_SECONDS)]


def there_and_back(place: Path, fault: str) -> Run:
    """The run under that fault."""
    (place / "story.yaml").write_text(STORY.format(fault=fault))
    return run(str(place / "story.yaml"), ROOT / "lab.yaml", place / "run")


def begun(place: Path) -> tuple[int, str]:
    """How many moves were begun, and the last step that was."""
    facts = [entry.fact for entry in read(place / "run" / FILE_NAME)]
    return sum(isinstance(fact, MoverStarted) for fact in facts), [it.word for it in facts if isinstance(it, StepBegan)][-1]


def test_a_reset_on_the_way_there_is_told_by_verify_and_nothing_goes_back(tmp_path):
    done = there_and_back(tmp_path, "{third_party_reset: {type: ForceRestart, when: create}}")
    said = next(item for item in done.verdict["checks"] if item["check"] == "run_completes")

    assert done.code == 1
    assert done.hosts == {"node-0": "pass", "node-1": "fail", "node-2": "pass"}
    assert begun(tmp_path) == (1, "verify")
    assert said["verdict"] == "fail"
    assert "step 8 (verify): the next step is refused: bmc_untouched: node-1: Reset ForceRestart by this harness" in said["says"]


@pytest.mark.slow
def test_hosts_that_settle_waits_for_in_vain_are_not_moved_back(tmp_path):
    done = there_and_back(tmp_path, "labels_missing")
    said = [item["says"] for item in done.verdict["checks"] if item["check"] == "run_completes"]

    assert done.code == 1
    assert set(done.hosts.values()) == {"fail"}
    assert begun(tmp_path) == (1, "settle")
    assert any("not every step of the scenario was begun: 8 (verify), 9 (preflight)" in text for text in said)
    assert "what follows it is refused: settle: waited" in done.output
