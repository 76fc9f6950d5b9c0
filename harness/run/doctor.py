"""Is this lab fit to pivot? A look at everything, changing nothing, and every pre-flight check's answer."""

import tempfile
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path

from harness.bench.connect import looking
from harness.bench.switch_on import switched_on
from harness.exits import LabBrokeError, exit_of_verdict
from harness.journal.facts import RunBegan
from harness.journal.journal import Journal
from harness.judgement import Judgement, merge
from harness.kube.client import ClusterError
from harness.lab.model import AnyLab, EmbeddedLab
from harness.report.terminal import print_examination
from harness.verdict.preflight import examine as preflight


async def examine(lab: AnyLab) -> int:
    """Print what every pre-flight check says; the exit code of the whole."""
    with tempfile.TemporaryDirectory(prefix="pivot-doctor-") as place:
        journal = Journal(Path(place))
        try:
            return conclusion(await looked_at(lab, Path(place), journal))
        except ClusterError as error:
            raise LabBrokeError(str(error)) from error
        finally:
            journal.close()


async def looked_at(lab: AnyLab, place: Path, journal: Journal) -> list[tuple[str, Judgement]]:
    """What every pre-flight check says, once everything was looked at."""
    began = RunBegan(scenario="doctor", lab=lab.name, started="", mode="watch", expectations=[], unclaimed=lab.unclaimed)
    async with AsyncExitStack() as stack:
        real = await stack.enter_async_context(switched_on(lab, place)) if isinstance(lab, EmbeddedLab) else lab
        bench, eyes = await stack.enter_async_context(looking(real, place, journal, began))
        said = preflight(bench.world)
        await eyes.close()
        return said


def conclusion(said: Iterable[tuple[str, Judgement]]) -> int:
    """Print the answers and merge them into one."""
    listed = list(said)
    verdict = merge(judgement.verdict for _, judgement in listed)
    print_examination(listed, verdict)
    return int(exit_of_verdict(verdict))
