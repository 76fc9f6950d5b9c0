"""The real clusterctl moves a recorded cluster between two emulated API servers."""

import asyncio
import os
from collections import Counter
from pathlib import Path

import aiohttp
import pytest
import yaml

from harness.emulated.apiserver import ApiServer
from tests.emulated.apiserver import recorded
from tests.emulated.apiserver.binaries import needed

MOVE_SECONDS = 300
UNMOVED = {"HostFirmwareSettings", "HostFirmwareComponents", "FirmwareSchema", "Provider", "ConfigMap"}


async def clusterctl(directory: Path, source: Path, target: Path) -> tuple[int, str]:
    environment = {"HOME": str(directory), "CLUSTERCTL_DISABLE_VERSIONCHECK": "true", "PATH": os.environ["PATH"]}
    arguments = ("move", "--kubeconfig", source, "--to-kubeconfig", target, "-n", "metal3", "-v", "5")
    process = await asyncio.create_subprocess_exec(
        needed("clusterctl"), *map(str, arguments), stderr=asyncio.subprocess.PIPE, env=environment, cwd=directory
    )
    async with asyncio.timeout(MOVE_SECONDS):
        _, said = await process.communicate()
    return process.returncode or 0, said.decode()


def expected(listed: list[recorded.Body]) -> tuple[Counter, Counter]:
    """What clusterctl does, by the book: created and its managedFields restored; annotated, marked, stripped of finalizers, gone.

    An object with finalizers is marked (MODIFIED) before it goes, one without goes at once. The Cluster is paused in the source
    first, and un-paused in the target last.
    """
    source, target = Counter(), Counter()
    for each in listed:
        kind = each["kind"]
        if kind in UNMOVED | {"CustomResourceDefinition", "Event"}:
            continue
        target[kind, "ADDED"] += 1
        target[kind, "MODIFIED"] += 1 + (kind == "Cluster")
        source[kind, "MODIFIED"] += 1 + bool(each["metadata"].get("finalizers")) + (kind == "Cluster")
        source[kind, "DELETED"] += 1
    return source, target


@pytest.mark.real
@pytest.mark.shared
@pytest.mark.timeout(2 * MOVE_SECONDS)
async def test_clusterctl_moves_a_recorded_cluster_with_the_events_of_a_real_server(tmp_path: Path) -> None:
    needed("clusterctl")
    if not recorded.RECORDING.exists():
        pytest.skip("no recording beside the repository")
    listed = recorded.rows()
    servers = [ApiServer("source"), ApiServer("target")]
    try:
        for server in servers:
            await server.start()
            (tmp_path / server.name).write_text(yaml.safe_dump(server.kubeconfig()))
        async with aiohttp.ClientSession() as session:
            source, target = (recorded.Client(session, server.url) for server in servers)
            await recorded.define(source, listed)
            await recorded.define(target, listed)
            await recorded.seed(source, listed)
            await recorded.seed(target, listed, {"Provider"})
            since = [await recorded.version(client) for client in (source, target)]
            code, said = await clusterctl(tmp_path, tmp_path / "source", tmp_path / "target")
            assert code == 0, said[-3000:]
            kinds = {
                each["kind"]: each["apiVersion"]
                for each in listed
                if each["kind"] in source.plurals and each["kind"] not in UNMOVED
            }
            seen = [
                await recorded.counted(client, kinds, version) for client, version in zip((source, target), since, strict=True)
            ]
        assert seen == list(expected(listed))
    finally:
        for server in servers:
            await server.stop()
