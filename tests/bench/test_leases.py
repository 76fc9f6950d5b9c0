"""One at a time: who holds a cluster, who may take it over, and what a run may do that has lost it."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
from aiohttp import web

from harness.bench.bench import Bench
from harness.bench.leases.lease import PATH, PROCESS, TIME, HeldLease, place_mark
from harness.bench.leases.leases import Leases, held_leases
from harness.bench.undo import standing, take_back
from harness.errors import HeldError, LeaseLostError
from harness.journal.facts import SIDES, WriteDone
from harness.journal.journal import Journal
from harness.kube.absent import get_if_there
from harness.kube.awaited import open_awaited
from harness.kube.errors import ClusterEndpoint, NotThereError
from harness.processes.child import start_of
from tests.steps.killed_move import killed_move
from tests.waiting import until

RACES = 20


@pytest.fixture
async def bench(tmp_path):
    async with killed_move(tmp_path, told=False) as made:
        made.bench.pair = made.pair
        yield made.bench


def run(bench, tmp_path, name) -> Leases:
    """Another run on the same clusters."""
    return Leases(Journal(tmp_path / name), bench.clusters)


def now() -> str:
    """As a Lease tells the time."""
    return datetime.now(UTC).strftime(TIME)


async def holders(bench) -> list[str]:
    found = [await get_if_there(cluster, PATH) for cluster in bench.clusters.values()]
    return [it["spec"]["holderIdentity"] for it in found if it]


async def held_by(bench, holder: str, *, process: str = "", seconds: int = 1, renewed: str = "2026-01-01T00:00:00.000000Z"):
    """The Lease of the source, as somebody else wrote it."""
    body = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "metal3-pivot-harness", "annotations": {PROCESS: process}},
        "spec": {"holderIdentity": holder, "leaseDurationSeconds": seconds, "acquireTime": renewed, "renewTime": renewed},
    }
    return await bench.clusters["source"].create(PATH.rpartition("/")[0], body)


async def test_a_run_holds_both_clusters_the_next_is_told_who_and_nothing_stays(bench, tmp_path):
    async with held_leases(bench.journal, bench.clusters):
        (holder, same) = await holders(bench)
        assert holder == same
        with pytest.raises(HeldError, match=rf"is held by {holder} \(run .*run\), since 20.*kubectl -n default delete lease"):
            async with asyncio.timeout(1):
                await run(bench, tmp_path, "second").acquire()
        assert {item.what for item in standing(bench.journal.entries)} == {f"hold the Lease of the {side}" for side in SIDES}
    assert await holders(bench) == []
    assert standing(bench.journal.entries) == []


async def test_of_many_that_come_at_once_one_holds_both_clusters(bench, tmp_path):
    for race in range(RACES):
        runs = [run(bench, tmp_path, f"{race}-{number}") for number in range(2)]
        said = await asyncio.gather(*(it.acquire() for it in runs), return_exceptions=True)
        assert sorted(type(it) for it in said if it) == [HeldError], said
        assert len(set(await holders(bench))) == 1
        for it in runs:
            await it.release()
            it._journal.close()
        assert await holders(bench) == []


async def test_a_lease_whose_process_ran_here_and_is_gone_is_taken_over_at_once_and_that_is_said(bench, capsys):
    gone = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    await held_by(bench, "alive", process=f"{place_mark()} {gone.pid} {start_of(gone.pid)}", renewed=now())
    with pytest.raises(HeldError):
        async with held_leases(bench.journal, bench.clusters):
            raise AssertionError("it was taken over under a living process")
    await gone.communicate(b"")
    async with held_leases(bench.journal, bench.clusters):
        assert "alive" not in await holders(bench)
    assert "the Lease in the source is taken over from alive, whose process is gone" in capsys.readouterr().err


async def test_a_lease_from_elsewhere_is_taken_over_when_it_was_not_renewed_in_its_time(bench, capsys):
    await held_by(bench, "elsewhere")
    async with held_leases(bench.journal, bench.clusters):
        assert "elsewhere" not in await holders(bench)
    assert "is taken over from elsewhere, which has expired" in capsys.readouterr().err


async def test_a_lease_from_elsewhere_that_looks_old_by_our_clock_but_is_renewed_is_not_taken_over(bench):
    body = await held_by(bench, "slow clock", seconds=9)

    taking = asyncio.create_task(HeldLease(bench.clusters["source"], "source", "we", bench.directory).acquire())
    await until(lambda: any((it.cluster, it.method, it.path) == ("source", "GET", PATH) for it in bench.pair.requests))
    spec = body["spec"] | {"renewTime": "2026-01-01T00:00:09.000000Z"}
    await bench.clusters["source"].put(PATH, {**body, "spec": spec})
    with pytest.raises(HeldError, match="held by slow clock"):
        await taking


@pytest.mark.parametrize("how", ["taken over", "deleted"])
async def test_who_has_lost_his_lease_writes_nothing_more(bench, how):
    writer = Bench(bench.lab, bench.directory, bench.journal, bench.clusters)
    async with held_leases(bench.journal, bench.clusters) as leases:
        writer.may_write = leases.ask
        async with writer.writing("cluster source", "something"):
            pass
        await bench.clusters["source"].delete(PATH)
        if how == "taken over":
            await held_by(bench, "another", renewed=now())
        with pytest.raises(LeaseLostError, match=f"was {how}"):
            async with writer.writing("cluster source", "something else"):
                raise AssertionError("it was written")
    done = [entry.fact for entry in bench.journal.entries if isinstance(entry.fact, WriteDone)]
    assert [it.ok for it in done] == [True, True, True, False]
    assert await holders(bench) == (["another"] if how == "taken over" else [])


async def test_what_a_killed_run_held_is_given_up_by_its_undo_but_not_where_another_has_it(bench):
    leases = Leases(bench.journal, bench.clusters)
    await leases.acquire()
    await bench.clusters["source"].delete(PATH)
    await held_by(bench, "another")
    for item in standing(bench.journal.entries):
        await take_back(bench, item)
    assert await holders(bench) == ["another"]


async def test_a_cluster_that_appears_later_is_held_before_it_is_written_to_and_one_that_has_gone_is_let_go(bench, tmp_path):
    there = []

    async def appear():
        if not there:
            raise NotThereError(ClusterEndpoint("target", tmp_path / "target.yaml"), "nobody has made it yet")

    async with open_awaited(tmp_path / "target.yaml", name="target", appear=appear) as target:
        leases = Leases(bench.journal, {"source": bench.clusters["source"], "target": target})
        await leases.acquire()
        await leases.ask()
        assert len(await holders(bench)) == 1
        there.append("now")

        async def both() -> bool:
            await leases.ask()
            return len(set(await holders(bench))) == 1 and len(await holders(bench)) == 2

        await until(both, "the Lease of the target")
        target.is_over("its Cluster was deleted")
        await leases.ask()
        await leases.release()
    assert standing(bench.journal.entries) == []


async def test_where_leases_are_refused_a_locked_file_keeps_the_next_away(bench, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    def refuse(_name, request, _text):
        return web.json_response({"kind": "Status", "code": 403}, status=403) if "/leases" in request.path else None

    bench.pair.refuse = refuse
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(held_leases(bench.journal, bench.clusters))
        assert "no Lease can be held in the source" in capsys.readouterr().err
        second = run(bench, tmp_path, "second")
        with pytest.raises(HeldError, match=rf"is held by process {os.getpid()}, since "):
            await second.acquire()
    assert standing(bench.journal.entries) == []
    assert not list(tmp_path.glob("*.lock"))
    await second.acquire()
    await second.release()
