"""The word `labels_missing`: clusterctl's labels are away for the time of its block, and exactly those are back on any exit."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from harness.bench import crd_labels as definition_labels
from harness.bench.limits import BenchLimits
from harness.bench.undo import take_back, unfinished
from harness.errors import UsageError
from harness.faults import labels_missing
from harness.journal.facts import MoverStarted
from harness.kube.client import open_cluster
from harness.sight.kube.cluster import KubeSight
from harness.sight.kube.kinds import PIVOT_KINDS
from tests.steps.killed_move import killed_move

DISCOVERY = "clusterctl.cluster.x-k8s.io"
MOVE, HIERARCHY = f"{DISCOVERY}/move", f"{DISCOVERY}/move-hierarchy"
HOSTS, HARDWARE = definition_labels.HOSTS


@pytest.fixture
async def bench(tmp_path):
    """On two clusters; nobody watches."""
    async with killed_move(tmp_path, told=False) as made:
        await made.bench.clusters["source"].patch_merge(
            path(HOSTS), {"metadata": {"labels": {"somebody": "else", MOVE: "value"}}}
        )
        yield made.bench


@asynccontextmanager
async def watched(bench, directory):
    """Let the definitions of the source be watched."""
    kinds = [kind for kind in PIVOT_KINDS if kind.kind == "CustomResourceDefinition"]
    async with open_cluster(directory / "source.yaml") as cluster:
        sight = KubeSight(cluster, "source", bench.journal, kinds=kinds, namespace="metal3", key=b"0123456789abcdef")
        task = asyncio.create_task(sight.run())
        await sight.ready.wait()
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def path(name: str) -> str:
    return f"{definition_labels.DEFINITIONS_PATH}/{name}"


async def labels(bench, name: str) -> dict[str, str]:
    return dict((await bench.clusters["source"].get_json(path(name)))["metadata"].get("labels") or {})


async def test_the_labels_are_away_for_the_time_of_the_block_and_exactly_those_come_back(bench, tmp_path):
    before = {name: await labels(bench, name) for name in (HOSTS, HARDWARE)}
    async with watched(bench, tmp_path), labels_missing.fault(bench) as effect:
        during = {name: await labels(bench, name) for name in (HOSTS, HARDWARE)}

    assert before[HOSTS] | {DISCOVERY: "", MOVE: "value", HIERARCHY: "", "somebody": "else"} == before[HOSTS]
    assert during[HOSTS] == {label: value for label, value in before[HOSTS].items() if not label.startswith(DISCOVERY)}
    assert not [label for label in during[HARDWARE] if label.startswith(DISCOVERY)]
    assert {name: await labels(bench, name) for name in (HOSTS, HARDWARE)} == before
    assert effect.seen
    assert f"{HARDWARE} of the source was without {DISCOVERY}, {MOVE}" in effect.says
    assert not unfinished(bench.journal.entries)


async def test_only_the_named_ones_are_taken(bench, tmp_path):
    async with watched(bench, tmp_path), labels_missing.fault(bench, definitions=(HOSTS,), labels=(HIERARCHY,)) as effect:
        assert {DISCOVERY, MOVE, "somebody"} <= set(await labels(bench, HOSTS))
        assert HIERARCHY not in await labels(bench, HOSTS)
        assert MOVE in await labels(bench, HARDWARE)

    assert effect.says == f"{HOSTS} of the source was without {HIERARCHY}"


async def test_what_others_did_to_the_definition_meanwhile_stays(bench, tmp_path):
    async with watched(bench, tmp_path), labels_missing.fault(bench):
        await bench.clusters["source"].patch_merge(path(HOSTS), {"metadata": {"labels": {"somebody": None, "new": ""}}})

    assert set(await labels(bench, HOSTS)) >= {"new", DISCOVERY, MOVE, HIERARCHY}
    assert "somebody" not in await labels(bench, HOSTS)


async def test_labels_that_somebody_puts_back_meanwhile_are_no_effect(bench, tmp_path):
    async with watched(bench, tmp_path), labels_missing.fault(bench) as effect:
        await bench.clusters["source"].patch_merge(path(HARDWARE), {"metadata": {"labels": {MOVE: ""}}})
        await bench.until(
            lambda world: not definition_labels.lacks(world, "source", HARDWARE, (MOVE,)), 10, "the label to be seen again"
        )
        await bench.clusters["source"].patch_merge(path(HARDWARE), {"metadata": {"labels": {MOVE: None}}})
        await bench.until(lambda world: definition_labels.lacks(world, "source", HARDWARE, (MOVE,)), 10, "the label to go")

    assert (effect.seen, effect.says) == (False, f"{HARDWARE} of the source was not seen without its labels all the time")


async def test_without_sight_of_the_definitions_there_is_no_effect(bench):
    bench.limits = BenchLimits(fault_seen_seconds=0.05)
    async with labels_missing.fault(bench, definitions=(HOSTS,)) as effect:
        assert DISCOVERY not in await labels(bench, HOSTS)

    assert not effect.seen
    assert "was not seen" in effect.says


async def test_where_there_is_nothing_to_take_there_is_no_effect(bench, tmp_path):
    async with watched(bench, tmp_path), labels_missing.fault(bench), labels_missing.fault(bench) as effect:
        pass

    assert not effect.seen
    assert f"of {HOSTS}, {HARDWARE} in the source there was no such label" in effect.says


async def test_they_are_back_when_the_block_fails_or_is_interrupted(bench, tmp_path):
    before = await labels(bench, HOSTS)
    async with watched(bench, tmp_path):
        with pytest.raises(LookupError):
            async with labels_missing.fault(bench) as effect:
                raise LookupError
        begun = asyncio.Event()
        task = asyncio.create_task(hold(bench, begun))
        await begun.wait()
        assert DISCOVERY not in await labels(bench, HOSTS)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert effect.seen
    assert await labels(bench, HOSTS) == before


async def hold(bench, begun: asyncio.Event) -> None:
    async with labels_missing.fault(bench):
        begun.set()
        await asyncio.Event().wait()


async def test_a_killed_run_leaves_in_its_journal_what_puts_them_back_even_after_a_move_began(bench, tmp_path):
    before = {name: await labels(bench, name) for name in (HOSTS, HARDWARE)}
    async with watched(bench, tmp_path), labels_missing.fault(bench):
        bench.journal.record(MoverStarted(mover=1, origin="source", destination="target"))
        left = unfinished(bench.journal.entries)
        for _ in range(2):
            for item in left:
                await take_back(bench, item)

        assert len(left) == 2
        assert {name: await labels(bench, name) for name in (HOSTS, HARDWARE)} == before


async def test_a_definition_that_is_not_there_is_refused_and_what_was_taken_is_back(bench, tmp_path):
    before = await labels(bench, HOSTS)
    async with watched(bench, tmp_path):
        with pytest.raises(UsageError, match=f"the source has no definition nonsense; it has .*{HOSTS}"):
            async with labels_missing.fault(bench, definitions=(HOSTS, "nonsense")):
                pass

    assert await labels(bench, HOSTS) == before


async def test_labels_of_others_are_refused(bench):
    with pytest.raises(UsageError, match="somebody is no label of clusterctl"):
        async with labels_missing.fault(bench, labels=("somebody",)):
            pass
