"""Sight on Kubernetes, one situation after the other."""

import asyncio
import contextlib
import itertools
from contextlib import asynccontextmanager

import msgspec
import pytest

from harness.journal.facts import ObjectSeen, SightBegan, SightEnded, SightLost, SightRegained
from harness.journal.journal import Journal
from harness.kube.client import open_cluster
from harness.sight.kube.backoff import KubeSightLimits
from harness.sight.kube.cluster import KubeSight
from harness.sight.kube.kinds import PIVOT_KINDS, WORKLOAD_KINDS, Kind
from tests.sight.kube.oracle import Oracle, plain
from tests.sight.kube.server import CLUSTERS, HOSTS, NODES, SECRETS, TOKEN, KubeServer, kubeconfig, well
from tests.waiting import until

QUICK = KubeSightLimits(
    answer_seconds=2.0,
    grace_seconds=0.15,
    idle_seconds=0.3,
    watch_seconds=(60, 60),
    absent_seconds=0.02,
    pulse_seconds=0.02,
    quick_pulse_seconds=0.01,
    backoff_seconds=0.01,
    backoff_limit_seconds=0.1,
)
BARRIER_SECONDS = 10
TEST_SECONDS = 8


class Scene:
    """A server, a cluster and a sight on it, with the journal that it writes."""

    def __init__(self, directory, served, limits):
        self.directory = directory
        self.journal = Journal(directory / "run")
        self.server = KubeServer(served, self.journal.now)
        self.limits = limits
        self.kinds = [Kind(one.kind, one.group) for one in served]

    @asynccontextmanager
    async def seen(self):
        """Watch from here on; cancelled at the end, where no barrier ended it."""
        async with self.server.running(), open_cluster(kubeconfig(self.directory, self.server.url), name="source") as cluster:
            self.cluster = cluster
            self.sight = KubeSight(
                cluster,
                "source",
                self.journal,
                kinds=self.kinds,
                namespace="metal3",
                key=b"k",
                limits=self.limits,
            )
            async with asyncio.timeout(TEST_SECONDS):
                self.task = asyncio.create_task(self.sight.run())
                try:
                    yield self
                finally:
                    self.task.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await self.task

    async def until(self, holds, start=0):
        """Wait for a fact that `holds`; its entry."""
        async for entry in self.journal.follow(start):
            if holds(entry.fact):
                return entry
        return None

    async def until_seen(self, name, change):
        return await self.until(lambda fact: isinstance(fact, ObjectSeen) and (fact.name, fact.change) == (name, change))

    async def until_told(self, version):
        return await self.until(lambda fact: isinstance(fact, ObjectSeen) and fact.resource_version == str(version))

    async def watching(self):
        """Wait until the first watch of hosts has told something."""
        await self.sight.ready.wait()
        self.server.write(HOSTS, "first")
        await self.until_seen("first", "added")

    async def cut(self):
        """Break the streams that are open; new ones are welcome."""
        async with self.cluster.severed():
            pass

    def facts(self, shape):
        return [entry.fact for entry in self.journal.entries if isinstance(entry.fact, shape)]

    def oracle(self, served):
        return Oracle(self.server, served, plain).read(self.journal.entries)

    def watches(self):
        return [request for request in self.server.requests if request[3].get("watch")]


@pytest.fixture
def scene(tmp_path):
    scenes = []

    def make(*served, limits=QUICK):
        scenes.append(Scene(tmp_path, served or (HOSTS,), limits))
        return scenes[-1]

    yield make
    for made in scenes:
        made.journal.close()


