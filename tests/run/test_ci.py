"""The stages of upstream's CI by the command line: from empty servers to empty servers, by way of the cluster that is made of them."""

import pytest

from harness.journal.facts import ObjectSeen, SightEnded, SightLost, WriteIntended
from harness.journal.journal import FILE_NAME, read
from tests.run_on_lab import ROOT, RUN_SECONDS, run

LAB = ROOT / "labs" / "lab-ci.yaml"

pytestmark = [pytest.mark.timeout(3 * RUN_SECONDS)]


def created(out) -> list[str]:
    """What was created, in order."""
    facts = [entry.fact for entry in read(out / FILE_NAME)]
    return [fact.what for fact in facts if isinstance(fact, WriteIntended) and fact.what.startswith(("create", "label"))]


def ends(out) -> dict[bool, set[str]]:
    """Why the watches of the target and of the Nodes ended, by whether nothing was missed."""
    found: dict[bool, set[str]] = {}
    for entry in read(out / FILE_NAME):
        fact = entry.fact
        if isinstance(fact, SightEnded) and fact.sight == "kube" and fact.cluster in ("target", "workload"):
            found.setdefault(fact.complete, set()).add(fact.says)
    return found


def story(place, before: str, after: str):
    """The scenario with something else in one of its places."""
    text = (ROOT / "scenarios" / "ci_integration.yaml").read_text()
    assert text.count(before) == 1
    path = place / "story.yaml"
    path.write_text(text.replace(before, after))
    return path


MOVE = "  - move: {origin: source, destination: target}\n    within: 30m\n"


@pytest.mark.slow
@pytest.mark.parametrize("host", ["node-0", "node-1"])
def test_a_reset_in_the_pivot_is_told_of_its_host_and_the_next_stage_is_refused(tmp_path, host):
    """Of the only control plane too: the API server of the target is away while it boots, and tells afterwards what happened."""
    stages = MOVE.replace("  ", "      ", 1).replace("\n    ", "\n        ")
    reset = f"  - under: {{third_party_reset: {{host: {host}, type: ForceRestart, when: create}}}}\n    steps:\n{stages}"
    done = run(str(story(tmp_path, MOVE, reset)), LAB, tmp_path / "run", 2 * RUN_SECONDS)

    assert done.code == 1, done.output
    assert done.hosts == {"node-0": "pass", "node-1": "pass"} | {host: "fail"}
    assert "Reset ForceRestart by this harness" in done.said("bmc_untouched", host)


@pytest.mark.slow
def test_an_api_server_that_ends_before_its_control_plane_is_deprovisioned_is_a_lost_sight(tmp_path):
    off = "  - reset: {host: node-0, type: ForceOff}\n  - deprovision_worker\n"
    done = run(str(story(tmp_path, "  - deprovision_worker\n", off)), LAB, tmp_path / "run", 2 * RUN_SECONDS)
    lost = [each.fact for each in read(tmp_path / "run" / FILE_NAME) if isinstance(each.fact, SightLost) and each.at > 20]

    assert done.code == 1, done.output
    assert done.hosts["node-0"] == "fail"
    assert done.hosts["node-1"] != "fail"
    assert {"target", "workload"} <= {fact.cluster for fact in lost}


@pytest.mark.slow
def test_the_integration_job_goes_through_all_its_stages_on_a_bare_target(tmp_path):
    done = run("ci_integration", LAB, tmp_path / "run", 2 * RUN_SECONDS)
    said = created(tmp_path / "run")

    assert (done.code, done.hosts) == (0, {"node-0": "pass", "node-1": "pass"}), done.output
    assert said.index("create Provider cluster-api") < said.index("create Deployment baremetal-operator-controller-manager")
    assert said[-2].startswith("label definition hardwaredata.metal3.io with clusterctl.cluster.x-k8s.io, ")
    assert said[-1] == "create Deployment ironic"
    assert set(ends(tmp_path / "run")) == {True}
    assert all("is deprovisioned now, and this API server ends with it" in says for says in ends(tmp_path / "run")[True])
    assert "create KubeadmControlPlane lab-cp" in said
    kinds = {
        (fact.cluster, fact.kind) for entry in read(tmp_path / "run" / FILE_NAME) if isinstance(fact := entry.fact, ObjectSeen)
    }
    assert {("target", kind) for kind in ("KubeadmControlPlane", "KubeadmConfig", "KubeadmConfigTemplate")} <= kinds


