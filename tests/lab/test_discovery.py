"""What a lab file does not name is asked of the clusters, in whatever version they serve it."""

import base64
from contextlib import AsyncExitStack

import pytest

from harness.kube.client import open_cluster
from harness.lab.discovery import workload_cluster
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
