"""The BMC of every host: what it says of its server, and the requests made to it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from bmc import protocols
from bmc.errors import BmcError
from bmc.observer import BmcObserver
from harness.journal.facts import AnyFact, BmcRequest, Body
from harness.journal.journal import Journal
from harness.lab.access import BmcAccess
from harness.sight.bmc import BmcSight, BmcSightLimits
from harness.sight.event_subscriptions import event_subscriptions
from harness.sight.source import Recording, Source, Watch, WatchContext, owners_of
from harness.sight.turns import Turns
from harness.sight.unreadable_bmc import UnreadableBmc


@asynccontextmanager
async def _opened(context: WatchContext, journal: Journal) -> AsyncIterator[Sequence[Watch]]:
    """A watcher for each BMC, polled once more for each event that the BMC sends."""
    limits = context.limits
    watches: list[Watch] = []
    events: list[asyncio.Task[None]] = []
    turns = Turns(limits.looks_a_second)
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        subscriptions = await stack.enter_async_context(event_subscriptions(journal, context.lab.events))
        for access in context.bmcs.values():
            observer = _observer(context, access)
            stack.push_async_callback(observer.close)
            sight = BmcSight(
                access.host,
                observer,
                journal,
                interval_seconds=limits.bmc_poll_seconds,
                clients=owners_of(context.lab),
                limits=BmcSightLimits(answer_seconds=limits.bmc_answer_seconds),
                turns=turns,
                pace=context.pace,
            )
            watches.append(Watch(f"BMC of {access.host}", sight, sight.final))
            if isinstance(observer, UnreadableBmc):
                continue
            hearing = subscriptions.subscribe(access, sight.poll_now, deadline_seconds=limits.bmc_answer_seconds)
            events.append(group.create_task(hearing, name=f"events of {access.host}"))
        try:
            yield watches
        finally:
            for task in events:
                task.cancel()


def _observer(context: WatchContext, access: BmcAccess) -> BmcObserver:
    """What watches this BMC; an address that nobody understands blinds its own host only."""
    recorded, seconds = bool(context.lab.recorder_before(access.host)), context.limits.bmc_answer_seconds
    try:
        return protocols.observer(access.address, access.credentials, tls=access.tls, deadline_seconds=seconds, recorded=recorded)
    except BmcError as error:
        return UnreadableBmc(error)


def _request(row: Body) -> tuple[float, AnyFact]:
    """One request to a BMC."""
    fact = BmcRequest(
        host=row["host"],
        method=row["method"],
        path=row["path"],
        status=row.get("status") or 0,
        address=row.get("src") or "",
        client=row.get("client") or "",
        body=row.get("body") or "",
    )
    return float(row.get("t0") or row["at"]), fact


SOURCE = Source(_opened, begins="first", recording=Recording("bmc", "bmc_requests", lambda: _request))
