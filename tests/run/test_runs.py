"""Whole runs by the command line, on embedded labs: what they say, what they leave behind, and what they never tell."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness.bench.switch_on import is_lab
from harness.journal.facts import Expectation
from harness.journal.journal import FILE_NAME, read
from harness.kube.client import open_cluster
from harness.verdict.judge import judge_entries, run_check
from harness.world.world import World
from tests.run_on_lab import unwatched_kinds
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
RUN_SECONDS = 100
ARTEFACTS = {
    "journal.jsonl",
    "verdict.json",
    "report.html",
    "junit.xml",
    "sequence.md",
    "certificate.json",
    "logs",
}

pytestmark = pytest.mark.timeout(RUN_SECONDS)


def harness(*arguments: str | Path, without_clusterctl: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harness", *map(str, arguments)]
    environment = os.environ | ({"PATH": "/usr/bin:/bin"} if without_clusterctl else {})
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)


def verdict_of(directory: Path) -> dict[str, Any]:
    return json.loads((directory / "verdict.json").read_text())


def hosts_of(verdict: dict[str, Any]) -> dict[str, str]:
    return {name: host["verdict"] for name, host in verdict["hosts"].items()}


@pytest.fixture(scope="module")
def pivot(tmp_path_factory) -> Path:
    """One good pivot."""
    out = tmp_path_factory.mktemp("good") / "run"
    done = harness("run", "--out", out)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def lost(tmp_path_factory) -> Path:
    """A pivot on which a host's status gets lost."""
    out = tmp_path_factory.mktemp("lost") / "run"
    done = harness("run", "pivot_status_lost", "--out", out)
    assert done.returncode == 1, done.stdout + done.stderr
    return out


@pytest.mark.xdist_group("runs")
def test_a_good_pivot_passes_for_every_claimed_host_and_reports_the_spare(pivot):
    verdict = verdict_of(pivot)

    assert hosts_of(verdict) == {"node-0": "pass", "node-1": "pass", "node-2": "pass"}
    assert any("Reset" in request for request in verdict["unclaimed"]["node-3"]["requests"])
    assert {item["verdict"] for item in verdict["checks"]} == {"pass"}


@pytest.mark.xdist_group("runs")
def test_whatever_clusterctl_discovers_is_watched_in_both_clusters(pivot):
    assert unwatched_kinds(pivot) == {"source": set(), "target": set()}


@pytest.mark.xdist_group("runs")
def test_a_run_directory_holds_what_the_contract_names(pivot):
    assert {path.name for path in pivot.iterdir()} == ARTEFACTS


@pytest.mark.xdist_group("runs")
def test_judging_again_gives_the_same_bytes(pivot, lost, tmp_path):
    for run in (pivot, lost):
        before = (run / "verdict.json").read_bytes()
        harness("judge", run)

        assert (run / "verdict.json").read_bytes() == before


@pytest.mark.xdist_group("runs")
def test_what_is_judged_while_the_run_goes_on_is_what_is_judged_afterwards(lost):
    entries = list(read(lost / FILE_NAME))
    live = World()
    for place, entry in enumerate(entries):
        live.add(entry)
        if place % 400 == 0:
            afterwards = World(entries[: place + 1])
            for word in ("hosts_keep_state", "bmc_untouched", "one_owner", "nodes_untouched"):
                item = Expectation(check=word)
                assert run_check(item, live, []) == run_check(item, afterwards, [])


@pytest.mark.xdist_group("runs")
def test_the_wiped_host_is_told_with_cause_and_actor(lost):
    verdict = verdict_of(lost)
    said = {item["check"]: item["says"] for item in verdict["checks"] if item["verdict"] == "fail"}

    assert hosts_of(verdict) == {"node-0": "pass", "node-1": "fail", "node-2": "pass"}
    assert "its status annotation vanished" in said["hosts_keep_state"]
    assert "Reset ForceOff by the Ironic of the target" in said["bmc_untouched"]
    assert "Node was deleted" in said["nodes_untouched"]


def test_a_reset_by_somebody_else_that_no_poll_shows_is_found_and_its_actor_named(tmp_path):
    done = harness("run", "pivot_third_party_reset", "--out", tmp_path / "run")
    verdict = verdict_of(tmp_path / "run")
    said = [item["says"] for item in verdict["checks"] if item["check"] == "bmc_untouched" and item["verdict"] == "fail"]
    reads = [entry.fact for entry in read(tmp_path / "run" / FILE_NAME) if type(entry.fact).__name__ == "BmcRead"]

    assert done.returncode == 1
    assert hosts_of(verdict) == {"node-0": "pass", "node-1": "fail", "node-2": "pass"}
    assert "Reset ForceRestart by this harness" in said[0]
    assert {fact.power for fact in reads if fact.host == "node-1"} == {"On"}


