"""Who keeps pace: the harness itself, and an embedded lab as its control tells. What neither could do in time is held against no host."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from harness.journal.journal import Journal
from harness.sight.source import Source, Watch, WatchContext


@asynccontextmanager
async def _opened(context: WatchContext, _: Journal) -> AsyncIterator[Sequence[Watch]]:
    """A watcher of ourselves, and one of the lab."""
    yield (
        Watch("the harness itself", context.stalls, context.stalls.final, ends_itself=True),
        Watch("the pace of the lab", context.pace, context.pace.final),
    )


SOURCE = Source(_opened, begins="first")
