"""The stages of provisioning and deprovisioning: what belongs to each, and what is refused before anything is done."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.errors import UndoError, UsageError
from harness.kube.errors import ClusterEndpoint, ClusterError
from harness.lab.manifests import Manifest, manifests_of, of_stage
from harness.lab.model import ClusterAccess, Clusters, Lab, Manifests
from harness.metal3 import CLUSTER_NAME, CONTROL_PLANE
from harness.steps import deprovision_cluster, provision, provision_cluster, provision_control_plane, provision_worker
from tests.checks.history import Story

CAPI = "cluster.x-k8s.io/v1beta2"
INFRASTRUCTURE = "infrastructure.cluster.x-k8s.io/v1beta2"
HOSTS = """
{apiVersion: metal3.io/v1alpha1, kind: BareMetalHost, metadata: {name: node-1}, spec: {bmc: {credentialsName: node-1-bmc}}}
---
{apiVersion: metal3.io/v1alpha1, kind: BareMetalHost, metadata: {name: node-2}}
---
{apiVersion: v1, kind: Secret, metadata: {name: node-1-bmc}}
"""
PLANE = f"""
apiVersion: controlplane.cluster.x-k8s.io/v1beta2
kind: KubeadmControlPlane
metadata: {{name: lab}}
spec: {{replicas: 1, machineTemplate: {{spec: {{infrastructureRef: {{kind: Metal3MachineTemplate, name: lab-cp}}}}}}}}
---
{{apiVersion: {INFRASTRUCTURE}, kind: Metal3MachineTemplate, metadata: {{name: lab-cp}},
  spec: {{template: {{spec: {{dataTemplate: {{name: lab-cp-data}}}}}}}}}}
---
{{apiVersion: {INFRASTRUCTURE}, kind: Metal3DataTemplate, metadata: {{name: lab-cp-data}}, spec: {{pool: pool}}}}
"""
CLUSTER = f"""
apiVersion: {CAPI}
kind: Cluster
metadata: {{name: lab}}
spec: {{infrastructureRef: {{kind: Metal3Cluster, name: lab}}, controlPlaneRef: {{kind: KubeadmControlPlane, name: lab}}}}
---
{{apiVersion: {INFRASTRUCTURE}, kind: Metal3Cluster, metadata: {{name: lab}}}}
---
{{apiVersion: ipam.metal3.io/v1alpha1, kind: IPPool, metadata: {{name: pool}}}}
---
{PLANE}
---
apiVersion: {CAPI}
kind: MachineDeployment
metadata: {{name: lab-md}}
spec:
  replicas: 1
  template: {{spec: {{infrastructureRef: {{name: lab-worker}}, bootstrap: {{dataSecretName: boot}}}}}}
