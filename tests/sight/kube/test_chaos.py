"""Sight on Kubernetes against a server that cuts, lies, stalls and forgets: nothing is lost, invented or doubled in silence."""

import asyncio
import contextlib
import random

from harness.journal.journal import Journal, read
from harness.kube.client import open_cluster
from harness.sight.kube.backoff import KubeSightLimits
from harness.sight.kube.cluster import KubeSight
from harness.sight.kube.kinds import Kind
from harness.sight.kube.objects.bodies import digest_of
from tests.sight.kube.faults import BREAKS, REFUSALS
from tests.sight.kube.oracle import Oracle, plain
from tests.sight.kube.server import CLUSTERS, HOSTS, NODES, SECRETS, KubeServer, kubeconfig, well

FAULTS_WANTED = 400
KEY = b"a key of one test run"
FAST = KubeSightLimits(
    answer_seconds=0.25,
    grace_seconds=0.1,
    idle_seconds=0.15,
    watch_seconds=(1, 2),
    pulse_seconds=0.02,
    quick_pulse_seconds=0.01,
    backoff_seconds=0.005,
    backoff_limit_seconds=0.05,
    page_items=3,
)
SERVED = (HOSTS, SECRETS, NODES, CLUSTERS)
SLOW_FAULTS = {"silence", "half-open"}


def _secret(body):
    told = plain(body)
    told["dataDigest"] = {name: digest_of(value.encode(), KEY) for name, value in told.pop("data").items()}
    return told


def _happen(server, rng):
    """One random change somewhere in the cluster."""
    served = rng.choice(SERVED)
    name = f"{served.kind.lower()}-{rng.randrange(8)}"
    if name in server.alive(served) and rng.random() < 0.25:
        server.remove(served, name)
        return
    managed = [{"manager": "a", "time": rng.random()}]
    members = (
        {"data": {"password": f"hunter-{rng.randrange(3)}"}}
        if served is SECRETS
        else {
            "spec": {"online": rng.random() < 0.5, "taints": rng.choice([None, [], [{"key": "a"}]])},
            "status": {"count": rng.randrange(5), **({"poweredOn": True} if rng.random() < 0.5 else {})},
        }
    )
    server.write(served, name, metadata={"managedFields": managed}, **members)


async def _live(server, rng, stop):
    """Change things at an uneven rate until told to stop."""
    while not stop.is_set():
        for _ in range(rng.choice([1, 1, 1, 4])):
            _happen(server, rng)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(rng.choice([0, 0.001, 0.004])):
                await stop.wait()


def _trouble(rng):
    """Faults of all sorts for watches, each of them again and again, the slow ones seldom; some for everything else."""
    every = [name for name in [*REFUSALS, *BREAKS] if name not in SLOW_FAULTS] * 3 + sorted(SLOW_FAULTS) + [None]
    bag = []

    def fault(what):
        if what != "watch":
            return rng.choice([*[None] * 9, "html", "429", "refused"])
        if not bag:
            bag.extend(rng.sample(every, len(every)))
        return bag.pop()

    return fault


def _met(server):
    """The faults that hit the watches themselves."""
    return [fault for what, fault in server.injected if what == "watch"]


async def test_four_hundred_faults_lose_invent_and_double_nothing(tmp_path):
    rng = random.Random(20)
    journal = Journal(tmp_path)
    server = KubeServer(SERVED, journal.now, _trouble(rng))
    for _ in range(20):
        _happen(server, rng)
    stop = asyncio.Event()
    async with server.running(), open_cluster(kubeconfig(tmp_path, server.url)) as cluster:
        kinds = [Kind(served.kind, served.group) for served in SERVED]
        sight = KubeSight(cluster, "source", journal, kinds=kinds, namespace="metal3", key=KEY, limits=FAST)
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            group.create_task(sight.run())
            group.create_task(_live(server, rng, stop))
            await sight.ready.wait()
            await server.until(lambda: len(_met(server)) >= FAULTS_WANTED)
            server.fault = well
            stop.set()
            assert await sight.barrier(20)
    journal.close()
    entries = list(read(journal.path))
    oracles = [Oracle(server, served, _secret if served is SECRETS else plain).read(entries).whole() for served in SERVED]
    assert set(_met(server)) >= {*REFUSALS, *BREAKS}
    for number in ("gaps", "bridged", "inferred"):
        assert sum(getattr(oracle, number) for oracle in oracles) > 10, f"the faults made {number}"
    assert sum(oracle.events for oracle in oracles) > FAULTS_WANTED
    assert b"hunter-" not in journal.path.read_bytes()
