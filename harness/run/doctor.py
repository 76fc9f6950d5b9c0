"""Is this lab fit to pivot? Observes everything without writing, runs every pre-flight check, and foretells what a move would lose."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

from harness.bench.connect import open_bench
from harness.bench.switch_on import switched_on
from harness.errors import LabBrokeError
from harness.files.scratch import scratch_directory
from harness.files.words import WordFiles
from harness.journal.facts import RunBegan
from harness.journal.journal import Journal
from harness.judgement import Judgement, failed
from harness.kube.errors import ClusterError
from harness.lab.model import AnyLab, EmbeddedLab
from harness.verdict.preflight import examine as preflight
from harness.world.carried.fates import Fates, foretold
from harness.world.probes import direction

Answer = tuple[str, Judgement]
"""A check's word, and what it says."""

FORETOLD = "objects_arrive"
"""The check that will fail of what a move loses."""


class Examination(NamedTuple):
    """What every pre-flight check says of a lab, and what a move would do with what stands there."""

    answers: list[Answer]
    fates: Fates


async def examine(lab: AnyLab, words: WordFiles | None = None) -> Examination:
    """Look at everything, and judge. Raises LabBrokeError where a cluster cannot be reached."""
    with scratch_directory("pivot-doctor-") as place:
        journal = Journal(place)
        try:
            return await looked_at(lab, place, journal, words or WordFiles())
        except ClusterError as error:
            raise LabBrokeError(str(error)) from error
        finally:
            journal.close()


async def looked_at(lab: AnyLab, place: Path, journal: Journal, words: WordFiles) -> Examination:
    """What every pre-flight check says, once everything was looked at, and what a move would lose of what users wrote."""
    origins = words.origins()
    began = RunBegan(
        scenario="doctor", lab=lab.name, started="", mode="watch", expectations=[], unclaimed=lab.unclaimed, words=origins
    )
    async with AsyncExitStack() as stack:
        real = await stack.enter_async_context(switched_on(lab, place)) if isinstance(lab, EmbeddedLab) else lab
        bench, watchers = await stack.enter_async_context(open_bench(real, place, journal, began))
        fates = foretold(bench.world, direction(bench.world, "")[0])
        said = [*preflight(bench.world, words=words), *foreseen(fates)]
        await watchers.close()
        return Examination(said, fates)


def foreseen(fates: Fates) -> list[Answer]:
    """The failures that a move would end with, since it loses what users wrote."""
    return [(FORETOLD, failed(f"a move would lose {loss}", loss.host or None)) for loss in fates.lost]
