"""All watchers of a run: started together, ready together, ended with a final poll."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from bmc.plugins import Plugins
from harness.errors import LabBrokeError
from harness.journal.journal import Journal
from harness.sight import sources
from harness.sight.source import Source, Watch, WatchContext, WatchersLimits

SOURCES = Plugins(sources, "SOURCE", Source)
"""Each file in `sources` is one."""
OF_PACE = Source(begins="first")
"""Who keeps pace, we and an embedded lab: it tells nothing of the system, but how to read what the others tell."""


class Watchers:
    """The watchers of one lab, by when they begin."""

    def __init__(self, limits: WatchersLimits, watches: Sequence[tuple[Source, Watch]]) -> None:
        """None is started yet."""
        self._limits = limits
        self._watches = watches
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._left: set[str] = set()

    async def start(self, group: asyncio.TaskGroup) -> None:
        """Start all; those that begin last only when those that begin first have looked.

        A host's promise begins when a cluster first shows it, and from then on its BMC must be watched. Raises LabBrokeError
        naming those that are not ready.
        """
        self._start(group, [watch for source, watch in self._watches if source.begins != "last"])
        first = [watch for source, watch in self._watches if source.begins == "first"]
        await self._wait_for(first, self._limits.bmc_ready_seconds)
        self._start(group, [watch for source, watch in self._watches if source.begins == "last"])

    async def wait_ready(self) -> None:
        """Wait until every watcher is ready. Raises LabBrokeError naming those that are not."""
        await self._wait_for([watch for _, watch in self._watches], self._limits.ready_seconds)

    async def leave(self, name: str, says: str) -> None:
        """End this watcher with a final look, as what it looks at is about to end as it should; `says` tells why."""
        for _, watch in self._watches:
            if watch.name == name and watch.leave and name not in self._left:
                self._left.add(name)
                await watch.leave(says)

    async def close(self) -> None:
        """End all watchers with a final look; a watcher that can no longer see records that itself."""
        async with asyncio.TaskGroup() as group:
            for _, watch in self._watches:
                if watch.name not in self._left:
                    group.create_task(self._last_look(watch))

    def cancel(self) -> None:
        """End all watchers at once, without a final look."""
        for task in self._tasks.values():
            task.cancel()

    def _start(self, group: asyncio.TaskGroup, watches: Sequence[Watch]) -> None:
        self._tasks |= {watch.name: group.create_task(watch.watcher.run(), name=watch.name) for watch in watches}

    async def _wait_for(self, watches: Sequence[Watch], seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                for watch in watches:
                    await watch.watcher.ready.wait()
        except TimeoutError:
            blind = [_trouble(watch) for watch in watches if not watch.watcher.ready.is_set()]
            raise LabBrokeError(f"no first look within {seconds:.0f} s at: {'; '.join(blind)}") from None

    async def _last_look(self, watch: Watch) -> None:
        if not watch.ends_itself:
            self._tasks[watch.name].cancel()
            await asyncio.wait([self._tasks[watch.name]])
        await watch.final()


def _trouble(watch: Watch) -> str:
    troubles: dict[str, str] = getattr(watch.watcher, "troubles", {})
    said = ", ".join(f"{kind}: {trouble}" for kind, trouble in list(troubles.items())[:2])
    return f"{watch.name} ({said})" if said else watch.name


@asynccontextmanager
async def watching(context: WatchContext, journal: Journal) -> AsyncIterator[Watchers]:
    """Run all watchers of a lab while the block runs."""
    context = context._replace(limits=context.limits.at_speed(context.lab.speed, len(context.bmcs)))
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        watches = [
            (OF_PACE, Watch("the harness itself", context.stalls, context.stalls.final, ends_itself=True)),
            (OF_PACE, Watch("the pace of the lab", context.pace, context.pace.final)),
        ]
        for source in SOURCES.values():
            if source.open is not None:
                watches += [(source, watch) for watch in await stack.enter_async_context(source.open(context, journal))]
        watchers = Watchers(context.limits, watches)
        try:
            await watchers.start(group)
            yield watchers
        finally:
            watchers.cancel()
