"""The Ironic of each side that the lab names: whether it answers, and its nodes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from harness.journal.facts import SIDES, AnyFact, Body, IronicAnswers, IronicNode, IronicNodeGone
from harness.journal.journal import Journal
from harness.lab.model import IronicAccess
from harness.sight.ironic import IronicSight
from harness.sight.source import Recording, Source, Watch, WatchContext, login, trust_of

RECORDED_POLL_SECONDS = 0.5
"""How often a recorder asked: what a row shows can have happened that long before."""


@asynccontextmanager
async def _opened(context: WatchContext, journal: Journal) -> AsyncIterator[Sequence[Watch]]:
    """A watcher for each."""
    watches: list[Watch] = []
    async with AsyncExitStack() as stack:
        for side in SIDES:
            access: IronicAccess | None = getattr(context.lab.ironic, side)
            if access is not None:
                interval = context.limits.ironic_poll_seconds
                sight = IronicSight(
                    side, access.url, login(access), journal, interval_seconds=interval, tls=trust_of(access), pace=context.pace
                )
                stack.push_async_callback(sight.close)
                watches.append(Watch(f"Ironic of the {side}", sight, sight.final))
        yield watches


def _row(row: Body) -> tuple[float, AnyFact]:
    """Ironic answers or not, a node changed, a node is gone."""
    return row["at"] - RECORDED_POLL_SECONDS, _fact(row)


def _fact(row: Body) -> AnyFact:
    side = row["ironic"]
    if "node" in row:
        return IronicNode(ironic=side, uuid=row["node"]["uuid"], name=row["node"].get("name") or "", node=row["node"])
    if "gone" in row:
        return IronicNodeGone(ironic=side, uuid=row["gone"], name=row.get("name") or "")
    return IronicAnswers(ironic=side, up=row["up"])


SOURCE = Source(_opened, recording=Recording("ironic", "ironic", lambda: _row))
