"""A cluster that comes later: not there is an answer of its own, and afterwards it is a cluster like any other."""

import asyncio

import pytest

from harness.kube.absent import list_if_served, list_kind
from harness.kube.awaited import LOOK_SECONDS, open_awaited
from harness.kube.errors import ClusterEndpoint, ClusterError, NotThereError
from tests.sight.kube.server import CLUSTERS, HOSTS, KubeServer, kubeconfig

HOSTS_PATH = "/apis/metal3.io/v1alpha1/namespaces/metal3/baremetalhosts"


@pytest.fixture
def server():
    return KubeServer([HOSTS, CLUSTERS], lambda: 0.0)


def awaited(directory):
    """The cluster of a file that somebody else writes."""
    path = directory / "lab.kubeconfig"

    async def appear():
        if not path.exists():
            raise NotThereError(ClusterEndpoint("target", path), "it is not there yet")

    return open_awaited(path, name="target", appear=appear)


async def test_without_a_kubeconfig_nothing_is_there_and_that_is_told(tmp_path):
    async with awaited(tmp_path) as cluster:
        with pytest.raises(NotThereError, match="cluster target: it is not there yet") as caught:
            await cluster.get_json("/version")
        assert not caught.value.is_unreached
        assert await list_if_served(cluster, HOSTS_PATH) == []
        assert await list_kind(cluster, "cluster.x-k8s.io", "Cluster") == []


async def test_it_is_asked_as_any_other_once_its_file_is_there_and_it_answers(tmp_path, server):
    async with awaited(tmp_path) as cluster:
        with pytest.raises(NotThereError):
            await cluster.list_all(HOSTS_PATH)
        async with server.running():
            kubeconfig(tmp_path, server.url)
            await asyncio.sleep(LOOK_SECONDS)  # so long the last answer is good
            assert await cluster.list_all(HOSTS_PATH) == []
        assert cluster.place.address == server.url


async def test_who_never_answered_is_not_there_and_who_did_is_in_trouble(tmp_path, server):
    async with server.running():
        kubeconfig(tmp_path, server.url)
        async with awaited(tmp_path) as cluster:
            await cluster.list_all(HOSTS_PATH)
    async with awaited(tmp_path) as late:
        with pytest.raises(NotThereError, match=r"It never answered, so its control plane is not up yet") as caught:
            await late.list_all(HOSTS_PATH)
        assert caught.value.is_unreached
    async with awaited(tmp_path) as cluster:
        async with server.running():
            kubeconfig(tmp_path, server.url)
            await cluster.list_all(HOSTS_PATH)
        with pytest.raises(ClusterError) as caught:
            await cluster.list_all(HOSTS_PATH)
        assert not isinstance(caught.value, NotThereError)


async def test_what_is_over_is_not_asked_any_more(tmp_path, server):
    async with server.running(), awaited(tmp_path) as cluster:
        kubeconfig(tmp_path, server.url)
        await cluster.list_all(HOSTS_PATH)
        cluster.is_over("its control plane is gone")
        with pytest.raises(NotThereError, match="its control plane is gone") as caught:
            await cluster.list_all(HOSTS_PATH)
        assert not caught.value.is_unreached
