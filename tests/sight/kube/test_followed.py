"""Kinds that the clusters themselves name are watched in both, from the moment when one of them names it."""

import asyncio
import contextlib
from contextlib import asynccontextmanager

import msgspec
import pytest

from harness.journal.facts import ObjectSeen, SightBegan, SightEnded, SightLost
from harness.journal.journal import Journal
from harness.kube.client import open_cluster
from harness.sight.kube.cluster import KubeSight
from harness.sight.kube.followed import FollowedKinds
from harness.sight.kube.kinds import Kind
from harness.world.moved_kinds import kind_name
from tests.sight.kube.server import CLUSTERS, KubeServer, Served, kubeconfig, well
from tests.sight.kube.test_cluster import BARRIER_SECONDS, QUICK, TEST_SECONDS
from tests.waiting import until

CLUSTERCTL = "clusterctl.cluster.x-k8s.io"
DEFINITIONS = Served("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", False)
WIDGETS = Served("example.com", "v1", "Widget", "widgets", True)
PARTS = Served("example.com", "v1", "Part", "parts", True)
PLANES = Served("controlplane.cluster.x-k8s.io", "v1beta1", "KamajiControlPlane", "kamajicontrolplanes", True)
ADDRESSES = Served("ipam.cluster.x-k8s.io", "v1beta2", "IPAddress", "ipaddresses", True)
ALL = (CLUSTERS, DEFINITIONS, WIDGETS, PARTS, PLANES, ADDRESSES)
WATCHED = (
    Kind("Cluster", CLUSTERS.group),
    Kind("CustomResourceDefinition", DEFINITIONS.group),
    Kind("IPAddress", "ipam.metal3.io"),
)


class Pivot:
    """Two clusters, watched by sights that follow one list of kinds."""

    def __init__(self, directory):
        self.directory = directory
        self.limits = QUICK
        self.journal = Journal(directory / "run")
        self.servers = {side: KubeServer(ALL, self.journal.now) for side in ("source", "target")}
        self.source = self.servers["source"]

    @asynccontextmanager
    async def seen(self):
        followed = FollowedKinds(WATCHED)
        async with contextlib.AsyncExitStack() as stack:
            self.sights = []
            for side, server in self.servers.items():
                (self.directory / side).mkdir()
                await stack.enter_async_context(server.running())
                cluster = await stack.enter_async_context(open_cluster(kubeconfig(self.directory / side, server.url), name=side))
                more = {"namespace": "metal3", "key": b"k", "limits": self.limits, "followed": followed}
                self.sights.append(KubeSight(cluster, side, self.journal, kinds=WATCHED, **more))
            async with asyncio.timeout(TEST_SECONDS):
                tasks = [asyncio.create_task(sight.run()) for sight in self.sights]
                try:
                    yield self
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)

    async def ready(self):
        for sight in self.sights:
            await sight.ready.wait()

    async def ends(self):
        return [await sight.barrier(BARRIER_SECONDS) for sight in self.sights]

    def define(self, served, labels=None):
        names = {"kind": served.kind, "plural": served.plural}
        spec = {"group": served.group, "scope": "Namespaced", "names": names, "versions": []}
        self.source.write(DEFINITIONS, f"{served.plural}.{served.group}", metadata={"labels": labels or {}}, spec=spec)

    def facts(self, shape):
        return [entry.fact for entry in self.journal.entries if isinstance(entry.fact, shape)]

    def followed(self):
        """The kinds that are watched beside those of the beginning, by cluster."""
        given = {kind.name for kind in WATCHED}
        return sorted((fact.kind, fact.cluster) for fact in self.facts(SightBegan) if fact.kind not in given)


@pytest.fixture
def pivot(tmp_path):
    made = Pivot(tmp_path)
    yield made
    made.journal.close()


def both(*kinds):
    return [(kind, side) for kind in sorted(kinds) for side in ("source", "target")]


def owned_by(served, name="one"):
    return {"metadata": {"ownerReferences": [{"apiVersion": served.api_version, "kind": served.kind, "name": name, "uid": "1"}]}}


async def test_a_labelled_definition_is_followed_in_both_clusters_before_they_are_ready(pivot):
    pivot.define(WIDGETS, {CLUSTERCTL: ""})
    pivot.define(PARTS)
    async with pivot.seen():
        await pivot.ready()
        assert pivot.followed() == both("Widget.example.com")
        assert await pivot.ends() == [True, True]
    assert all(fact.complete for fact in pivot.facts(SightEnded))


async def test_what_belongs_to_cluster_api_or_metal3_is_followed_without_a_label_and_told_with_its_group(pivot):
    pivot.define(PLANES)
    pivot.define(ADDRESSES)
    async with pivot.seen():
        await pivot.ready()
    assert pivot.followed() == both("IPAddress.ipam.cluster.x-k8s.io", "KamajiControlPlane.controlplane.cluster.x-k8s.io")


@pytest.mark.parametrize("change", ["defined", "labelled"])
async def test_a_definition_that_comes_later_is_followed_from_then_on(pivot, change):
    if change == "labelled":
        pivot.define(WIDGETS)
    async with pivot.seen():
        await pivot.ready()
        assert pivot.followed() == []
        pivot.define(WIDGETS, {f"{CLUSTERCTL}/move": ""})
        await until(lambda: pivot.followed() == both("Widget.example.com"), "both clusters watched for the kind")


