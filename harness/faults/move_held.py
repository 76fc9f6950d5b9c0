"""Pause the mover before each write, record both clusters, then let it continue.

It disturbs nothing: it surveys a whole move. Each snapshot is a line in logs/survey.jsonl, each request one in
logs/mover-requests.jsonl.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from harness.bench.bench import Bench
from harness.journal.facts import Side
from harness.move.end_state import classify
from harness.move.leftovers import SURVEY_FILE, Snapshot, leftovers_of
from harness.move.look import inventories, keys_of
from harness.move.proxy import NEVER, proxied
from harness.move.requests import MoverRequest
from harness.scenario.effect import Effect
from harness.world.moved_objects import expected


@asynccontextmanager
async def fault(bench: Bench, *, origin: Side = "source", destination: Side = "target") -> AsyncIterator[Effect]:
    """Route movers started within the block through a proxy that takes a snapshot before it forwards a write."""
    effect = Effect()
    file = bench.directory / "logs" / SURVEY_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    before = keys_of(expected(bench.world, origin, bench.journal.now()))

    async def look(asked: MoverRequest) -> None:
        here, there = await inventories(bench, origin, destination)
        end = classify(here, there, before, (origin, destination))
        with file.open("ab") as survey:
            survey.write(msgspec.json.encode(Snapshot(asked.number, end.name, leftovers_of(here, there, before))) + b"\n")
        effect.happened(f"both clusters were looked at before each write, up to request {asked.number}")

    async with proxied(bench.lab, bench.directory / "logs", NEVER, bench.journal.now, look):
        yield effect
