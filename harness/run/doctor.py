"""Is this lab fit to pivot? Observes everything without writing, and runs every pre-flight check."""

import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from harness.bench.connect import open_bench
from harness.bench.switch_on import switched_on
from harness.errors import LabBrokeError
from harness.files.words import WordFiles
from harness.journal.facts import RunBegan
from harness.journal.journal import Journal
from harness.judgement import Judgement
from harness.kube.errors import ClusterError
from harness.lab.model import AnyLab, EmbeddedLab
from harness.verdict.preflight import examine as preflight

Answer = tuple[str, Judgement]
"""A pre-flight check's word, and what it says."""


async def examine(lab: AnyLab, words: WordFiles | None = None) -> list[Answer]:
    """What every pre-flight check says of this lab. Raises LabBrokeError where a cluster cannot be reached."""
    with tempfile.TemporaryDirectory(prefix="pivot-doctor-") as place:
        journal = Journal(Path(place))
        try:
            return await looked_at(lab, Path(place), journal, words or WordFiles())
        except ClusterError as error:
            raise LabBrokeError(str(error)) from error
        finally:
            journal.close()


async def looked_at(lab: AnyLab, place: Path, journal: Journal, words: WordFiles) -> list[Answer]:
    """What every pre-flight check says, once everything was looked at."""
    origins = words.origins()
    began = RunBegan(
        scenario="doctor", lab=lab.name, started="", mode="watch", expectations=[], unclaimed=lab.unclaimed, words=origins
    )
    async with AsyncExitStack() as stack:
        real = await stack.enter_async_context(switched_on(lab, place)) if isinstance(lab, EmbeddedLab) else lab
        bench, watchers = await stack.enter_async_context(open_bench(real, place, journal, began))
        said = preflight(bench.world, words=words)
        await watchers.close()
        return said