def test_an_ironic_that_is_left_running_fails_every_host(tmp_path):
    done = harness("run", "pivot_source_ironic_left", "--out", tmp_path / "run")

    assert done.returncode == 1
    assert set(hosts_of(verdict_of(tmp_path / "run")).values()) == {"fail"}


def test_a_target_that_is_cut_off_from_one_bmc_is_refused_with_cluster_host_and_layer(tmp_path):
    done = harness("run", "pivot_target_cut_off", "--out", tmp_path / "run")
    verdict = verdict_of(tmp_path / "run")
    said = [item for item in verdict["checks"] if item["verdict"] == "fail"]

    assert done.returncode == 1
    assert [(item["check"], item["host"]) for item in said] == [("preflight_network", "node-1")]
    assert "the target does not reach the BMC of node-1 (" in said[0]["says"]
    assert not any(type(entry.fact).__name__ == "MoverStarted" for entry in read(tmp_path / "run" / FILE_NAME))


def test_bmcs_that_are_silent_for_the_whole_move_leave_it_unknown(tmp_path):
    done = harness("run", "pivot_bmc_silent", "--out", tmp_path / "run")

    assert done.returncode == 3
    assert set(hosts_of(verdict_of(tmp_path / "run")).values()) == {"unknown"}


@pytest.mark.slow
def test_a_pivot_and_the_pivot_back_pass(tmp_path):
    assert harness("run", "pivot_and_back", "--out", tmp_path / "run").returncode == 0


@pytest.mark.slow
def test_watches_that_are_cut_and_resume_lose_nothing(tmp_path):
    done = harness("run", "pivot_watch_cut", "--out", tmp_path / "run")
    lost = [entry for entry in read(tmp_path / "run" / FILE_NAME) if type(entry.fact).__name__ == "SightLost"]

    assert done.returncode == 0
    assert len(lost) > 10


@pytest.mark.slow
def test_other_sizes_and_seeds_give_the_same_verdict(tmp_path):
    (tmp_path / "lab.yaml").write_text("embedded: {hosts: 5, spares: 2, control_planes: 3, speed: 20, seed: 77}\n")
    done = harness("run", "pivot_status_lost", "--lab", tmp_path / "lab.yaml", "--out", tmp_path / "run")
    hosts = hosts_of(verdict_of(tmp_path / "run"))

    assert done.returncode == 1
    assert hosts == {f"node-{number}": "fail" if number == 3 else "pass" for number in range(5)}


def secrets_of(directory: Path) -> set[str]:
    """Every password and token of a lab that is running in this directory."""
    found = {json.loads(path.read_text())["password"] for path in directory.glob("*.secret")}
    for path in directory.glob("*.kubeconfig"):
        found |= {line.split(": ", 1)[1].strip() for line in path.read_text().splitlines() if "token:" in line}
    return found


@pytest.fixture
def lab(tmp_path) -> Iterator[Path]:
    """A lab that is kept running."""
    place = tmp_path / "lab"
    up = harness("lab", "up", "--dir", place, "--detach")
    assert up.returncode == 0, up.stderr
    yield place
    assert harness("lab", "down", place).returncode == 0


def test_no_secret_is_in_any_artefact_and_the_lab_is_gone_after_down(lab, tmp_path):
    done = harness("run", "--lab", lab / "lab.yaml", "--out", tmp_path / "run")
    secrets = secrets_of(lab)
    number = int((lab / "lab.pid").read_text())
    artefacts = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]

    assert done.returncode == 0
    assert len(secrets) >= 5
    assert not [(path.name, secret) for path in artefacts for secret in secrets if secret.encode() in path.read_bytes()]
    assert not [secret for secret in secrets if secret in done.stdout + done.stderr]
    assert is_lab(number)
    harness("lab", "down", lab)
    assert not is_lab(number)
    (lab / "lab.pid").write_text(f"{number}\n")


HOLD = """
steps:
  - stop_ironic: source
  - stop_bmo: source
  - settle: {for: 600s}
"""


