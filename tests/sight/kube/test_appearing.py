"""Sight on a cluster that comes later: while it is not there nothing is, and that is proven only where nobody could be there."""

import asyncio
import contextlib
from contextlib import asynccontextmanager

import pytest

from harness.journal.facts import ObjectSeen, SightBegan, SightEnded, SightRegained
from harness.journal.journal import Journal
from harness.kube.awaited import open_awaited
from harness.kube.errors import ClusterEndpoint, NotThereError
from harness.sight.kube.cluster import KubeSight
from harness.sight.kube.kinds import Kind
from tests.sight.kube.server import HOSTS, KubeServer, kubeconfig
from tests.sight.kube.test_cluster import BARRIER_SECONDS, QUICK, TEST_SECONDS


class Coming:
    """A sight on a cluster of a file that is not there yet, and the journal that it writes."""

    def __init__(self, directory):
        self.directory = directory
        self.journal = Journal(directory / "run")
        self.server = KubeServer([HOSTS], self.journal.now)

    def comes(self):
        """Its kubeconfig is written."""
        kubeconfig(self.directory, self.server.url or "http://127.0.0.1:1")

    def facts(self, kind):
        return [entry.fact for entry in self.journal.entries if isinstance(entry.fact, kind)]

    async def until(self, kind):
        async for entry in self.journal.follow(0):
            if isinstance(entry.fact, kind):
                return

    @asynccontextmanager
    async def seen(self):
        """Watch it."""
        path = self.directory / "lab.kubeconfig"

        async def appear():
            if not path.exists():
                raise NotThereError(ClusterEndpoint("target", path), "it is not there yet")

        async with open_awaited(path, name="target", appear=appear) as cluster, asyncio.timeout(TEST_SECONDS):
            kinds = [Kind("BareMetalHost", "metal3.io")]
            sight = KubeSight(cluster, "target", self.journal, kinds=kinds, namespace="metal3", key=b"k", limits=QUICK)
            task = asyncio.create_task(sight.run())
            await sight.ready.wait()
            try:
                yield sight
            finally:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


@pytest.fixture
def coming(tmp_path):
    made = Coming(tmp_path)
    yield made
    made.journal.close()


async def test_without_a_kubeconfig_it_is_proven_that_there_was_nothing(coming):
    async with coming.seen() as sight:
        assert len(coming.facts(SightBegan)) == 1
        assert await sight.barrier(BARRIER_SECONDS)
    assert [fact.complete for fact in coming.facts(SightEnded)] == [True]


async def test_who_never_answered_may_have_been_there_and_nobody_waits_for_a_proof(coming):
    coming.comes()
    async with coming.seen() as sight:
        began = coming.journal.now()
        assert not await sight.barrier(BARRIER_SECONDS)
        assert coming.journal.now() - began < BARRIER_SECONDS / 2
    (end,) = coming.facts(SightEnded)
    assert not end.complete
    assert "It never answered, so its control plane is not up yet" in end.says


async def test_when_it_appears_all_that_it_has_is_seen_and_its_end_is_proven_with_its_reason(coming):
    coming.server.write(HOSTS, "node-1")
    async with coming.seen() as sight, coming.server.running():
        coming.comes()
        await coming.until(ObjectSeen)
        await coming.until(SightRegained)
        assert await sight.barrier(BARRIER_SECONDS, "its control plane goes now")
    assert [fact.begins for fact in coming.facts(SightRegained)] == [True]
    (end,) = coming.facts(SightEnded)
    assert (end.complete, end.says) == (True, "its control plane goes now; a closing list agreed with the watch")
