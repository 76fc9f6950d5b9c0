"""A user's own BMO, CAPM3 and IPAM by path, without their manifests: asked for flags and webhooks, scaled, and pivoted with."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.kube.client import open_cluster
from harness.kube.errors import ClusterError
from tests.processes.marks import REAL_LAB
from tests.processes.own_managers import own_manager, webhook_server
from tests.processes.test_real_lab import harness, hosts_of, started_in
from tests.waiting import until

LAB = """
components: {{{more}}}
embedded: {{hosts: 3, spares: 1, speed: 5}}
"""
"""Everything else is ours: real ones read of it what no other part does."""
HOSTS = "/apis/metal3.io/v1alpha1/namespaces/metal3/baremetalhosts"
MACHINES = "/apis/infrastructure.cluster.x-k8s.io/{version}/namespaces/metal3/metal3machines"
OPERATOR = "/apis/apps/v1/namespaces/baremetal-operator-system/deployments/baremetal-operator-controller-manager"
VALIDATING = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"

pytestmark = REAL_LAB


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[Path]:
    """A lab that is up, with the user's managers in it."""
    directory = tmp_path_factory.mktemp("own")
    server = webhook_server(directory)
    more = "".join(f", {name}: {{path: {own_manager(directory, name, server)}}}" for name in ("bmo", "capm3", "ipam"))
    lab = directory / "lab.yaml"
    lab.write_text(LAB.format(more=more.replace(", ", "", 1)))
    up = harness("lab", "up", "--lab", lab, "--dir", directory / "lab", "--detach")
    assert up.returncode == 0, up.stderr
    yield directory / "lab"
    harness("lab", "down", directory / "lab")
    assert not started_in(directory / "lab")


async def refused(place: Path, side: str, path: str, body: dict) -> str:
    """What an API server refuses an object for, or nothing."""
    async with open_cluster(place / f"{side}.kubeconfig") as cluster:
        try:
            await cluster.create(path, body)
        except ClusterError as error:
            return str(error)
    return ""


async def ask(place: Path, side: str, path: str) -> dict:
    async with open_cluster(place / f"{side}.kubeconfig") as cluster:
        return await cluster.get_json(path)


def host(name: str, address: str) -> dict:
    spec = {"online": False, "bmc": {"address": address, "credentialsName": "x"}}
    return {"apiVersion": "metal3.io/v1alpha1", "kind": "BareMetalHost", "metadata": {"name": name}, "spec": spec}


def test_their_webhooks_judge_and_convert_where_they_run(place):
    wrong = host("wrong", "10.0.0.1")
    machine = {
        "apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2",
        "kind": "Metal3Machine",
        "metadata": {"name": "wrong"},
        "spec": {"image": {}},
    }
    converted = asyncio.run(ask(place, "source", MACHINES.format(version="v1beta1")))["items"][0]

    assert "BMC address 10.0.0.1 has no scheme" in asyncio.run(refused(place, "source", HOSTS, wrong))
    assert "an image without a url" in asyncio.run(refused(place, "source", MACHINES.format(version="v1beta2"), machine))
    assert converted["status"]["ready"]


def test_nothing_is_lost_by_a_writer_of_the_older_version(place):
    async def written() -> tuple[dict, dict]:
        old, new = (MACHINES.format(version=version) for version in ("v1beta1", "v1beta2"))
        async with open_cluster(place / "source.kubeconfig") as cluster:
            before = (await cluster.get_json(new))["items"][0]
            name = before["metadata"]["name"]
            await cluster.patch_merge(f"{old}/{name}", {"metadata": {"annotations": {"written": "as v1beta1"}}})
            return before, await cluster.get_json(f"{new}/{name}")

    before, after = asyncio.run(written())
    assert after["metadata"]["annotations"]["written"] == "as v1beta1"
    assert (after["spec"], after["status"]) == (before["spec"], before["status"])


def test_a_pivot_and_back_passes_with_them(place, tmp_path):
    done = harness("run", "pivot_and_back", "--lab", place / "lab.yaml", "--out", tmp_path / "run")
    policies = [hook["failurePolicy"] for hook in asyncio.run(ask(place, "source", f"{VALIDATING}/bmo"))["webhooks"]]

    assert done.returncode == 0, done.stdout + done.stderr
    assert hosts_of(tmp_path / "run") == {"node-0": "pass", "node-1": "pass", "node-2": "pass"}
    assert "let pass what bmo cannot judge" in (tmp_path / "run/journal.jsonl").read_text()
    assert set(policies) == {"Fail"}
    assert "is started again" not in (place / "processes/lab.log").read_text()


def test_an_operator_that_somebody_scales_away_leaves_its_webhooks_refusing(place):
    async def scale(replicas: int) -> None:
        async with open_cluster(place / "source.kubeconfig") as cluster:
            await cluster.patch_merge(OPERATOR, {"spec": {"replicas": replicas}})

            async def scaled() -> bool:
                return (await cluster.get_json(OPERATOR)).get("status", {}).get("readyReplicas", 0) == replicas

            await until(scaled, f"{replicas} replicas of the operator", 60)

    def running() -> int:
        return sum(b"/bmo\0" in Path(f"/proc/{number}/cmdline").read_bytes() for number in started_in(place))

    assert running() == 1  # the target's was stopped by the way back
    asyncio.run(scale(0))
    assert running() == 0
    assert "failed calling webhook" in asyncio.run(refused(place, "source", HOSTS, host("late", "ipmi://10.0.0.1")))
    asyncio.run(scale(1))
    assert "has no scheme" in asyncio.run(refused(place, "source", HOSTS, host("wrong", "10.0.0.1")))


def test_the_labs_log_names_no_secret(place):
    secret = json.loads((place / "ironic.secret").read_text())["password"]
    told = [path for path in place.rglob("*.log") if secret in path.read_text(errors="replace")]

    assert not told
