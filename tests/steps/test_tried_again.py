"""The words of a move that is tried again by hand: a create at which it is killed, a wanted refusal, `unpause` and `quiet`."""

import asyncio

import pytest

from harness.errors import StepFailedError
from harness.faults import move_killed
from harness.journal.facts import MoverSaid, WriteIntended
from harness.move.requests import requests_of
from harness.steps import move, quiet, unpause
from harness.world.reconciled.stillness import last_change
from tests.steps.killed_move import HOSTS, killed_move
from tests.waiting import until

REFUSED = "Error: cannot start operation while the following Clusters are paused: metal3/lab"


@pytest.fixture
async def moving(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    async with killed_move(tmp_path) as made:
        yield made


def said(moving) -> list[str]:
    return [entry.fact.line for entry in moving.bench.journal.entries if isinstance(entry.fact, MoverSaid)]


def writes(moving) -> list[str]:
    return [entry.fact.what for entry in moving.bench.journal.entries if isinstance(entry.fact, WriteIntended)]


async def test_a_move_that_was_killed_at_a_create_is_refused_until_its_pause_is_taken_away(moving):
    async with move_killed.fault(moving.bench, at=3, of="creates", when="before") as effect:
        await move.step(moving.bench)
    creates = [request for request in requests_of(moving.bench.directory) if request.method == "POST"]

    assert effect.seen
    assert [request.struck for request in creates] == [False, False, True]
    with pytest.raises(StepFailedError, match="the mover ended with exit code 1; its output"):
        await move.step(moving.bench)
    assert said(moving)[-1] == REFUSED
    await move.step(moving.bench, code=1)

    await unpause.step(moving.bench, cluster="source")
    assert not await moving.paused("source")
    assert writes(moving)[-1].startswith("un-pause Cluster")
    await move.step(moving.bench)
    assert not await moving.left("source")


async def test_a_refusal_that_is_wanted_and_does_not_come_is_a_failure(moving):
    with pytest.raises(StepFailedError, match="ended with exit code 0, not with 1"):
        await move.step(moving.bench, code=1)


async def test_where_no_cluster_is_paused_there_is_nothing_to_un_pause(moving):
    with pytest.raises(StepFailedError, match="no Cluster in the source is paused"):
        await unpause.step(moving.bench, cluster="source")

    assert not writes(moving)


async def test_quiet_waits_until_the_last_change_is_old_enough(moving):
    quiet_seconds = 0.3
    (first, *_) = await moving.bench.clusters["source"].list_all(HOSTS)
    moving.seen("source", "BareMetalHost", first)
    seen = moving.bench.journal.entries[-1].at
    waiting = asyncio.create_task(quiet.step(moving.bench, for_=quiet_seconds * moving.bench.lab.speed))
    await until(lambda: moving.bench.journal.now() >= seen + quiet_seconds / 2, "half of the time")
    moving.seen("source", "BareMetalHost", first | {"status": {"poweredOn": False}})
    changed = moving.bench.journal.entries[-1].at
    await waiting

    assert moving.bench.journal.now() >= changed + quiet_seconds


async def test_what_is_quiet_already_is_not_waited_for(moving):
    (first, *_) = await moving.bench.clusters["source"].list_all(HOSTS)
    moving.seen("source", "BareMetalHost", first)
    seen = moving.bench.journal.entries[-1].at
    await until(lambda: moving.bench.journal.now() >= seen + 0.05, "a change that is old enough")
    begun = moving.bench.journal.now()
    await quiet.step(moving.bench, for_=0.01 * moving.bench.lab.speed)

    assert moving.bench.journal.now() - begun < 1


async def test_an_operator_that_only_counts_its_tries_is_quiet(moving):
    (first, *_) = await moving.bench.clusters["source"].list_all(HOSTS)
    changed = first | {"status": {"errorMessage": "no Secret", "errorCount": 1, "lastUpdated": "1"}}
    moving.seen("source", "BareMetalHost", first)
    moving.seen("source", "BareMetalHost", changed)
    since = moving.bench.journal.entries[-1].at
    for count in (2, 3, 4):
        meta = first["metadata"] | {"resourceVersion": str(count), "managedFields": [count]}
        moving.seen("source", "BareMetalHost", changed | {"metadata": meta, "status": changed["status"] | {"errorCount": count}})

    assert last_change(moving.bench.world) == since
    moving.seen("source", "BareMetalHost", first)
    assert last_change(moving.bench.world) > since
