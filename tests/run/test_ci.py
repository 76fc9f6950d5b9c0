"""The stages of upstream's CI by the command line: from empty servers and a bare target to empty servers."""

import pytest

from harness.journal.facts import ObjectSeen, WriteIntended
from harness.journal.journal import FILE_NAME, read
from tests.run_on_lab import ROOT, RUN_SECONDS, run

LAB = ROOT / "labs" / "lab-ci.yaml"

pytestmark = [pytest.mark.timeout(3 * RUN_SECONDS)]


def created(out) -> list[str]:
    """What was created, in order."""
    facts = [entry.fact for entry in read(out / FILE_NAME)]
    return [fact.what for fact in facts if isinstance(fact, WriteIntended) and fact.what.startswith(("create", "label"))]


def test_the_integration_job_goes_through_all_its_stages_on_a_bare_target(tmp_path):
    done = run("ci_integration", LAB, tmp_path / "run", 2 * RUN_SECONDS)
    said = created(tmp_path / "run")

    assert (done.code, done.hosts) == (0, {"node-0": "pass", "node-1": "pass"}), done.output
    assert said.index("create Provider cluster-api") < said.index("create Deployment baremetal-operator-controller-manager")
    assert said[-2].startswith("label definition hardwaredata.metal3.io with clusterctl.cluster.x-k8s.io, ")
    assert said[-1] == "create Deployment ironic"
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
        "embedded: {hosts: 4, spares: 1, control_planes: 3, provisioned: false, speed: 20, seed: 1}\n"
    )
    done = run("ci_integration", tmp_path / "lab.yaml", tmp_path / "run", 3 * RUN_SECONDS)

    assert (done.code, set(done.hosts.values())) == (0, {"pass"}), done.output
    assert not [what for what in created(tmp_path / "run") if what.startswith(("create Provider", "create Deployment"))]


@pytest.mark.slow
def test_an_init_that_does_not_end_is_taken_back(tmp_path):
    (tmp_path / "story.yaml").write_text("steps:\n  - init: {cluster: target}\n    within: 1s\n")
    done = run(str(tmp_path / "story.yaml"), LAB, tmp_path / "run")

    assert done.code in (1, 3), done.output
    assert "took longer than its limit of 1 s" in done.output
