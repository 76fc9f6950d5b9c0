"""Whole labs of real components by the command line: where they were built, they must do what the embedded lab does."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.kube.client import open_cluster
from harness.kube.errors import ClusterError
from harness.lab.versions import pinned
from harness.processes.parts.ironic_start import image_maker
from harness.processes.programs import build, ironic
from tests.processes.marks import REAL_LAB, RUN_SECONDS
from tests.processes.small_programs import program, python_program
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
LAB = """
components: {{capi: pinned{more}}}
embedded: {{hosts: 3, spares: 1, speed: 5}}
"""

pytestmark = REAL_LAB


def harness(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harness", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)


def lab_file(directory: Path, more: str = "") -> Path:
    path = directory / "lab.yaml"
    path.write_text(LAB.format(more=more))
    return path


def hosts_of(directory: Path) -> dict[str, str]:
    verdict = json.loads((directory / "verdict.json").read_text())
    return {name: host["verdict"] for name, host in verdict["hosts"].items()}


def started_in(place: Path) -> set[int]:
    """The processes that have a lab's directory in their command line."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(place).encode() in path.read_bytes():
                found.add(int(path.parent.name))
        except OSError:
            continue
    return found - {os.getpid()}


def until_gone(place: Path) -> None:
    wait_until(lambda: not started_in(place), lambda: f"the end of {started_in(place)}", 20)


def test_a_good_pivot_passes_by_the_real_clusterctl_and_cluster_api(tmp_path):
    done = harness("run", "pivot", "--lab", lab_file(tmp_path), "--out", tmp_path / "run")

    assert done.returncode == 0, done.stdout + done.stderr
    assert hosts_of(tmp_path / "run") == {"node-0": "pass", "node-1": "pass", "node-2": "pass"}
    assert (
        "Starting move..." in (tmp_path / "run/logs/clusterctl.log").read_text()
        or (tmp_path / "run/logs/clusterctl.log").exists()
    )


def test_a_host_whose_status_gets_lost_is_found_and_named(tmp_path):
    done = harness("run", "pivot_status_lost", "--lab", lab_file(tmp_path), "--out", tmp_path / "run")

    assert done.returncode == 1, done.stdout + done.stderr
    assert hosts_of(tmp_path / "run") == {"node-0": "pass", "node-1": "fail", "node-2": "pass"}


@pytest.mark.skipif(not (ironic.is_installed(build.kept()) and image_maker()), reason="Ironic is not installed, or mkisofs")
def test_a_real_ironic_does_to_every_host_what_was_recorded(tmp_path):
    done = harness("run", "pivot", "--lab", lab_file(tmp_path, ", ironic: pinned"), "--out", tmp_path / "run")
    compared = harness("compare", "tests/recordings/b-good-pivot", tmp_path / "run").stdout

    assert done.returncode == 0, done.stdout + done.stderr
    assert "spare 1  host3 | node-3: as the reference" in compared, compared  # inspected by the agent that it booted