---
{{apiVersion: {INFRASTRUCTURE}, kind: Metal3MachineTemplate, metadata: {{name: lab-worker}}, spec: {{pool: pool}}}}
---
{{apiVersion: v1, kind: Secret, metadata: {{name: boot}}}}
"""


def bench(place: Path, story: Story | None = None, *, cluster: str = CLUSTER) -> Any:
    (place / "hosts.yaml").write_text(HOSTS)
    (place / "cluster.yaml").write_text(cluster)
    access = ClusterAccess(place / "kubeconfig", namespace="metal3")
    manifests = Manifests(place / "hosts.yaml", place / "cluster.yaml")
    lab = Lab(name="lab", path=place / "lab.yaml", clusters=Clusters(access, access), manifests=manifests)
    return SimpleNamespace(lab=lab, world=(story or Story()).world(final=False))


def names(manifests: list[Manifest]) -> list[str]:
    return [str(each) for each in manifests]


def test_each_stage_takes_along_what_nothing_else_names(tmp_path):
    listed = manifests_of(bench(tmp_path).lab)

    assert names(of_stage(listed, "cluster")) == [
        *("BareMetalHost node-1", "BareMetalHost node-2", "Secret node-1-bmc", "Cluster lab", "Metal3Cluster lab", "IPPool pool")
    ]
    planes = ["KubeadmControlPlane lab", "Metal3MachineTemplate lab-cp", "Metal3DataTemplate lab-cp-data"]
    assert names(of_stage(listed, "control_plane")) == planes
    assert names(of_stage(listed, "worker")) == ["MachineDeployment lab-md", "Metal3MachineTemplate lab-worker", "Secret boot"]


def test_a_manifest_without_a_control_plane_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"cluster\.yaml: there is no control plane in it, .*name a KubeadmControlPlane"):
        provision.written(bench(tmp_path, cluster=CLUSTER.replace(PLANE, "")))


def test_more_machines_than_servers_are_refused_at_the_first_stage_and_at_each(tmp_path):
    wants = bench(tmp_path, cluster=CLUSTER.replace("replicas: 1\n", "replicas: 3\n"))
    listed = provision.written(wants)
    says = r"too few servers in the source: 4 Machines are wanted, and 2 are free \(node-1, node-2\); name more hosts"
    with pytest.raises(UsageError, match=says):
        provision.refuse_without_servers(wants, "source", listed, ("cluster",))
    with pytest.raises(UsageError, match=r"3 Machines are wanted, and 0 are free \(none\)"):
        provision.refuse_without_servers(wants, "source", listed, ("worker",))


def has_cluster(*, initialized: bool = True, side: str = "source") -> Story:
    story = Story()
    said = [{"type": "ControlPlaneInitialized", "status": str(initialized)}]
    story.object(side, "Cluster", "lab", {"status": {"conditions": said}})
    return story


async def test_a_stage_before_the_one_that_it_needs_is_refused(tmp_path):
    nothing, plane_less = bench(tmp_path), bench(tmp_path, has_cluster(initialized=False))
    for step in (provision_control_plane.step, provision_worker.step):
        with pytest.raises(UsageError, match="there is no Cluster lab in the source; the step `provision_cluster` comes first"):
            await step(nothing)
    with pytest.raises(UsageError, match="no control plane yet that a worker could join; `provision_control_plane` comes first"):
        await provision_worker.step(plane_less)


async def test_a_stage_in_the_other_cluster_than_the_one_that_has_it_is_refused(tmp_path):
    story = has_cluster()
    story.host("node-1")
    made = bench(tmp_path, story)
    with pytest.raises(UsageError, match="there is no Cluster lab in the target; it is in the source: name that"):
        await provision_worker.step(made, cluster="target")
    says = r"BareMetalHost node-1, Cluster lab: in the source already, and servers would have two owners; go on in the source"
    with pytest.raises(UsageError, match=says):
        await provision_cluster.step(made, cluster="target")


def lives(story: Story, kind: str, name: str, *, plane: bool = False, owner: str = "") -> None:
    labels = {CLUSTER_NAME: "lab", **({CONTROL_PLANE: ""} if plane else {})}
    owners = [{"kind": owner, "name": "x"}] if owner else []
    story.object("source", kind, name, {"metadata": {"name": name, "labels": labels, "ownerReferences": owners}})


async def test_a_stage_asked_twice_out_of_order_or_in_the_wrong_cluster_is_refused(tmp_path):
    story = has_cluster()
    lives(story, "Machine", "lab-cp-0", plane=True)
    with pytest.raises(
        UsageError, match="Cluster lab has no workers in the source, or none any more; this stage is done already"
    ):
        await deprovision_cluster.deprovision(bench(tmp_path, story), "source", "worker")
    lives(story, "MachineDeployment", "lab-md")
    lives(story, "MachineSet", "lab-md-x", owner="MachineDeployment")
    with pytest.raises(UsageError, match=r"still has its workers \(lab-md\); `deprovision_worker` comes first"):
        await deprovision_cluster.deprovision(bench(tmp_path, story), "source", "control_plane")
    with pytest.raises(UsageError, match=r"it is in the source \(lab\): move it back first"):
        await deprovision_cluster.deprovision(bench(tmp_path, story), "target", "cluster")
    with pytest.raises(UsageError, match="no Cluster in the source that could be deprovisioned; it is gone already"):
        await deprovision_cluster.deprovision(bench(tmp_path), "source", "cluster")


async def test_a_deletion_that_was_broken_off_is_told_and_not_taken_back():
    undo = deprovision_cluster.MadeAgain(what="Cluster lab")
    assert undo.touches_no_owner
    with pytest.raises(UndoError, match="Cluster lab was being deleted when the run ended, and cannot be brought back"):
        await undo.undo(SimpleNamespace())  # type: ignore[arg-type]


async def test_a_cluster_is_not_deprovisioned_from_within_itself(tmp_path):
    story = Story()
    story.object("target", "Cluster", "lab", {"spec": {"controlPlaneEndpoint": {"host": "10.0.0.9", "port": 6443}}})
    lives(story, "Machine", "lab-cp", plane=True)
    made = bench(tmp_path, story)
    place = ClusterEndpoint("target", tmp_path / "kubeconfig", "https://10.0.0.9:6443")
    made.namespace, made.clusters, made.ask = "metal3", {"target": SimpleNamespace(place=place, get_json=nothing_there)}, awaited

    with pytest.raises(
        UsageError, match=r"the target is Cluster lab itself, and cannot deprovision itself: .* to the source first"
    ):
        await deprovision_cluster.seen_off(made, "target", "lab")


async def nothing_there(path: str) -> Any:
    raise ClusterError(ClusterEndpoint("target", Path()), f"no {path}", status=404)


async def awaited(call: Any) -> Any:
    return await call
