"""A draft: one altered copy of a good run, in the making."""

import random
from bisect import bisect_right
from collections.abc import Callable
from operator import attrgetter

from harness.catalogue.planting.expected import NotApplicableError
from harness.catalogue.planting.good_run import GoodRun, MoveMoment, replaced
from harness.journal.entry import Entry
from harness.journal.facts import AnyFact
from harness.world.hosts import Host

BRIEF_SECONDS = 0.1


class Draft:
    """The entries of a good run, to be altered: `host` and `time` were drawn, `variant` is the form of the defect.

    Seconds of real life are divided by the run's speed (`after`), so that a story fits into a run that is faster than life.
    """

    def __init__(self, run: GoodRun, host: Host, moment: MoveMoment, *, variant: str = "", seed: int = 0) -> None:
        """Nothing is altered yet. NotApplicableError where the run has no such moment."""
        self.run = run
        self.host = host
        self.moment = moment
        self.variant = variant
        self.random = random.Random(f"{host.name} {moment} {variant} {seed}")  # noqa: S311 - repeatable, not secret
        since, until = run.interval(moment, host)
        if not since < until:
            raise NotApplicableError(f"time between the ends of the moment `{moment}`")
        self.time = since + (until - since) * (0.5 if seed == 0 else self.random.uniform(0.2, 0.8))
        self.entries = list(run.entries)

    def after(self, seconds: float, *, of: float | None = None) -> float:
        """The time some seconds (of real life) after `time`, or after another time; never later than what was seen."""
        began = self.time if of is None else of
        return min(began + seconds / self.run.speed, max(began, self.run.ends - 0.01))

    def brief(self) -> float:
        """The end of a moment too short for anything that polls."""
        return self.time + BRIEF_SECONDS

    def tell(self, fact: AnyFact, *, at: float | None = None, since: float | None = None) -> None:
        """Add a fact, in its place by time."""
        at = self.time if at is None else at
        entry = Entry(-1, at if since is None else min(since, at), at, fact)
        self.entries.insert(bisect_right(self.entries, at, key=attrgetter("at")), entry)

    def drop(self, unwanted: Callable[[Entry], bool]) -> None:
        """Take out every entry that is unwanted."""
        self.entries = [entry for entry in self.entries if not unwanted(entry)]

    def alter(self, change: Callable[[Entry], AnyFact | None]) -> None:
        """Give entries another fact: what `change` returns; None leaves one as it is."""
        self.entries = [entry if (fact := change(entry)) is None else replaced(entry, fact) for entry in self.entries]

    def done(self) -> list[Entry]:
        """The altered journal, numbered anew."""
        return [Entry(number, entry.since, entry.at, entry.fact) for number, entry in enumerate(self.entries)]
