"""What a lab file does not name is asked of the clusters, in whatever version they serve it."""

import base64
from contextlib import AsyncExitStack

import pytest

from harness.kube.client import open_cluster
from harness.kube.errors import ClusterEndpoint, NotThereError
from harness.lab.discovery import KEPT, forget_kubeconfig, keep_kubeconfig, workload_cluster
from harness.lab.model import ClusterAccess, Clusters, Lab
from tests.sight.kube.server import CLUSTERS, SECRETS, KubeServer, kubeconfig


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2", "v1beta3"])
async def test_the_workload_cluster_is_found_in_whatever_version_clusters_are_served(tmp_path, version):
    clusters = CLUSTERS._replace(version=version)
    server = KubeServer([clusters, SECRETS], lambda: 0.0)
    server.write(clusters, "lab")
    async with server.running(), AsyncExitStack() as stack:
        file = kubeconfig(tmp_path, server.url)
        server.write(SECRETS, "lab-kubeconfig", data={"value": base64.b64encode(file.read_bytes()).decode()})
        cluster = await stack.enter_async_context(open_cluster(file, name="source"))
        found = await workload_cluster({"source": cluster, "target": cluster}, "metal3", stack)
        assert found is not None
        assert found.place.cluster == "workload"


@pytest.fixture
async def source(tmp_path):
    """The source as a server of ours and as its client, and a lab whose target comes from it."""
    server = KubeServer([CLUSTERS, SECRETS], lambda: 0.0)
    async with server.running(), open_cluster(kubeconfig(tmp_path, server.url), name="source") as cluster:
        target = ClusterAccess(tmp_path / "target.kubeconfig", appears=True)
        yield server, cluster, Lab(name="lab", path=tmp_path, clusters=Clusters(ClusterAccess(tmp_path), target))


def text(value: str) -> dict[str, str]:
    return {"value": base64.b64encode(value.encode()).decode()}


async def test_the_kubeconfig_of_the_cluster_that_is_provisioned_is_kept_in_the_file_of_the_target(source):
    server, cluster, lab = source
    place = ClusterEndpoint("target", lab.clusters.target.kubeconfig)
    for lacks in (
        "no Cluster that it could be of .`provision_cluster` comes first",
        "the Secret lab-kubeconfig is not in the source",
    ):
        with pytest.raises(NotThereError, match=lacks):
            await keep_kubeconfig(lab, cluster, place)
        server.write(CLUSTERS, "lab")
    server.write(SECRETS, "lab-kubeconfig", data=text("a kubeconfig"))
    await keep_kubeconfig(lab, cluster, place)
    assert place.kubeconfig.read_text() == KEPT + "a kubeconfig"
    assert place.kubeconfig.stat().st_mode & 0o777 == 0o600


async def test_a_file_that_is_there_stays_as_it_is(source):
    _, cluster, lab = source
    place = ClusterEndpoint("target", lab.clusters.target.kubeconfig)
    place.kubeconfig.write_text("its user's own")
    await keep_kubeconfig(lab, cluster, place)
    forget_kubeconfig(place.kubeconfig, "its user's own")
    assert place.kubeconfig.read_text() == "its user's own"


async def test_a_file_that_was_kept_is_renewed_with_its_cluster_stays_when_that_is_moved_and_goes_with_it(source):
    server, cluster, lab = source
    place = ClusterEndpoint("target", lab.clusters.target.kubeconfig)
    server.write(CLUSTERS, "lab")
    for kept in ("the first", "the second"):
        server.write(SECRETS, "lab-kubeconfig", data=text(kept))
        await keep_kubeconfig(lab, cluster, place)
        assert place.kubeconfig.read_text() == KEPT + kept
    server.remove(CLUSTERS, "lab")
    await keep_kubeconfig(lab, cluster, place)
    forget_kubeconfig(place.kubeconfig, "the first")
    assert place.kubeconfig.read_text() == KEPT + "the second"
    forget_kubeconfig(place.kubeconfig, "the second")
    assert not place.kubeconfig.exists()


async def test_of_two_clusters_none_is_taken_for_the_target(source):
    server, cluster, lab = source
    for name in ("lab", "other"):
        server.write(CLUSTERS, name)
        server.write(SECRETS, f"{name}-kubeconfig", data=text(name))
    with pytest.raises(NotThereError, match="has the Clusters lab, other, and none of them alone"):
        await keep_kubeconfig(lab, cluster, ClusterEndpoint("target", lab.clusters.target.kubeconfig))
