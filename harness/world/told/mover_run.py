"""One start of a mover, with all it said, and how it ended."""

import msgspec

from harness.journal import facts
from harness.journal.entry import Entry


class MoverRun(msgspec.Struct):
    """One start of the mover, with all it said."""

    started: Entry
    said: list[Entry] = []
    ended: Entry | None = None
    ends: list[Entry] = []
    """Every end that was told of it; more than one contradict each other."""

    @property
    def fact(self) -> facts.MoverStarted:
        """How it was started."""
        assert isinstance(self.started.fact, facts.MoverStarted)  # noqa: S101 - only such entries start one
        return self.started.fact

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs, or where its end was not seen."""
        return self.ended.fact.code if self.ended and isinstance(self.ended.fact, facts.MoverEnded) else None

    def add(self, entry: Entry) -> None:
        """Fold what it said, or that it ended."""
        if isinstance(entry.fact, facts.MoverEnded):
            self.ended = entry
            self.ends.append(entry)
        else:
            self.said.append(entry)
