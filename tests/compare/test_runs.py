"""The embedded lab against the recordings, host by host: a new difference fails."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.commands.compare import story_of
from harness.compare.accepted import load_accepted
from harness.compare.comparison import compare
from harness.compare.text import lines
from harness.journal.entry import Entry
from harness.journal.facts import ProbeSeen
from harness.journal.journal import FILE_NAME, read
from harness.kube.client import open_cluster
from harness.world.world import World
from tests.recorded import RECORDINGS
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
RUN_SECONDS = 100
ZERO = "a-provision"
GOOD, BACK, WIPED, TWO_OWNERS = "b-good-pivot", "c-good-repivot", "d-status-annotation-lost", "e-source-ironic-left"
LEFT_BEHIND, TRIED_AGAIN = "f-crd-labels-missing", "g1-clusterctl-killed-creating"
DEPROVISIONED = "h-deprovision-after-repivot"
IRONIC_DEAD = "k-target-ironic-dead"
NO_IRONIC = """
says: the target has no Ironic, so nobody adopts the hosts and settling never ends
steps:
  - stop_ironic: {cluster: source}
  - stop_bmo: {cluster: source}
  - start_bmo: {cluster: target}
    within: 10m
  - move: {origin: source, destination: target}
    within: 30m
  - settle:
    within: 8s
"""
ACCEPTED = load_accepted()

pytestmark = pytest.mark.timeout(RUN_SECONDS)


def harness(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "harness", *map(str, arguments)]


def done(*arguments: str | Path) -> None:
    """Do one command; with our own mover, whatever is on the PATH."""
    environment = os.environ | {"PATH": "/usr/bin:/bin"}
    subprocess.run(harness(*arguments), cwd=ROOT, env=environment, capture_output=True, timeout=RUN_SECONDS, check=True)


def lab_file(directory: Path, *, provisioned: bool = True) -> Path:
    """A lab half as fast as usual: its own latencies weigh less against the recorded delays."""
    lab = directory / "lab.yaml"
    lab.write_text(f"embedded: {{hosts: 3, spares: 1, speed: 10, provisioned: {str(provisioned).lower()}}}\n")
    return lab


def run(scenario: str, directory: Path, *, provisioned: bool = True) -> Path:
    out = directory / "run"
    command = harness("run", scenario, "--lab", lab_file(directory, provisioned=provisioned), "--out", out)
    environment = os.environ | {"PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=RUN_SECONDS, check=False)
    return out


def assert_true_to(recording: str, directory: Path, leg: int = 0) -> None:
    stories = story_of(RECORDINGS / recording, 0), story_of(directory, leg)
    comparison = compare(*stories, ACCEPTED)
    assert not comparison.new, "\n".join(lines((recording, "the embedded lab"), stories, comparison))
    assert not comparison.unseen


def test_an_embedded_pivot_is_true_to_a_real_one(tmp_path):
    assert_true_to(GOOD, run("pivot", tmp_path))


@pytest.mark.slow
def test_a_cluster_provisioned_from_zero_is_true_to_a_real_one_and_so_is_its_pivot(tmp_path):
    directory = run("provision_and_pivot", tmp_path, provisioned=False)

    assert_true_to(ZERO, directory, 1)
    assert_true_to(GOOD, directory, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recording", "scenario"),
    [
        (BACK, "pivot_and_back"),
        (WIPED, "pivot_status_lost"),
        (TWO_OWNERS, "pivot_source_ironic_left"),
        (LEFT_BEHIND, "pivot_labels_missing"),
        (TRIED_AGAIN, "move_tried_again"),
    ],
)
def test_other_embedded_stories_are_true_to_the_recorded_ones(recording, scenario, tmp_path):
    assert_true_to(recording, run(scenario, tmp_path))


@pytest.mark.slow
def test_a_pivot_to_a_cluster_without_ironic_is_true_to_the_recorded_one(tmp_path):
    story = tmp_path / "no_ironic.yaml"
    story.write_text(NO_IRONIC)

    assert_true_to(IRONIC_DEAD, run(str(story), tmp_path))


@pytest.mark.slow
def test_a_cluster_that_is_deleted_after_its_pivot_is_deprovisioned_as_a_real_one(tmp_path):
    lab, watched = tmp_path / "lab", tmp_path / "watched"
    done("lab", "up", "--lab", lab_file(tmp_path), "--dir", lab, "--detach")
    try:
        witness = subprocess.Popen(
            harness("watch", "--lab", lab / "lab.yaml", "--out", watched),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(
                lambda: any(isinstance(entry.fact, ProbeSeen) for entry in journal_of(watched)), "a probe", RUN_SECONDS / 2
            )
            done("run", "pivot", "--lab", lab / "lab.yaml", "--out", tmp_path / "run")
            asyncio.run(delete_cluster(lab / "target.kubeconfig"))
            wait_until(lambda: is_deprovisioned(World(journal_of(watched))), "the end of deprovisioning", RUN_SECONDS / 2)
        finally:
            witness.send_signal(signal.SIGINT)
            witness.wait(RUN_SECONDS)
    finally:
        done("lab", "down", lab)

    assert_true_to(DEPROVISIONED, watched)


def journal_of(directory: Path) -> list[Entry]:
    return list(read(directory / FILE_NAME)) if (directory / FILE_NAME).exists() else []


async def delete_cluster(kubeconfig: Path) -> None:
    async with open_cluster(kubeconfig) as cluster:
        await cluster.delete("/apis/cluster.x-k8s.io/v1beta2/namespaces/metal3/clusters/lab")


def is_deprovisioned(world: World) -> bool:
    """The Cluster is gone, and so is the power of its hosts."""
    hosts = [version for _, version in world.living("target", "BareMetalHost")]
    claimed = [host for host in hosts if host.get("spec", "networkData")]
    off = all(host.get("status", "poweredOn") is False and not host.get("spec", "consumerRef") for host in claimed)
    return bool(claimed) and off and not world.living("target", "Cluster")
