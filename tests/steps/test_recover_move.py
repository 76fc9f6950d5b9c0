"""The word `recover_move`: each end state told, its recipe carried out, and the windows of danger closed."""

import asyncio
import json

import pytest
from aiohttp import web

from harness.errors import StepFailedError, UsageError
from harness.journal.facts import WriteIntended
from harness.kube.errors import ClusterError
from harness.steps import recover_move
from tests.steps.killed_move import (
    CLUSTERS,
    HOSTS,
    PAUSED,
    STATUS,
    killed_move,
    requests_of_a_whole_move,
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return asyncio.run(requests_of_a_whole_move(tmp_path_factory.mktemp("whole")))


@pytest.fixture
async def moving(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")  # our own mover: the same order each time
    async with killed_move(tmp_path) as made:
        yield made


@pytest.fixture(autouse=True, scope="module")
def _own_mover():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "/usr/bin:/bin")
        yield


def first(whole, cluster, method, path=""):
    """The number of the first such request."""
    return next(it.number for it in whole if (it.cluster, it.method) == (cluster, method) and path in it.path)


def told(moving):
    return json.loads((moving.bench.directory / "logs" / "recovery.json").read_text())


async def complete(moving):
    """Is everything in the target, un-paused, and every claimed host still with what its status is restored from?"""
    hosts = [await moving.host("target", f"node-{number}") for number in range(2)]
    whole = all(STATUS in host["metadata"]["annotations"] and PAUSED in host["metadata"]["annotations"] for host in hosts)
    return whole and not await moving.left("source") and not await moving.paused("target")


@pytest.mark.slow
async def test_a_move_that_had_only_looked_is_made_again(moving, capsys):
    await moving.killed(20)
    await recover_move.step(moving.bench)

    assert told(moving)["end"] == "nothing moved"
    assert "1. run the move again at once" in capsys.readouterr().out
    assert await complete(moving)


@pytest.mark.slow
async def test_a_source_that_was_paused_is_un_paused_and_moved_again(moving, whole):
    await moving.killed(first(whole, "source", "PATCH", "/clusters/lab"))
    await recover_move.step(moving.bench)

    assert told(moving)["end"] == "source paused"
    assert await complete(moving)


@pytest.mark.slow
async def test_from_the_first_deletion_on_the_deletion_is_finished_and_nothing_is_put(moving, whole):
    await moving.killed(first(whole, "source", "DELETE") + 12)
    moving.pair.requests.clear()
    await recover_move.step(moving.bench)
    writes = [(it.cluster, it.method) for it in moving.pair.requests if it.method != "GET"]

    assert told(moving)["end"] == "past the point of no return"
    assert await complete(moving)
    assert {method for _, method in writes} == {"PATCH", "DELETE"}
    assert writes[-1] == ("target", "PATCH")
    assert [cluster for cluster, _ in writes].count("target") == 1


@pytest.mark.slow
async def test_owners_go_after_what_they_own(moving, whole):
    await moving.killed(first(whole, "source", "DELETE"))
    moving.pair.requests.clear()
    await recover_move.step(moving.bench)
    deleted = [it.path for it in moving.pair.requests if it.method == "DELETE"]
    order = [
        next(place for place, path in enumerate(deleted) if word in path) for word in ("/machines/", "/machinesets/", "/lab-ca")
    ]

    assert order == sorted(order)
    assert order[-1] < deleted.index(f"{CLUSTERS}/lab")


@pytest.mark.slow
async def test_a_cluster_that_is_gone_leaves_hosts_that_are_not_moved_again(moving, whole):
    await moving.killed(first(whole, "source", "DELETE") + 12)
    await moving.bench.clusters["source"].patch_merge(f"{CLUSTERS}/lab", {"metadata": {"finalizers": None}})
    await moving.bench.clusters["source"].delete(f"{CLUSTERS}/lab")
    await recover_move.step(moving.bench)

    assert told(moving)["end"] == "Cluster gone, leftovers"
    assert await complete(moving)


@pytest.mark.slow
async def test_a_target_that_was_left_paused_is_un_paused(moving, whole):
    await moving.killed(whole[-1].number, "before")
    assert await moving.paused("target")
    await recover_move.step(moving.bench)

    assert told(moving)["end"] == "target left paused"
    assert await complete(moving)


@pytest.mark.slow
async def test_a_move_that_was_complete_is_left_alone(moving, whole):
    await moving.killed(whole[-1].number, "after")
    moving.pair.requests.clear()
    await recover_move.step(moving.bench)

    assert told(moving)["end"] == "complete"
    assert {it.method for it in moving.pair.requests} == {"GET"}


async def test_a_host_that_is_terminating_without_its_pause_is_freed_before_all_else(moving, whole):
    await moving.killed(first(whole, "source", "DELETE") + 12)
    await moving.mark("source", "node-1")
    await moving.bench.clusters["source"].delete(f"{HOSTS}/node-1")
    assert "deletionTimestamp" in (await moving.host("source", "node-1"))["metadata"]
    moving.pair.requests.clear()
    await recover_move.step(moving.bench)
    writes = [it.path for it in moving.pair.requests if it.method != "GET"]

    assert told(moving)["at_risk"] == ["node-1"]
    assert f"{HOSTS}/node-1" in writes[:3]
    assert await complete(moving)


@pytest.mark.slow
async def test_a_host_stands_paused_in_the_source_until_it_is_gone(moving, whole):
    await moving.killed(first(whole, "source", "DELETE") + 12)
    await moving.mark("source", "node-1")
    moving.pair.requests.clear()
    await recover_move.step(moving.bench)
    written = [it for it in moving.pair.requests if it.path == f"{HOSTS}/node-1" and it.method != "GET"]

    assert [it.method for it in written] == ["PATCH", "DELETE"]
    assert PAUSED in written[0].body["metadata"]["annotations"]
    assert written[0].body["metadata"]["finalizers"] is None


async def test_a_host_whose_annotations_were_wiped_in_the_target_gets_its_status_back_before_the_cluster_is_un_paused(
    moving, whole
):
    await moving.killed(first(whole, "source", "DELETE") + 12)
    await moving.mark("target", "node-1")
    moving.pair.requests.clear()
    await recover_move.step(moving.bench)
    writes = [it.path for it in moving.pair.requests if it.cluster == "target" and it.method != "GET"]
    annotations = (await moving.host("target", "node-1"))["metadata"]["annotations"]

    assert writes == [f"{HOSTS}/node-1", f"{CLUSTERS}/lab"]
    assert annotations == {PAUSED: "metal3.io/capm3", STATUS: '{"provisioning":{"state":"provisioned"}}'}
    assert await complete(moving)


@pytest.mark.slow
async def test_a_host_whose_status_nobody_told_keeps_the_target_paused(tmp_path, whole):
    async with killed_move(tmp_path, told=False) as moving:
        await moving.killed(first(whole, "source", "DELETE") + 12)
        with pytest.raises(StepFailedError, match="node-0 has lost its status in the target"):
            await recover_move.step(moving.bench)

        assert await moving.paused("target")


async def test_what_has_no_copy_is_never_deleted(moving, whole):
    await moving.killed(first(whole, "source", "DELETE") + 12)
    target = moving.bench.clusters["target"]
    await target.patch_merge(f"{HOSTS}/node-0", {"metadata": {"finalizers": None}})
    await target.delete(f"{HOSTS}/node-0")
    with pytest.raises(StepFailedError, match="BareMetalHost node-0 of the source has no copy"):
        await recover_move.step(moving.bench)

    assert await moving.host("source", "node-0")
    assert await moving.paused("target")


@pytest.mark.slow
async def test_a_finalizer_that_is_put_back_is_taken_away_again(moving, whole):
    await moving.killed(first(whole, "source", "DELETE") + 12)
    put_back = []

    def refuse(cluster, request, _):
        """Lets the first patch of the host pass without taking its finalizers."""
        mine = (cluster, request.method, request.path) == ("source", "PATCH", f"{HOSTS}/node-1")
        if mine and not put_back:
            put_back.append(request.path)
            return web.json_response({"kind": "BareMetalHost", "metadata": {}})
        return None

    moving.pair.refuse = refuse
    await recover_move.step(moving.bench)

    assert put_back
    assert await complete(moving)


@pytest.mark.slow
async def test_every_write_is_in_the_journal_before_it_is_done_and_holds_no_secret(moving, whole):
    await moving.killed(first(whole, "source", "DELETE") + 12)
    moving.pair.requests.clear()
    await recover_move.step(moving.bench)
    intended = [entry.fact.what for entry in moving.bench.journal.entries if isinstance(entry.fact, WriteIntended)]
    deleted = {it.path.rsplit("/", 1)[1] for it in moving.pair.requests if it.method == "DELETE"}

    assert all(any(name in what for what in intended) for name in deleted)
    assert "un-pause Cluster lab" in intended


async def test_without_a_move_there_is_nothing_to_recover(moving):
    with pytest.raises(UsageError, match="no move from source to target was made"):
        await recover_move.step(moving.bench)


@pytest.mark.slow
async def test_a_cluster_that_does_not_answer_is_a_failure_of_the_step_and_not_of_ours(moving, whole):
    await moving.killed(first(whole, "source", "DELETE") + 12)
    await moving.pair.servers["source"].stop()
    with pytest.raises(StepFailedError, match="source"):
        await recover_move.step(moving.bench)
    with pytest.raises(ClusterError):
        await moving.host("source", "node-1")
