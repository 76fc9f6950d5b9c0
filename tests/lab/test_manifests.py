"""Manifests of a Cluster to come: what is read of them, and how mistakes are told."""

import base64
from pathlib import Path

import pytest

from bmc.model import Credentials
from harness.files.problems import BadFilesError
from harness.lab.discovery import bmc_accesses, image_urls
from harness.lab.manifests import hosts_in, images_in, machines_wanted, manifests_of, secret_in
from harness.lab.model import ClusterAccess, Clusters, Lab, Manifests

pytestmark = pytest.mark.dated

HOSTS = f"""
apiVersion: v1
kind: Secret
metadata: {{name: node-1-bmc}}
data: {{username: {base64.b64encode(b"admin").decode()}, password: {base64.b64encode(b"hunter2hunter2").decode()}}}
---
apiVersion: metal3.io/v1alpha1
kind: BareMetalHost
metadata: {{name: node-1, namespace: metal3, creationTimestamp: 2026-01-02T03:04:05Z}}
spec: {{bmc: {{address: "redfish://10.0.0.1/redfish/v1/Systems/1", credentialsName: node-1-bmc}}}}
---
"""
CLUSTER = """
apiVersion: v1
kind: List
items:
  - {apiVersion: cluster.x-k8s.io/v1beta2, kind: Cluster, metadata: {name: lab}}
  - {apiVersion: cluster.x-k8s.io/v1beta2, kind: Machine, metadata: {name: cp}}
  - {apiVersion: cluster.x-k8s.io/v1beta2, kind: MachineDeployment, metadata: {name: md}, spec: {replicas: 2}}
  - {apiVersion: controlplane.cluster.x-k8s.io/v1beta2, kind: KubeadmControlPlane, metadata: {name: kcp}, spec: {}}
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta2
kind: Metal3MachineTemplate
metadata: {name: worker}
spec: {template: {spec: &worker {image: {url: "http://images/os", checksum: "http://images/os.sum"}}}}
---
apiVersion: infrastructure.cluster.x-k8s.io/v1beta2
kind: Metal3Machine
metadata: {name: cp}
spec: {image: {url: "http://images/cp", checksum: abc}}
"""


def lab_with(tmp_path: Path, hosts: str = HOSTS, cluster: str = CLUSTER) -> Lab:
    (tmp_path / "hosts.yaml").write_text(hosts)
    (tmp_path / "cluster.yaml").write_text(cluster)
    access = ClusterAccess(tmp_path / "kubeconfig", namespace="metal3")
    return Lab(
        name="lab",
        path=tmp_path / "lab.yaml",
        clusters=Clusters(access, access),
        manifests=Manifests(tmp_path / "hosts.yaml", tmp_path / "cluster.yaml"),
    )


def test_objects_are_read_in_order_lists_and_empty_documents_too(tmp_path):
    found = manifests_of(lab_with(tmp_path))

    assert list(map(str, found)) == [
        "Secret node-1-bmc",
        "BareMetalHost node-1",
        "Cluster lab",
        "Machine cp",
        "MachineDeployment md",
        "KubeadmControlPlane kcp",
        "Metal3MachineTemplate worker",
        "Metal3Machine cp",
    ]
    assert [(each.group, each.version) for each in found[:3]] == [
        ("", "v1"),
        ("metal3.io", "v1alpha1"),
        ("cluster.x-k8s.io", "v1beta2"),
    ]
    assert {each.body["metadata"]["namespace"] for each in found} == {"metal3"}
    assert found[1].body["metadata"]["creationTimestamp"] == "2026-01-02T03:04:05Z"


def test_what_they_tell_beforehand(tmp_path):
    found = manifests_of(lab_with(tmp_path))

    assert [each.name for each in hosts_in(found)] == ["node-1"]
    assert machines_wanted(found) == 1 + 2 + 1
    assert [image["url"] for image in images_in(found)] == ["http://images/os", "http://images/cp"]
    assert secret_in(found, "node-1-bmc") == {"username": "admin", "password": "hunter2hunter2"}
    assert secret_in(found, "other") == {}


class NoHosts:
    """A cluster in which nothing is."""

    async def list_all(self, _: str) -> list[object]:
        return []


async def test_bmcs_and_images_of_a_cluster_to_come_are_known_before_it_is_there(tmp_path):
    lab, nothing = lab_with(tmp_path), {"source": NoHosts(), "target": NoHosts()}
    bmcs = await bmc_accesses(lab, nothing, "metal3")

    assert bmcs["node-1"].address == "redfish://10.0.0.1/redfish/v1/Systems/1"
    assert bmcs["node-1"].credentials == Credentials("admin", "hunter2hunter2")
    assert await image_urls(lab, nothing, "metal3") == {"http://images/os": "http://images/os.sum", "http://images/cp": ""}


def test_a_lab_without_manifests_has_none(tmp_path):
    access = ClusterAccess(tmp_path / "kubeconfig")
    assert manifests_of(Lab(name="lab", path=tmp_path, clusters=Clusters(access, access))) == ()


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("{kind: Secret, metadata: {name: a}}", 1, "this is no object of Kubernetes"),
        ("---\n---\n{apiVersion: v1, kind: Secret, metadata: {}}", 3, "this is no object of Kubernetes"),
        ("just words", 1, "this is no object of Kubernetes"),
        ("{apiVersion: v1, kind: Secret, metadata: {name: 7}}", 1, "this is no object of Kubernetes"),
        ("{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: b}}", 1, "Secret a is in the namespace b"),
        ("apiVersion: v1\nkind: Secret\n  password: hunter2", 3, "a `:` stands where no key can be"),
        ("password: hunter2\nx: !!python/object:a.b {}", 2, "could not determine a constructor"),
        ("password: hunter2\x00", 1, "this is not text"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_without_what_may_be_a_secret(tmp_path, text, line, cause):
    with pytest.raises(BadFilesError) as raised:
        manifests_of(lab_with(tmp_path, hosts=text))
    (problem,) = raised.value.problems

    assert cause in problem.cause
    assert problem.place.line == line
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "body", ["spec: text", "spec: {replicas: two, image: text, bmc: 1}", "data: text", "data: {a: 7, b: [1]}"]
)
def test_an_odd_object_is_for_its_cluster_to_refuse(tmp_path, body):
    kinds = ("Secret", "BareMetalHost", "MachineDeployment", "Metal3MachineTemplate", "Metal3Machine")
    text = "".join(f"---\napiVersion: v1\nkind: {kind}\nmetadata: {{name: a}}\n{body}\n" for kind in kinds)
    found = manifests_of(lab_with(tmp_path, hosts=text, cluster=""))

    assert (len(found), machines_wanted(found), images_in(found), secret_in(found, "a")) == (5, 1, [], {})


def test_mistakes_of_both_files_are_told_at_once(tmp_path):
    with pytest.raises(BadFilesError) as raised:
        manifests_of(lab_with(tmp_path, hosts="1", cluster="2"))

    assert [Path(problem.place.source.name).name for problem in raised.value.problems] == ["hosts.yaml", "cluster.yaml"]