async def test_what_is_there_is_listed_and_what_happens_then_is_told_as_it_happens(scene):
    scene = scene()
    scene.server.write(HOSTS, "node-0", spec={"online": True})
    async with scene.seen():
        await scene.sight.ready.wait()
        scene.server.write(HOSTS, "node-0", spec={"online": False})
        scene.server.write(HOSTS, "node-1", spec={"online": True})
        scene.server.remove(HOSTS, "node-0")
        await scene.until_seen("node-0", "deleted")
        assert await scene.sight.barrier(BARRIER_SECONDS)
        await scene.task
    seen = scene.facts(ObjectSeen)
    assert [(fact.name, fact.change) for fact in seen] == [
        ("node-0", "listed"),
        ("node-0", "modified"),
        ("node-1", "added"),
        ("node-0", "deleted"),
    ]
    assert seen[1].object is None
    assert seen[1].patch == {"spec": {"online": False}, "metadata": {"resourceVersion": "102"}}
    assert seen[3].object["spec"] == {"online": False}
    assert {(fact.kind, fact.api_version, fact.namespace, fact.cluster) for fact in seen} == {
        ("BareMetalHost", "metal3.io/v1alpha1", "metal3", "source")
    }
    assert scene.facts(SightLost) == []
    assert scene.oracle(HOSTS).whole().events == 3


async def test_every_raw_body_is_found_again_by_its_digest_but_no_secret_is(scene):
    scene = scene(HOSTS, SECRETS)
    async with scene.seen():
        await scene.sight.ready.wait()
        body = scene.server.write(HOSTS, "node-0", metadata={"managedFields": [{"manager": "bmo"}]}, spec={"online": None})
        scene.server.write(SECRETS, "node-0-bmc", data={"password": "aHVudGVyMg=="})
        await scene.until_seen("node-0", "added")
        await scene.until_seen("node-0-bmc", "added")
    host, secret = (next(fact for fact in scene.facts(ObjectSeen) if fact.kind == kind) for kind in ("BareMetalHost", "Secret"))
    assert host.object == {**plain(body), "spec": {}}
    assert list(secret.object["dataDigest"]) == ["password"]
    run = scene.directory / "run"
    assert all(b"aHVudGVyMg" not in file.read_bytes() for file in run.iterdir())


async def test_who_wrote_a_version_is_told_by_manager_and_path(scene):
    scene = scene(HOSTS)
    made, changed = ({"manager": name, "operation": "Update", "time": f"2026-11-30T12:00:0{name[-1]}Z"} for name in ("a1", "b2"))
    made["fieldsV1"], changed["fieldsV1"] = {"f:spec": {"f:image": {}}}, {"f:spec": {"f:online": {}}}
    async with scene.seen():
        await scene.sight.ready.wait()
        scene.server.write(HOSTS, "node-0", metadata={"managedFields": [made]}, spec={"online": True})
        scene.server.write(HOSTS, "node-0", metadata={"managedFields": [made, changed]}, spec={"online": False})
        await scene.until_seen("node-0", "modified")
    told = [fact.managers for fact in scene.facts(ObjectSeen)]
    assert [(one.manager, one.operation, one.paths) for (one,) in told] == [
        ("a1", "Update", []),
        ("b2", "Update", ["spec.online"]),
    ]


async def test_ready_means_that_every_first_list_is_told(scene):
    scene = scene(HOSTS, NODES, CLUSTERS)
    scene.server.fault = lambda what: "html" if what == "list" and len(scene.server.injected) < 5 else None
    for served in (HOSTS, NODES, CLUSTERS):
        scene.server.write(served, "one")
    async with scene.seen():
        await scene.sight.ready.wait()
        assert sorted(fact.kind for fact in scene.facts(SightBegan)) == ["BareMetalHost", "Cluster", "Node"]
        assert len(scene.facts(ObjectSeen)) == 3
        assert scene.sight.troubles == {}


async def test_who_is_not_ready_says_why(scene):
    scene = scene()
    scene.server.token = "another"
    async with scene.seen():
        await until(lambda: "401" in scene.sight.troubles.get("BareMetalHost", ""), "the refusal")
        assert not scene.sight.ready.is_set()
        assert scene.facts(SightBegan) == []


async def test_a_cut_that_is_mended_at_once_is_no_loss_of_sight_however_often_it_comes(scene):
    scene = scene(limits=msgspec.structs.replace(QUICK, backoff_seconds=0.2, backoff_limit_seconds=5.0))
    async with scene.seen():
        await scene.sight.ready.wait()
        for number in range(6):
            scene.server.write(HOSTS, f"node-{number}")
            await scene.until_seen(f"node-{number}", "added")
            watches = len(scene.watches())
            await scene.cut()
            await scene.server.until(lambda seen=watches: len(scene.watches()) > seen)
        assert await scene.sight.barrier(BARRIER_SECONDS)
    assert scene.facts(SightLost) == []
    assert scene.oracle(HOSTS).whole().events == 6