@pytest.mark.parametrize(
    "body",
    [
        owned_by(WIDGETS),
        {"spec": {"controlPlaneRef": {"apiGroup": "example.com", "kind": "Widget", "name": "one"}}},
        {"spec": {"deep": [{"anyRef": {"apiVersion": "example.com/v1", "kind": "Widget", "name": "one"}}]}},
    ],
)
async def test_what_an_object_names_is_followed(pivot, body):
    pivot.source.write(CLUSTERS, "lab", **body)
    pivot.source.write(WIDGETS, "one")
    async with pivot.seen():
        await pivot.ready()
        assert pivot.followed() == both("Widget.example.com")
    assert [fact.name for fact in pivot.facts(ObjectSeen) if fact.kind == "Widget"] == ["one"]


async def test_a_kind_that_nothing_names_is_followed_if_its_objects_belong_to_what_is_watched(pivot):
    for served in (PARTS, WIDGETS):
        pivot.define(served)
    pivot.source.write(PARTS, "a", **owned_by(WIDGETS))
    pivot.source.write(WIDGETS, "one", **owned_by(CLUSTERS, "lab"))
    async with pivot.seen():
        await pivot.ready()
        assert pivot.followed() == both("Part.example.com", "Widget.example.com")


async def test_a_kind_whose_objects_belong_to_nobody_is_not(pivot):
    pivot.define(WIDGETS)
    pivot.source.write(WIDGETS, "one", **owned_by(PARTS))
    async with pivot.seen():
        await pivot.ready()
    assert pivot.followed() == []


async def test_a_definition_without_a_kind_is_none_and_not_taken_for_all_kinds(pivot):
    pivot.source.write(DEFINITIONS, "broken.example.com", metadata={"labels": {CLUSTERCTL: ""}}, spec={"group": "example.com"})
    pivot.source.write(DEFINITIONS, "empty.example.com", metadata={"labels": {CLUSTERCTL: ""}}, spec=None)
    async with pivot.seen():
        await pivot.ready()
        assert await pivot.ends() == [True, True]
    assert pivot.followed() == []


async def test_a_kind_that_may_not_be_listed_holds_up_nothing_and_is_told(pivot):
    pivot.define(WIDGETS, {CLUSTERCTL: ""})
    pivot.source.fault = lambda _what: "403" if "widgets" in pivot.source.requests[-1][2] else None
    async with pivot.seen():
        await pivot.ready()
        assert await pivot.ends() == [False, True]
    assert pivot.followed() == [("Widget.example.com", "target")]
    assert [(fact.kind, "403" in fact.says) for fact in pivot.facts(SightLost)] == [("Widget.example.com", True)]
    assert [fact.complete for fact in pivot.facts(SightEnded) if fact.kind == "Widget.example.com"] == [False, True]


async def test_a_kind_of_which_discovery_contradicts_itself_holds_up_nothing(pivot):
    pivot.define(WIDGETS, {CLUSTERCTL: ""})
    pivot.source.fault = lambda _what: "404" if pivot.source.requests[-1][2] == "/apis/example.com/v1" else None
    async with pivot.seen():
        await pivot.ready()
        assert pivot.followed() == [("Widget.example.com", "target")]
        pivot.source.fault = well
        await until(lambda: pivot.followed() == both("Widget.example.com"), "a late beginning")
        assert await pivot.ends() == [True, True]


async def test_what_a_followed_kind_says_enters_no_file_but_as_digests(pivot):
    pivot.define(WIDGETS, {CLUSTERCTL: ""})
    reference = {"apiVersion": "example.com/v1", "kind": "Part", "name": "one", "token": "hunter2"}
    spec = {"replicas": 3, "files": [{"content": "hunter2"}], "partRef": reference, "password": "hunter2"}
    conditions = [{"type": "Ready", "status": "True"}]
    pivot.source.write(WIDGETS, "one", spec=spec, status={"conditions": conditions, "last": "hunter2"}, data={"a": "hunter2"})
    async with pivot.seen():
        await pivot.ready()
    ((seen, digest),) = ((fact.object, fact.digest) for fact in pivot.facts(ObjectSeen) if fact.kind == "Widget")
    assert digest == "", "its raw body is not kept"
    assert (seen["spec"]["replicas"], seen["status"]["conditions"]) == (3, conditions)
    assert seen["spec"]["partRef"] | {"token": ""} == reference | {"token": ""}
    assert seen["spec"]["password"] != seen["data"]["a"] != ""
    assert all(b"hunter2" not in file.read_bytes() for file in (pivot.directory / "run").iterdir())


async def test_many_kinds_ask_for_discovery_once(pivot):
    pivot.limits = msgspec.structs.replace(QUICK, absent_seconds=60)
    many = [Served("many.example.com", "v1", f"Kind{number}", f"kind{number}s", True) for number in range(60)]
    pivot.source.served += many
    for served in many:
        pivot.define(served, {CLUSTERCTL: ""})
    async with pivot.seen():
        await pivot.ready()
        assert len(pivot.followed()) == 120
    paths = [path for _, _, path, _ in pivot.source.requests]
    assert len([path for path in paths if path == "/apis/many.example.com/v1"]) == 1


def test_a_kind_is_bare_at_home_and_bears_its_group_abroad():
    names = [("Cluster", "cluster.x-k8s.io"), ("Cluster", "example.com"), ("Secret", ""), ("Node", ""), ("Widget", "example.com")]
    assert [kind_name(*name) for name in names] == ["Cluster", "Cluster.example.com", "Secret", "Node", "Widget.example.com"]
    assert msgspec.structs.replace(WATCHED[2], group="ipam.cluster.x-k8s.io").name == "IPAddress.ipam.cluster.x-k8s.io"