def start_hold(lab: Path, tmp_path: Path) -> tuple[subprocess.Popen[bytes], Path]:
    """A run that has stopped Ironic and BMO of the source, and waits."""
    (tmp_path / "hold.yaml").write_text(HOLD)
    out = tmp_path / "run"
    command = [
        sys.executable,
        "-m",
        "harness",
        "run",
        str(tmp_path / "hold.yaml"),
        "--lab",
        str(lab / "lab.yaml"),
        "--out",
        str(out),
    ]
    with (tmp_path / "screen").open("wb") as screen:
        process = subprocess.Popen(command, cwd=ROOT, stdout=screen, stderr=screen)

    def settles() -> bool:
        assert process.poll() is None, (tmp_path / "screen").read_text()
        return any(getattr(entry.fact, "word", "") == "settle" for entry in journal_of(out))

    wait_until(settles, lambda: f"the step `settle`; on the screen: {(tmp_path / 'screen').read_text()}", 40)
    return process, out


def journal_of(out: Path) -> list[Any]:
    return list(read(out / FILE_NAME)) if (out / FILE_NAME).exists() else []


def replicas(lab: Path) -> dict[str, int]:
    """The wanted replicas in the source's namespace of the Baremetal Operator."""

    async def ask() -> dict[str, int]:
        async with open_cluster(lab / "source.kubeconfig") as cluster:
            listed = await cluster.list_all("/apis/apps/v1/namespaces/baremetal-operator-system/deployments")
        return {item["metadata"]["name"]: item["spec"]["replicas"] for item in listed}

    return asyncio.run(ask())


def test_ctrl_c_leaves_the_lab_as_it_was_found(lab, tmp_path):
    before = replicas(lab)
    process, out = start_hold(lab, tmp_path)
    assert set(replicas(lab).values()) == {0}
    process.send_signal(signal.SIGINT)

    assert process.wait(30) == 130
    assert replicas(lab) == before
    assert verdict_of(out)["verdict"] == "unknown"
    assert "Traceback" not in (tmp_path / "screen").read_text()


def test_what_a_killed_run_left_behind_is_undone_by_recover_and_only_once(lab, tmp_path):
    before = replicas(lab)
    process, out = start_hold(lab, tmp_path)
    process.kill()
    process.wait()
    assert set(replicas(lab).values()) == {0}
    judged = harness("judge", out)
    first, second = harness("recover", out), harness("recover", out)

    assert judged.returncode == 3
    assert replicas(lab) == before
    assert (first.returncode, second.returncode) == (0, 0)
    assert "undone: scale" in first.stdout
    assert "nothing to undo" in second.stdout


def test_an_embedded_lab_dies_with_a_harness_that_is_killed(tmp_path):
    out = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "run", "--out", str(out)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    children = wait_until(lambda: journal_of(out) and labs_of(process.pid), "a run with a lab", 40)
    process.kill()
    process.wait()
    wait_until(lambda: not any(is_lab(child) for child in children), "the end of the lab", 20)


def labs_of(parent: int) -> list[int]:
    """The lab processes that a process started."""
    try:
        text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    except OSError:
        return []
    return [int(number) for number in text.split() if is_lab(int(number))]


def test_a_cluster_that_is_not_there_is_a_broken_lab_and_named(lab, tmp_path):
    text = (lab / "target.kubeconfig").read_text()
    port = text.split("127.0.0.1:")[1].split()[0].strip('"')
    (lab / "target.kubeconfig").write_text(text.replace(f"127.0.0.1:{port}", "127.0.0.1:1"))
    done = harness("run", "--lab", lab / "lab.yaml", "--out", tmp_path / "run")

    assert done.returncode == 4, done.stderr
    assert "target" in done.stderr
    assert "127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_doctor_says_that_a_fresh_lab_is_fit_and_changes_nothing(lab):
    before = replicas(lab)
    done = harness("doctor", "--lab", lab / "lab.yaml")

    assert done.returncode == 0, done.stdout
    assert "both sides reach its BMC" in done.stdout
    assert "moves      4 BareMetalHost, 1 Cluster" in done.stdout
    assert "is lost" not in done.stdout
    assert replicas(lab) == before


def test_what_a_user_asked_and_no_move_carries_is_foretold_and_fails_its_host(lab, tmp_path):
    asyncio.run(ask(lab / "source.kubeconfig", "node-0"))
    doctor = harness("doctor", "--lab", lab / "lab.yaml")
    run = harness("run", "--lab", lab / "lab.yaml", "--out", tmp_path / "run")
    verdict = verdict_of(tmp_path / "run")

    assert (doctor.returncode, run.returncode) == (1, 1)
    assert "is lost    HostFirmwareSettings node-0: spec (settings) (cure: save it" in doctor.stdout
    assert [(item["check"], item["host"]) for item in verdict["checks"] if item["verdict"] != "pass"] == [
        ("objects_arrive", "node-0")
    ]
    assert [(loss["kind"], loss["host"]) for loss in verdict["carried"][0]["lost"]] == [("HostFirmwareSettings", "node-0")]
    assert "HostFirmwareSettings node-0: spec (settings) (cure" in (tmp_path / "run" / "report.html").read_text()


