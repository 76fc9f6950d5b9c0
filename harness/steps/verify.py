"""Judge what was moved so far, and refuse the next step unless all of it passes: a move back too early destroys hosts.

Judged is what the scenario expects of the whole run, and in any case that every host is adopted and has consumed its annotations. Like
`settle` it waits until that can be judged, at most for the settling time after the last step of any host's adoption. A verdict that fails
is a failure of the step; one that stays unknown ends the run without the next step.
"""

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

Said = list[tuple[str, Judgement]]


async def step(bench: Bench, *, for_: Duration = 0.0) -> Halt | None:
    """Wait until every check has a verdict; StepFailedError where one fails."""
    seconds = settle.patience(bench, bench.scaled(for_ or bench.lab.settle_seconds or settle.SETTLE_SECONDS))
    await settle.arrived(bench, seconds)
    said: Said = []

    def told(world: World) -> bool:
        said[:] = examine(world, bench)
        return not any(judgement.verdict == "unknown" for _, judgement in said)

    late = ""
    try:
        await bench.until(told, seconds, "the checks to have a verdict")
    except StepFailedError as error:
        late = str(error)
    if failed := texts(said, "fail"):
        raise StepFailedError(f"the next step is refused: {failed}")
    return Halt(f"{late}: {texts(said, 'unknown')}") if late else None


def examine(world: World, bench: Bench) -> Said:
    """What every check says now."""
    return [(item.check, judgement) for item in asked(world, bench) for judgement in run_check(item, world, [], bench.words)]


def asked(world: World, bench: Bench) -> list[Expectation]:
    """What the run is held to as a whole, and the guards where that leaves them out."""
    named = [it for it in expected_of(world, bench.words) if not it.block and not it.own and it.check not in OF_THE_END]
    known = {item.check for item in named}
    return [*named, *(Expectation(check=check) for check in GUARDS if check not in known)]


def texts(said: Said, verdict: str) -> str:
    """The judgements of one verdict, for people."""
    return "; ".join(f"{check}: {it.host or 'run'}: {it.says}" for check, it in said if it.verdict == verdict)