@asynccontextmanager
async def blind_to_three_new_hosts(scene):
    """Our connections are cut until the block ends; when it begins that has been told, and the hosts have come."""
    async with scene.cluster.severed():
        await scene.until(lambda fact: isinstance(fact, SightLost))
        for number in range(3):
            scene.server.write(HOSTS, f"node-{number}")
        yield


async def test_a_cut_that_lasts_is_a_bridged_hole_and_what_happened_in_it_is_told_afterwards(scene):
    scene = scene()
    async with scene.seen():
        await scene.sight.ready.wait()
        async with blind_to_three_new_hosts(scene):
            scene.server.remove(HOSTS, "node-1")
        await scene.until_seen("node-1", "deleted")
        assert await scene.sight.barrier(BARRIER_SECONDS)
    oracle = scene.oracle(HOSTS).whole()
    assert (oracle.events, oracle.bridged, oracle.gaps) == (4, 1, 0)


async def test_a_watch_that_only_repeats_itself_and_ends_is_lost_while_we_wait(scene):
    scene = scene(limits=msgspec.structs.replace(QUICK, backoff_seconds=0.5, backoff_limit_seconds=5.0))
    async with scene.seen():
        await scene.watching()
        scene.server.fault = lambda what: "again" if what == "watch" else None
        await scene.cut()
        await scene.until(lambda fact: isinstance(fact, SightLost))
        scene.server.fault = well
        assert await scene.sight.barrier(BARRIER_SECONDS)
    assert scene.oracle(HOSTS).whole().events == 1


async def test_what_came_in_a_burst_after_a_cut_is_not_said_to_have_happened_late(scene):
    scene = scene()
    async with scene.seen():
        await scene.sight.ready.wait()
        async with blind_to_three_new_hosts(scene):
            happened = scene.journal.now()
            await until(lambda: scene.journal.now() >= happened + 0.2, "the journal's clock a while later")
        entry = await scene.until_seen("node-2", "added")
    assert entry.since <= happened < entry.at - 0.15


async def test_since_is_as_late_as_the_last_pulse_before_the_change(scene):
    scene = scene()
    async with scene.seen():
        await scene.sight.ready.wait()
        began = scene.journal.now()
        revision_clock = len(scene.server.requests)
        await scene.server.until(lambda: len(scene.server.requests) > revision_clock + 5)
        scene.server.write(HOSTS, "node-0")
        entry = await scene.until_seen("node-0", "added")
    assert entry.since > began


async def test_a_forgotten_version_is_a_gap_and_what_must_have_happened_is_inferred(scene):
    scene = scene()
    for name in ("stays", "changes", "goes", "again"):
        scene.server.write(HOSTS, name)
    async with scene.seen():
        await scene.sight.ready.wait()
        async with scene.cluster.severed():
            await scene.until(lambda fact: isinstance(fact, SightLost))
            scene.server.write(HOSTS, "changes", spec={"online": True})
            scene.server.remove(HOSTS, "goes")
            scene.server.remove(HOSTS, "again")
            scene.server.write(HOSTS, "again")
            scene.server.write(HOSTS, "comes")
            scene.server.write(HOSTS, "flickers")
            scene.server.remove(HOSTS, "flickers")
            scene.server.compact()
        await scene.until(lambda fact: isinstance(fact, SightRegained) and not fact.complete)
        scene.server.write(HOSTS, "stays", spec={"online": True})
        await scene.until_seen("stays", "modified")
        assert await scene.sight.barrier(BARRIER_SECONDS)
    inferred = {(fact.name, fact.change) for fact in scene.facts(ObjectSeen) if fact.inferred}
    assert inferred == {
        ("changes", "modified"),
        ("goes", "deleted"),
        ("again", "deleted"),
        ("again", "added"),
        ("comes", "added"),
    }
    oracle = scene.oracle(HOSTS).whole()
    assert (oracle.gaps, oracle.events) == (1, 1)


