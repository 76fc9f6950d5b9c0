"""Two API servers without controllers, and moves between them that can be ended at any request."""

from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from harness.bench.bench import Bench
from harness.faults import move_killed
from harness.journal.facts import Expectation, ObjectSeen, RunBegan
from harness.journal.journal import Journal
from harness.kube.client import open_cluster
from harness.lab.model import ClusterAccess, Clusters, Control, IronicAccess, Ironics, Lab, RunsAs
from harness.move.requests import MoverRequest, requests_of
from harness.steps import move
from tests.emulated.mover.conftest import two_clusters

NAMESPACE = "metal3"
HOSTS = f"/apis/metal3.io/v1alpha1/namespaces/{NAMESPACE}/baremetalhosts"
CLUSTERS = f"/apis/cluster.x-k8s.io/v1beta2/namespaces/{NAMESPACE}/clusters"
PAUSED = "baremetalhost.metal3.io/paused"
STATUS = "baremetalhost.metal3.io/status"
DELETE_FOR_MOVE = "clusterctl.cluster.x-k8s.io/delete-for-move"
COLLECTIONS = {
    "Cluster": CLUSTERS,
    "BareMetalHost": HOSTS,
    "Machine": f"/apis/cluster.x-k8s.io/v1beta2/namespaces/{NAMESPACE}/machines",
    "HardwareData": f"/apis/metal3.io/v1alpha1/namespaces/{NAMESPACE}/hardwaredata",
    "IPAddress": f"/apis/ipam.metal3.io/v1alpha1/namespaces/{NAMESPACE}/ipaddresses",
}


def lab_of(directory: Path) -> Lab:
    """The two clusters as a lab, its Ironics stopped."""
    source, target = (ClusterAccess(directory / f"{side}.yaml", namespace=NAMESPACE) for side in ("source", "target"))
    ironic = IronicAccess("http://127.0.0.1:1", runs_as=RunsAs("deployment", "baremetal-operator-system", "ironic"))
    return Lab(
        name="lab",
        path=directory / "lab.yaml",
        clusters=Clusters(source, target),
        ironic=Ironics(ironic, ironic),
        network=Control("http://127.0.0.1:1"),
        speed=1000.0,
    )


class KilledMove:
    """A bench on two clusters, with what the tests ask of it."""

    def __init__(self, pair: Any, bench: Bench) -> None:
        self.pair = pair
        self.bench = bench

    async def killed(self, at: int, when: str = "after") -> None:
        """Move until that request."""
        async with move_killed.fault(self.bench, at=at, when=when) as effect:
            await move.step(self.bench)
        assert effect.seen, effect.says

    def seen(self, side: str, kind: str, body: dict[str, Any]) -> None:
        """What a watch would have told."""
        metadata = body["metadata"]
        self.bench.journal.record(
            ObjectSeen(
                cluster=side,
                change="listed",
                kind=kind,
                name=metadata["name"],
                namespace=metadata.get("namespace", ""),
                uid=metadata["uid"],
                resource_version=metadata["resourceVersion"],
                object=body,
            )
        )

    async def look(self, side: str) -> None:
        """See everything in a cluster that a move is judged by, and that no Baremetal Operator runs there."""
        for kind, path in COLLECTIONS.items():
            for body in await self.bench.clusters[side].list_all(path):
                self.seen(side, kind, body)
        metadata = {"namespace": "baremetal-operator-system", "name": "baremetal-operator-controller-manager"}
        stopped = {"metadata": metadata | {"uid": side, "resourceVersion": "1"}, "status": {"availableReplicas": 0}}
        self.seen(side, "Deployment", stopped)

    async def pause_hosts(self) -> None:
        """What CAPM3 does before a move."""
        for body in await self.bench.clusters["source"].list_all(HOSTS):
            if body["spec"].get("consumerRef"):
                status = '{"provisioning":{"state":"provisioned"}}'
                await self.annotate("source", body["metadata"]["name"], {PAUSED: "metal3.io/capm3", STATUS: status})

    async def annotate(self, side: str, host: str, annotations: dict[str, str | None]) -> None:
        """Change a host's annotations."""
        await self.bench.clusters[side].patch_merge(f"{HOSTS}/{host}", {"metadata": {"annotations": annotations}})

    async def mark(self, side: str, host: str) -> None:
        """What the mover does to a host before it deletes it: every other annotation is gone."""
        change = {"op": "add", "path": "/metadata/annotations", "value": {DELETE_FOR_MOVE: ""}}
        await self.bench.clusters[side].patch_json(f"{HOSTS}/{host}", [change])

    async def host(self, side: str, name: str) -> dict[str, Any]:
        """A host as it is."""
        return await self.bench.clusters[side].get_json(f"{HOSTS}/{name}")

    async def left(self, side: str) -> list[str]:
        """Everything of the move that is in a cluster."""
        found = [await self.bench.clusters[side].list_all(path) for path in COLLECTIONS.values()]
        return [body["metadata"]["name"] for bodies in found for body in bodies]

    async def paused(self, side: str) -> bool:
        """Is the Cluster paused?"""
        body = await self.bench.clusters[side].get_json(f"{CLUSTERS}/lab")
        return bool(body["spec"].get("paused"))


@asynccontextmanager
async def killed_move(directory: Path, *, told: bool = True):
    """Two clusters, the first with a whole Cluster, seen once; its hosts are paused and their status told, unless it is not."""
    async with two_clusters(directory, hosts=2, spares=0) as pair:
        journal = Journal(directory / "run")
        began = RunBegan(scenario="s", lab="l", started="", mode="run", expectations=[Expectation(check="c")], speed=1000.0)
        journal.record(began)
        async with open_cluster(directory / "source.yaml") as source, open_cluster(directory / "target.yaml") as target:
            bench = Bench(lab_of(directory), directory / "run", journal, {"source": source, "target": target})
            made = KilledMove(pair, bench)
            if told:
                await made.pause_hosts()
            await made.look("source")
            yield made
        journal.close()


async def requests_of_a_whole_move(directory: Path) -> list[MoverRequest]:
    """Every request of a move that nobody ended."""
    async with killed_move(directory) as made:
        async with move_killed.fault(made.bench, at=1_000_000):
            await move.step(made.bench)
        return requests_of(made.bench.directory)