@pytest.mark.skipif(not (ironic.is_installed(build.kept()) and image_maker()), reason="Ironic is not installed, or mkisofs")
def test_a_cluster_is_provisioned_from_zero_by_real_cluster_api_and_ironic_and_moved(tmp_path):
    lab = lab_file(tmp_path, ", ironic: pinned")
    lab.write_text(lab.read_text().replace("speed: 5", "speed: 1, provisioned: false"))
    done = harness("run", "provision_and_pivot", "--lab", lab, "--out", tmp_path / "run")
    zero, good = (
        harness("compare", f"tests/recordings/{name}", tmp_path / "run", "--move-b", number).stdout
        for name, number in (("a-provision", "1"), ("b-good-pivot", "2"))
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert hosts_of(tmp_path / "run") == {"node-0": "pass", "node-1": "pass", "node-2": "pass"}
    assert "no new difference" in zero, zero
    assert "no new difference" in good, good


@pytest.fixture
def up(tmp_path) -> Iterator[Path]:
    place = tmp_path / "lab"
    done = harness("lab", "up", "--lab", lab_file(tmp_path), "--dir", place, "--detach")
    assert done.returncode == 0, done.stdout + done.stderr
    yield place
    harness("lab", "down", place)
    assert not started_in(place)


def test_nothing_is_left_when_what_runs_the_lab_is_killed(up):
    assert len(started_in(up)) >= 11
    os.kill(int((up / "lab.pid").read_text()), signal.SIGKILL)

    until_gone(up)
    assert harness("lab", "down", up).returncode == 0


def test_a_component_that_is_killed_ends_the_lab_and_is_named(up):
    store = next(number for number in started_in(up) if b"etcd\0--name=target" in Path(f"/proc/{number}/cmdline").read_bytes())
    os.kill(store, signal.SIGKILL)

    until_gone(up)
    assert "etcd-target was ended by signal 9; its last words" in (up / "lab.log").read_text()


def test_nothing_is_left_of_a_run_that_is_killed(tmp_path):
    command = [sys.executable, "-m", "harness", "run", "pivot", "--lab", lab_file(tmp_path), "--out", tmp_path / "run"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    log = tmp_path / "run/logs/processes/kube-apiserver-source.log"
    wait_until(lambda: log.exists() and log.read_text(), "the log of an API server", 120)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    words = [Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0") for child in children]
    place = next(Path(line[line.index(b"--dir") + 1].decode()) for line in words if b"harness.processes" in line)
    assert started_in(place)
    process.kill()
    process.wait()

    until_gone(place)
    assert not place.exists()


def test_a_manager_that_dies_at_start_is_named_with_its_last_words(tmp_path):
    says = 'case "$1" in --help) echo "  -health-addr string"; exit 0;; esac; echo "no IRONIC_ENDPOINT for me" >&2; exit 1'
    lab = lab_file(tmp_path, f", bmo: {{path: {program(tmp_path, 'operator', says)}}}")
    done = harness("lab", "up", "--lab", lab, "--dir", tmp_path / "lab", "--detach")

    assert done.returncode == 4
    assert "bmo ended with exit code 1; its last words" in done.stderr
    assert "no IRONIC_ENDPOINT for me" in done.stderr
    assert not started_in(tmp_path / "lab")


def test_a_server_that_dies_at_start_is_named_with_its_last_words(tmp_path):
    more = f", etcd: {{path: {build.program(pinned('etcd'))}, flags: [--no-such-flag]}}"
    began = time.monotonic()
    done = harness("lab", "up", "--lab", lab_file(tmp_path, more), "--dir", tmp_path / "lab", "--detach")

    assert done.returncode == 4
    assert "etcd-" in done.stderr
    assert "no-such-flag" in done.stderr
    assert time.monotonic() - began < 20
    assert not started_in(tmp_path / "lab")


OPERATOR = """
import http.server, json, os, ssl, sys, threading
if "--help" in sys.argv:
    sys.exit("  -health-addr string\\n  -webhook-port int\\n  -kubeconfig string")
flags = dict(each.lstrip("-").split("=", 1) for each in sys.argv[1:])

class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = review["request"]["name"]
        answer = {"uid": review["request"]["uid"], "allowed": name != "forbidden", "status": {"message": "says the operator"}}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({**review, "response": answer}).encode())

host, port = flags["health-addr"].rsplit(":", 1)
hooks = http.server.ThreadingHTTPServer(("", int(flags["webhook-port"])), Answers)
trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
place = os.environ["TMPDIR"] + "/k8s-webhook-server/serving-certs/tls."
trust.load_cert_chain(place + "crt", place + "key")
hooks.socket = trust.wrap_socket(hooks.socket, server_side=True)
threading.Thread(target=hooks.serve_forever, daemon=True).start()
http.server.ThreadingHTTPServer((host, int(port)), Answers).serve_forever()
"""
WEBHOOKS = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: validating-webhook-configuration}
webhooks:
- admissionReviewVersions: [v1]
  clientConfig: {service: {name: webhook-service, namespace: system, path: /validate}}
  failurePolicy: Fail
  name: baremetalhost.metal3.io
  rules: [{apiGroups: [metal3.io], apiVersions: [v1alpha1], operations: [CREATE], resources: [baremetalhosts]}]
  sideEffects: None
"""


def test_a_users_operator_by_path_is_started_and_its_webhooks_are_called(tmp_path):
    operator = python_program(tmp_path, "operator", OPERATOR)
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/webhooks.yaml").write_text(WEBHOOKS)
    lab = lab_file(tmp_path, f", bmo: {{path: {operator}, manifests: manifests}}")
    place = tmp_path / "lab"
    up = harness("lab", "up", "--lab", lab, "--dir", place, "--detach")
    try:
        assert up.returncode == 0, up.stderr
        assert asyncio.run(created(place / "source.kubeconfig", "welcome")) == ""
        assert "says the operator" in asyncio.run(created(place / "source.kubeconfig", "forbidden"))
        assert asyncio.run(created(place / "target.kubeconfig", "forbidden")) == ""  # there it has no replica yet
    finally:
        assert harness("lab", "down", place).returncode == 0


async def created(kubeconfig: Path, name: str) -> str:
    """Create a host; what the server refuses it for, or nothing."""
    host = {"apiVersion": "metal3.io/v1alpha1", "kind": "BareMetalHost", "metadata": {"name": name}, "spec": {"online": False}}
    async with open_cluster(kubeconfig) as cluster:
        try:
            await cluster.create("/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts", host)
        except ClusterError as error:
            return str(error)
    return ""
