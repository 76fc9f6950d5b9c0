"""What `clusterctl move` says. A run reads it of the process that it starts itself; here it is only imported."""

from harness.journal.facts import AnyFact, Body, MoverEnded, MoverSaid, MoverStarted
from harness.journal.mover_lines import phase_of
from harness.sight.source import Recording, Source


class _Movers:
    """Numbers the starts of the mover, one after the other."""

    def __init__(self) -> None:
        """None was started yet."""
        self.number = -1

    def convert(self, row: Body) -> tuple[float, AnyFact] | None:
        """One row of the mover's recording."""
        fact = self._fact(row)
        return None if fact is None else (row["at"], fact)

    def _fact(self, row: Body) -> AnyFact | None:
        match row.get("what"):
            case "start":
                self.number += 1
                return MoverStarted(mover=self.number, origin=row["from"], destination=row["to"], command="clusterctl move")
            case "stderr":
                return MoverSaid(mover=self.number, line=row["line"], phase=phase_of(row["line"]))
            case "exit":
                return MoverEnded(mover=self.number, code=row["rc"], seconds=row.get("secs") or 0.0)
            case _:
                return None


SOURCE = Source(recording=Recording("mover", "mover", lambda: _Movers().convert))
