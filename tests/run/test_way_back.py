"""The way back begins only where the way there came to a good end: what was planted before it stops it, and is told."""

import asyncio
import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.journal.facts import MoverStarted, StepBegan, WriteIntended
from harness.journal.journal import FILE_NAME, read
from harness.kube.client import open_cluster
from harness.kube.errors import ClusterError
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


def harness(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A command of the harness."""
    command = [sys.executable, "-m", "harness", *map(str, arguments)]
    environment = os.environ | {"PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)


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
def test_an_operator_that_stays_until_the_move_is_over_changes_nothing(tmp_path):
    done = run("pivot_bmo_left", ROOT / "lab.yaml", tmp_path / "run")
    order = [entry.fact.word for entry in read(tmp_path / "run" / FILE_NAME) if isinstance(entry.fact, StepBegan)]

    assert (done.code, done.hosts) == (0, dict.fromkeys(("node-0", "node-1", "node-2"), "pass")), done.output
    assert order.index("move") < order.index("stop_bmo")


@pytest.mark.slow
def test_hosts_that_settle_waits_for_in_vain_are_not_moved_back(tmp_path):
    done = there_and_back(tmp_path, "labels_missing")
    said = [item["says"] for item in done.verdict["checks"] if item["check"] == "run_completes"]

    assert done.code == 1
    assert set(done.hosts.values()) == {"fail"}
    assert begun(tmp_path) == (1, "settle")
    assert any("not every step of the scenario was begun: 8 (verify), 9 (preflight)" in text for text in said)
    assert "what follows it is refused: settle: waited" in done.output


def test_an_operator_is_not_started_beside_an_unpaused_copy(tmp_path):
    lab = tmp_path / "lab"
    assert harness("lab", "up", "--dir", lab, "--detach").returncode == 0
    try:
        asyncio.run(copy_to_target(lab, "node-1"))
        (tmp_path / "story.yaml").write_text("steps:\n  - start_bmo: {cluster: target}\n")
        done = harness("run", tmp_path / "story.yaml", "--lab", lab / "lab.yaml", "--out", tmp_path / "run")
    finally:
        assert harness("lab", "down", lab).returncode == 0

    assert done.returncode == 1
    assert "step 1 (start_bmo): the Baremetal Operator of the target is not started" in done.stdout
    assert "node-1 stands there un-paused, and the source owns it (`provisioned`)" in done.stdout
    assert not [it for it in read(tmp_path / "run" / FILE_NAME) if isinstance(it.fact, WriteIntended) and "scale" in it.fact.what]


async def copy_to_target(lab: Path, name: str) -> None:
    """What a user applies who does not know that the source has the host."""
    hosts = "/apis/metal3.io/v1alpha1/namespaces/metal3/baremetalhosts"
    async with open_cluster(lab / "source.kubeconfig") as source, open_cluster(lab / "target.kubeconfig") as target:
        body = await source.get_json(f"{hosts}/{name}")
        with contextlib.suppress(ClusterError):  # it may be there
            await target.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "metal3"}})
        await target.create(hosts, {**{key: body[key] for key in ("apiVersion", "kind", "spec")}, "metadata": {"name": name}})
