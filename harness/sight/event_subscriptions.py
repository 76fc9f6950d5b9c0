"""A BMC's own events: streamed where it offers a stream, else pushed to an address of ours where the lab has one.

An event only triggers a poll; its content is not used as evidence, so lost events cost promptness only. A subscription is a write
to the BMC: it is journaled with its undo before it is made, and deleted at every end.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count

from bmc.address import is_ipmi
from bmc.errors import BmcError
from bmc.redfish.event_listener import EventListener, EventSubscription
from bmc.redfish.events import EventStreamLimits, follow
from bmc.redfish.trust import server_tls
from harness.errors import UsageError
from harness.journal.facts import WriteDone, WriteIntended, WriteUndone
from harness.journal.journal import Journal
from harness.lab.access import BmcAccess
from harness.lab.model import Events
from harness.lab.undo import Undo, UndoAccess, body_of

CHECK_SECONDS = 60.0
"""How often a subscription is checked, and made again if the BMC lost it in a restart."""
_FOR_GOOD = frozenset({"refused", "missing", "auth", "forbidden"})
"""Kinds of error that a retry will not change."""

PollNow = Callable[[], None]


class Unsubscribe(Undo, frozen=True, kw_only=True, tag="unsubscribe"):
    """The subscription at the BMC of a host is found by its context, and deleted."""

    host: str
    context: str

    @property
    def touches_no_owner(self) -> bool:
        """Whom a BMC tells of its events changes nothing."""
        return True

    async def undo(self, access: UndoAccess) -> None:
        """Delete it, where the BMC still has it."""
        bmc = await access.bmc(self.host)
        await EventSubscription(bmc.address, bmc.credentials, tls=bmc.tls, context=self.context).find_and_delete()


class EventSubscriptions:
    """Subscribes to BMC events. `listener` receives pushed events; None if BMCs cannot reach us.

    Every `check_seconds` it is asked whether a subscription still lives.
    """

    def __init__(self, journal: Journal, listener: EventListener | None, check_seconds: float = CHECK_SECONDS) -> None:
        self._journal = journal
        self._check_seconds = check_seconds
        self._listener = listener
        self._names = count(1)

    async def subscribe(self, access: BmcAccess, poll_now: PollNow, *, deadline_seconds: float) -> None:
        """Call `poll_now` for each event of a host's BMC, until cancelled or until the BMC is known to offer no events."""
        if is_ipmi(access.address):
            return
        trust, seconds = access.tls, deadline_seconds
        await follow(
            access.address,
            access.credentials,
            lambda _: poll_now(),
            tls=trust,
            limits=EventStreamLimits(deadline_seconds=seconds),
        )
        while self._listener:
            wanted = EventSubscription(access.address, access.credentials, tls=trust, deadline_seconds=seconds)
            try:
                async with self._subscribed(self._listener, access.host, wanted, poll_now):
                    # What happened before the BMC knew whom to tell was not told.
                    poll_now()
                    while await wanted.lives():  # noqa: ASYNC110 - only asking again tells
                        await asyncio.sleep(self._check_seconds)
            except BmcError as error:
                if error.kind in _FOR_GOOD:
                    return
                await asyncio.sleep(self._check_seconds)

    @asynccontextmanager
    async def _subscribed(
        self, listener: EventListener, host: str, wanted: EventSubscription, poll_now: PollNow
    ) -> AsyncIterator[None]:
        """Hold a journaled subscription while the block runs; if it may have been left behind, its undo stays open."""
        name = f"subscription-{next(self._names)}"
        undo = body_of(Unsubscribe(host=host, context=wanted.context))
        what = f"have the BMC of {host} push its events to us"
        intended = self._journal.record(WriteIntended(write=name, system="bmc", what=what, host=host, undo=undo))
        await self._journal.durable(intended)
        made = False
        try:
            async with listener.subscribed(wanted, lambda _: poll_now()):
                made = True
                self._journal.record(WriteDone(write=name, ok=True))
                yield
        except BmcError as error:
            if not made:
                self._journal.record(WriteDone(write=name, ok=False, says=error.says))
            raise
        finally:
            if wanted.deleted:
                self._journal.record(WriteUndone(write=name))


@asynccontextmanager
async def event_subscriptions(
    journal: Journal, events: Events | None, check_seconds: float = CHECK_SECONDS
) -> AsyncIterator[EventSubscriptions]:
    """The event subscriptions for a lab's BMCs. Raises UsageError if we cannot listen at the configured address."""
    if events is None:
        yield EventSubscriptions(journal, None, check_seconds)
        return
    try:
        tls = server_tls(str(events.certificate), str(events.key or "")) if events.certificate else None
        listener = EventListener(events.listen, events.port, tls=tls)
        await listener.start()
    except (BmcError, OSError) as error:
        raise UsageError(f"`events`: nothing can be pushed to {events.listen}: {error}") from error
    try:
        yield EventSubscriptions(journal, listener, check_seconds)
    finally:
        await listener.stop()