async def ask(kubeconfig: Path, host: str) -> None:
    """Ask for a setting of a host's firmware."""
    async with open_cluster(kubeconfig) as cluster:
        path = f"/apis/metal3.io/v1alpha1/namespaces/metal3/hostfirmwaresettings/{host}"
        await cluster.patch_merge(path, {"spec": {"settings": {"ProcTurboMode": "Disabled"}}})


def test_definitions_without_their_labels_are_found_before_anything_is_moved(lab, tmp_path):
    asyncio.run(strip(lab / "source.kubeconfig", "hardwaredata.metal3.io"))
    asyncio.run(strip(lab / "source.kubeconfig", "baremetalhosts.metal3.io"))
    doctor = harness("doctor", "--lab", lab / "lab.yaml")
    run = harness("run", "--lab", lab / "lab.yaml", "--out", tmp_path / "run")
    cure = (
        "kubectl label crd baremetalhosts.metal3.io clusterctl.cluster.x-k8s.io= clusterctl.cluster.x-k8s.io/move-hierarchy=",
        "kubectl label crd hardwaredata.metal3.io clusterctl.cluster.x-k8s.io=",
    )
    (said,) = [item for item in verdict_of(tmp_path / "run")["checks"] if item["verdict"] == "fail"]

    assert (doctor.returncode, run.returncode) == (1, 1)
    assert all("".join(text.split()) in "".join(doctor.stdout.split()) for text in cure), doctor.stdout
    assert said["check"] == "preflight_objects"
    assert all(text in said["says"] for text in cure)
    assert not any(type(entry.fact).__name__ == "MoverStarted" for entry in journal_of(tmp_path / "run"))


async def strip(kubeconfig: Path, definition: str) -> None:
    """Take clusterctl's labels from a definition."""
    labels = {f"clusterctl.cluster.x-k8s.io{end}": None for end in ("", "/move", "/move-hierarchy")}
    async with open_cluster(kubeconfig) as cluster:
        path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{definition}"
        await cluster.patch_merge(path, {"metadata": {"labels": labels}})


def test_a_witness_of_somebody_elses_pivot_passes_it_and_names_who_did_wrong(lab, tmp_path):
    watch = subprocess.Popen(
        [sys.executable, "-m", "harness", "watch", "--lab", str(lab / "lab.yaml"), "--out", str(tmp_path / "watched")],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    watched = tmp_path / "watched"
    wait_until(lambda: any(type(entry.fact).__name__ == "ProbeSeen" for entry in journal_of(watched)), "a probe", 40)
    done = harness("run", "--lab", lab / "lab.yaml", "--out", tmp_path / "run")
    watch.send_signal(signal.SIGINT)

    assert done.returncode == 0
    assert watch.wait(40) == 0
    assert hosts_of(verdict_of(tmp_path / "watched")) == {"node-0": "pass", "node-1": "pass", "node-2": "pass"}


@pytest.mark.xdist_group("runs")
def test_judging_again_writes_the_same_papers_and_the_certificate_is_verified(pivot):
    papers = ("verdict.json", "certificate.json", "junit.xml", "report.html", "sequence.md")
    before = {name: (pivot / name).read_bytes() for name in papers}
    assert harness("judge", pivot).returncode == 0
    assert {name: (pivot / name).read_bytes() for name in papers} == before
    done = harness("verify", pivot / "certificate.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "None of the 3 hosts that run something was power-cycled" in done.stdout


@pytest.mark.xdist_group("runs")
def test_a_pivot_states_what_was_seen_of_how_much(pivot):
    verdict = verdict_of(pivot)
    seen = verdict["coverage"]
    assert seen["kinds"] == {"carried": 29, "watched": 29, "not_watched": []}
    assert seen["objects"] == {"carried": 48, "arrived": 48}
    servers = [one for one in seen["witnesses"] if one["sight"] == "bmc_requests" and one["host"] in verdict["hosts"]]
    assert len(servers) == 3
    assert all(one["seen"] == one["needed"] > 0 for one in servers)


@pytest.mark.xdist_group("runs")
def test_the_run_recorded_its_own_verdict_in_memory_as_on_disk(pivot):
    entries = list(read(pivot / FILE_NAME))

    assert msgspec.json.decode(msgspec.json.encode(judge_entries(entries))) == verdict_of(pivot)
