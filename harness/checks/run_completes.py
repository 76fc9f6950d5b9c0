"""The run itself went through: every step was done, every fault had an effect, and nobody interrupted it.

A fault that did nothing, or a run that was cut off, proves nothing about the system: unknown. A step that the system did not do is a
failure of the system.
"""

from collections.abc import Iterator

from harness.journal.facts import FaultHealed, StepEnded
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.world import World

ORDER = 140
MODES = ("run", "watch")


def check(world: World) -> Iterator[Judgement]:
    """Judgements about the run as a whole."""
    wrong = [*broken_steps(world), *idle_faults(world)]
    yield from wrong
    if world.ended is None:
        if world.final:
            yield unknown("the journal has no end: the run was cut off")
        return
    evidence = (world.end_entry.seq,) if world.end_entry else ()
    if world.ended.how not in ("done", "refused", "failed"):
        yield unknown(f"the run did not come to its end: {world.ended.how} {world.ended.says}".strip(), evidence=evidence)
    elif not wrong:
        yield passed("the run came to its end", evidence=evidence)


def broken_steps(world: World) -> Iterator[Judgement]:
    """Steps that the system under test did not do."""
    for entry in world.steps:
        match entry.fact:
            case StepEnded(how="failed") as fact:
                yield failed(f"step {fact.step} ({fact.word}): {fact.says}", evidence=(entry.seq,))
            case _:
                pass


def idle_faults(world: World) -> Iterator[Judgement]:
    """Faults without an effect."""
    for entry in world.faults:
        match entry.fact:
            case FaultHealed(effect=False) as fact:
                yield unknown(f"the fault {fact.word} had no effect, so nothing is proven: {fact.says}", evidence=(entry.seq,))
            case _:
                pass
