"""Judge what was moved so far, and refuse the next step unless all of it passes: a move back too early destroys hosts.

Judged is what the scenario expects of the whole run, and in any case that every host is adopted and has consumed its annotations. Like
`settle` it waits until that can be judged, at most for the settling time after the last step of any host's adoption. A verdict that fails
is a failure of the step; one that stays unknown ends the run without the next step.
"""

import asyncio

from harness.bench.bench import Bench
from harness.errors import StepFailedError
from harness.files.durations import Duration
from harness.journal.facts import Expectation
from harness.judgement import Judgement
from harness.scenario.halt import Halt
from harness.steps import settle
from harness.verdict.judge import expected_of, run_check
from harness.world.world import World

GUARDS = ("hosts_adopted", "annotations_consumed")
"""What must be so before any other move, whatever a scenario expects."""
OF_THE_END = ("run_completes",)
"""What can be judged only when there is no other step."""

LOOK_SECONDS = 2.0
"""Between two looks; of a lab that is faster than life as much less."""

Said = list[tuple[str, Judgement]]


async def step(bench: Bench, *, for_: Duration = 0.0) -> Halt | None:
    """Wait until every check has a verdict; StepFailedError where one fails."""
    seconds = settle.patience(bench, bench.scaled(for_ or bench.lab.settle_seconds or settle.SETTLE_SECONDS))
    await settle.arrived(bench, seconds)
    since, said = bench.journal.now(), await examine(bench)
    while texts(said, "unknown") and bench.world.lag.kept(since, bench.journal.now()) < seconds:
        await asyncio.sleep(bench.scaled(LOOK_SECONDS))
        said = await examine(bench)
    if failed := texts(said, "fail"):
        raise StepFailedError(f"the next step is refused: {failed}")
    unsure, waited = texts(said, "unknown"), bench.journal.now() - since
    return Halt(f"waited {waited:.0f} s for the checks to have a verdict, in vain: {unsure}") if unsure else None


async def examine(bench: Bench) -> Said:
    """What every check says of what was seen up to now. In a thread: nobody stops looking meanwhile."""
    entries, words, items = list(bench.journal.entries), bench.words, asked(bench.world, bench)

    def judged() -> Said:
        world = World(entries)
        return [(item.check, judgement) for item in items for judgement in run_check(item, world, entries, words)]

    return await asyncio.to_thread(judged)


def asked(world: World, bench: Bench) -> list[Expectation]:
    """What the run is held to as a whole, and the guards where that leaves them out."""
    named = [it for it in expected_of(world, bench.words) if not it.block and not it.own and it.check not in OF_THE_END]
    known = {item.check for item in named}
    return [*named, *(Expectation(check=check) for check in GUARDS if check not in known)]


def texts(said: Said, verdict: str) -> str:
    """The judgements of one verdict, for people."""
    return "; ".join(f"{check}: {it.host or 'run'}: {it.says}" for check, it in said if it.verdict == verdict)
