"""Each story on real API servers, Cluster API, clusterctl and Ironic: the same exit code and verdicts as on the embedded lab."""

import re
from pathlib import Path

import pytest

from tests.processes.marks import RUN_SECONDS, WITH_IRONIC
from tests.run_on_lab import ROOT, run, unwatched_kinds
from tests.stories import STORIES

RECORDER = "embedded: {bmc: {recorder: true}, "
NEEDS_RECORDER = "pivot_bmc_busy"

ONE_GOOD_MOVE = "pivot"
COUNTED = re.compile(r"^(?P<kind>[A-Z]\w+) count=(?P<count>\d+)$", re.MULTILINE)
"""What clusterctl writes of each kind in which its discovery found objects; with a space in it (`Total objects count=`) it is none."""

pytestmark = WITH_IRONIC


def counted(log: str) -> dict[str, int]:
    """By kind, how many objects clusterctl found to move."""
    return {found["kind"]: int(found["count"]) for found in COUNTED.finditer(log)}


def lab_of(scenario: str, place: Path) -> Path:
    """The project's own lab of processes; with a flight recorder where a scenario cannot do without."""
    text = (ROOT / "lab-processes.yaml").read_text()
    assert text.count("embedded: {") == 1
    lab = place / "lab-processes.yaml"
    lab.write_text(text.replace("embedded: {", RECORDER) if scenario == NEEDS_RECORDER else text)
    return lab


@pytest.mark.parametrize("scenario", STORIES)
def test_a_story_ends_on_real_components_as_on_emulated_ones(tmp_path, scenario):
    story = STORIES[scenario]
    done = run(scenario, lab_of(scenario, tmp_path), tmp_path / "run", RUN_SECONDS)

    unproven = [item for item in done.verdict["checks"] if item["verdict"] != "pass"]
    assert (done.code, done.hosts) == (story.code, story.hosts), unproven
    assert unwatched_kinds(tmp_path / "run") == {"source": set(), "target": set()}
    assert not story.says or story.says in done.said(story.check, "node-1")
    if scenario == ONE_GOOD_MOVE:
        (carried,) = done.verdict["carried"]
        assert carried["moved"] == counted((tmp_path / "run" / "logs" / "clusterctl.log").read_text())


def test_what_clusterctl_says_it_found_is_read():
    log = "Discovering Cluster API objects\nIPPool count=1\nMetal3Data count=12\nTotal objects count=13\n"
    assert counted(log) == {"IPPool": 1, "Metal3Data": 12}