@pytest.mark.slow
def test_the_feature_test_job_goes_through_all_its_stages_on_a_bare_target(tmp_path):
    done = run("ci_feature_test", ROOT / "labs" / "lab-ci-feature.yaml", tmp_path / "run", 3 * RUN_SECONDS)

    assert (done.code, set(done.hosts.values())) == (0, {"pass"}), done.output
    assert len(done.hosts) == 4


@pytest.mark.slow
def test_a_target_that_is_a_management_cluster_already_stays_one(tmp_path):
    (tmp_path / "lab.yaml").write_text(
        "embedded: {hosts: 4, spares: 1, control_planes: 3, provisioned: false, target: other, speed: 20, seed: 1}\n"
    )
    done = run("ci_integration", tmp_path / "lab.yaml", tmp_path / "run", 3 * RUN_SECONDS)

    assert (done.code, set(done.hosts.values())) == (0, {"pass"}), done.output
    assert not [what for what in created(tmp_path / "run") if what.startswith(("create Provider", "create Deployment"))]


@pytest.mark.slow
def test_an_init_that_does_not_end_is_taken_back(tmp_path):
    (tmp_path / "story.yaml").write_text("steps:\n  - init: {cluster: target}\n    within: 1s\n")
    (tmp_path / "lab.yaml").write_text("embedded: {hosts: 1, provisioned: false, target: other, initialized: false}\n")
    done = run(str(tmp_path / "story.yaml"), tmp_path / "lab.yaml", tmp_path / "run")

    assert done.code in (1, 3), done.output
    assert "took longer than its limit of 1 s" in done.output


WHOLE = "embedded: {hosts: 4, spares: 1, control_planes: 3, provisioned: false, speed: 20, seed: 1}\n"
UPGRADE = "  - upgrade: {cluster: target}\n    within: 90m\n"


@pytest.mark.slow
def test_the_feature_test_job_with_an_upgrade_replaces_every_machine_and_harms_no_server(tmp_path):
    (tmp_path / "lab.yaml").write_text(WHOLE)
    done = run("ci_feature_test_upgrade", tmp_path / "lab.yaml", tmp_path / "run", 3 * RUN_SECONDS)
    facts = [entry.fact for entry in read(tmp_path / "run" / FILE_NAME)]
    machines = {
        fact.name for fact in facts if isinstance(fact, ObjectSeen) and (fact.cluster, fact.kind) == ("target", "Machine")
    }

    assert (done.code, set(done.hosts.values())) == (0, {"pass"}), done.output
    assert len(done.hosts) == 5
    assert len(machines) == 8
    assert len(done.verdict["moves"]) == 2
    assert [item["verdict"] for item in done.verdict["checks"] if item["check"] == "rolled_out"] == ["pass"]
    assert "between them a rollout replaced 4 Machines, as was asked" in done.verdict["headline"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("story", "host"),
    [
        (UPGRADE + "  - reset: {host: node-4}\n", "node-4"),
        ("  - together:\n      - upgrade: {cluster: target}\n        within: 90m\n      - reset: {host: node-3}\n", "node-3"),
    ],
    ids=["of a new host after it", "of a host that is not taken yet"],
)
def test_a_reset_beside_an_upgrade_is_found_on_its_host(tmp_path, story, host):
    (tmp_path / "lab.yaml").write_text(WHOLE)
    text = (ROOT / "scenarios" / "ci_feature_test_upgrade.yaml").read_text()
    assert UPGRADE in text
    (tmp_path / "story.yaml").write_text(text.replace(UPGRADE, story))
    done = run(str(tmp_path / "story.yaml"), tmp_path / "lab.yaml", tmp_path / "run", 3 * RUN_SECONDS)

    assert done.code == 1, done.output
    assert {item["host"] for item in done.verdict["checks"] if item["verdict"] == "fail"} - {None} == {host}