@pytest.mark.parametrize("fault", ["410", "stale"])
async def test_a_server_that_forgets_again_and_again_is_not_stormed(scene, fault):
    scene = scene()
    scene.server.write(HOSTS, "node-0")
    scene.server.fault = lambda what: fault if what == "watch" else None
    async with scene.seen():
        await scene.sight.ready.wait()
        await scene.server.until(lambda: len(scene.watches()) >= 10)
        assert len(scene.facts(ObjectSeen)) == 1
    times = [watch[0] for watch in scene.watches()]
    waits = [after - before for before, after in itertools.pairwise(times[5:])]
    assert min(waits) >= QUICK.backoff_limit_seconds / 2, "as long as it ever waits, but for jitter"


async def test_a_server_that_asks_for_time_gets_it(scene):
    scene = scene()
    async with scene.seen():
        await scene.watching()
        watches = len(scene.watches())
        scene.server.fault = lambda what: "wait" if what == "watch" and len(scene.watches()) == watches + 1 else None
        await scene.cut()
        await scene.server.until(lambda: len(scene.watches()) >= watches + 2)
        refused, again = scene.watches()[watches : watches + 2]
    assert again[0] - refused[0] >= 1.0


async def test_a_watch_that_falls_silent_is_taken_up_again(scene):
    scene = scene()
    async with scene.seen():
        await scene.watching()
        scene.server.mute()
        scene.server.write(HOSTS, "node-0")
        await scene.until_seen("node-0", "added")
        assert await scene.sight.barrier(BARRIER_SECONDS)
    assert scene.oracle(HOSTS).whole().gaps == 0


async def test_bookmarks_carry_a_quiet_kind_over_a_compaction(scene):
    scene = scene(HOSTS, NODES)
    async with scene.seen():
        await scene.sight.ready.wait()
        for number in range(5):
            scene.server.write(NODES, f"node-{number}")
        version = scene.server.version
        await scene.until_told(version)
        await scene.server.until(lambda: scene.server.bookmarks.count((HOSTS, version)) > 2)
        scene.server.compact()
        watches = len(scene.watches())
        await scene.cut()
        await scene.server.until(lambda: len(scene.watches()) >= watches + 2)
        scene.server.write(HOSTS, "node-0")
        await scene.until_seen("node-0", "added")
    assert [fact for fact in scene.facts(SightRegained) if not fact.complete] == []


async def test_a_kind_that_is_not_served_has_no_objects_until_it_comes(scene):
    scene = scene(HOSTS, CLUSTERS)
    scene.server.served.remove(CLUSTERS)
    async with scene.seen():
        await scene.sight.ready.wait()
        assert {fact.kind for fact in scene.facts(SightBegan)} == {"BareMetalHost", "Cluster"}
        scene.server.write(CLUSTERS, "lab")
        scene.server.served.append(CLUSTERS)
        await scene.until_seen("lab", "added")
        scene.server.write(CLUSTERS, "lab", spec={"paused": True})
        await scene.until_seen("lab", "modified")
        assert await scene.sight.barrier(BARRIER_SECONDS)
    assert scene.oracle(CLUSTERS).whole().gaps == 1
    assert scene.facts(ObjectSeen)[0].inferred
    assert [fact.begins for fact in scene.facts(SightRegained)] == [True]


async def test_a_cut_while_a_kind_is_not_served_hides_nothing_of_it(scene):
    scene = scene(HOSTS, CLUSTERS)
    scene.server.served.remove(CLUSTERS)
    async with scene.seen():
        await scene.sight.ready.wait()
        for _ in range(2):
            start = len(scene.journal.entries)
            async with scene.cluster.severed():
                await scene.until(lambda fact: isinstance(fact, SightLost) and fact.kind == "Cluster", start)
            await scene.until(lambda fact: isinstance(fact, SightRegained) and fact.kind == "Cluster", start)
        assert await scene.sight.barrier(BARRIER_SECONDS)
    regained = [fact.complete for fact in scene.facts(SightRegained) if fact.kind == "Cluster"]
    assert regained == [True, True]
    assert scene.oracle(CLUSTERS).whole().gaps == 0


async def test_a_kind_that_goes_away_takes_its_objects_along(scene):
    scene = scene(HOSTS, CLUSTERS)
    scene.server.write(CLUSTERS, "lab")
    async with scene.seen():
        await scene.sight.ready.wait()
        scene.server.served.remove(CLUSTERS)
        await scene.cut()
        gone = await scene.until_seen("lab", "deleted")
        assert gone.fact.inferred
        assert await scene.sight.barrier(BARRIER_SECONDS)


async def test_a_proxy_that_says_not_found_is_no_proof_of_absence(scene):
    scene = scene()
    scene.server.write(HOSTS, "node-0")
    async with scene.seen():
        await scene.sight.ready.wait()
        scene.server.fault = lambda what: "404" if what != "pulse" else None
        await scene.cut()
        seen = len(scene.server.requests)
        await scene.server.until(lambda: len(scene.server.requests) > seen + 20)
        assert [fact.change for fact in scene.facts(ObjectSeen)] == ["listed"]
        scene.server.fault = well
        assert await scene.sight.barrier(BARRIER_SECONDS)
    assert scene.oracle(HOSTS).whole().gaps == 1


async def test_the_barrier_fails_where_a_watch_kept_something_back(scene):
    scene = scene(HOSTS, NODES)
    async with scene.seen():
        await scene.sight.ready.wait()
        scene.server.hidden.add("kept-back")
        scene.server.write(HOSTS, "kept-back")
        assert not await scene.sight.barrier(2.5)
    ended = {fact.kind: fact for fact in scene.facts(SightEnded)}
    assert not ended["BareMetalHost"].complete
    assert "kept-back" in ended["BareMetalHost"].says
    assert ended["Node"].complete


async def test_the_barrier_brings_what_is_still_under_way_even_if_no_list_shows_it(scene):
    scene = scene(limits=msgspec.structs.replace(QUICK, idle_seconds=60))
    async with scene.seen():
        await scene.watching()
        scene.server.mute()
        scene.server.write(HOSTS, "flickers")
        scene.server.remove(HOSTS, "flickers")
        assert await scene.sight.barrier(BARRIER_SECONDS)
    assert scene.oracle(HOSTS).whole().events == 3


async def test_the_barrier_succeeds_although_each_list_is_old_when_it_comes(scene):
    scene = scene()

    async def something_happens():
        scene.server.write(HOSTS, f"node-{scene.server.version % 7}", spec={"number": scene.server.version})
        await scene.until_told(scene.server.version)

    scene.limits = msgspec.structs.replace(QUICK, pulse_seconds=60, quick_pulse_seconds=60)
    async with scene.seen():
        await scene.watching()
        scene.server.after_list = something_happens
        assert await scene.sight.barrier(BARRIER_SECONDS)
    assert all(fact.complete for fact in scene.facts(SightEnded))


async def test_nothing_is_told_after_the_end(scene):
    scene = scene(HOSTS, NODES)
    async with scene.seen():
        await scene.sight.ready.wait()
        assert await scene.sight.barrier(BARRIER_SECONDS)
        await scene.task
        told = len(scene.journal.entries)
        scene.server.write(HOSTS, "late")
        assert len(scene.journal.entries) == told
    assert len(scene.journal.entries) == told


async def test_sight_that_no_barrier_ended_is_incomplete(scene):
    scene = scene()
    async with scene.seen():
        await scene.sight.ready.wait()
    assert [fact.complete for fact in scene.facts(SightEnded)] == [False]


async def test_we_say_who_asks(scene):
    scene = scene()
    async with scene.seen():
        await scene.sight.ready.wait()
    assert scene.server.user_agents == {"metal3-pivot-harness"}
    assert scene.server.token == TOKEN


def test_every_kind_is_watched_once():
    kinds = [kind.kind for kind in (*PIVOT_KINDS, *WORKLOAD_KINDS)]
    assert len(kinds) == len(set(kinds))
