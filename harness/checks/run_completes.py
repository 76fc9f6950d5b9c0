"""The run itself went through: every step was done, every fault had an effect, nobody interrupted it, and what a move did was settled.

A fault that did nothing, a step without an end, or a run that was cut off, proves nothing about the system: unknown. A step that the
system did not do is a failure of the system. It is judged of every run, whatever a scenario expects.
"""

from collections.abc import Iterator

from harness.journal.entry import Entry
from harness.journal.facts import FaultBegan, FaultHealed, StepBegan, StepEnded
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.moves import moves, was_refused
from harness.world.world import World

ORDER = 140
ALWAYS = True
MOVE, SETTLE = "move", "settle"
"""The steps that start a mover, and that look on after it."""


def check(world: World) -> Iterator[Judgement]:
    """Judgements about the run as a whole."""
    if was_refused(world) and world.ended and world.end_entry:
        yield unknown(f"the run was refused, so nothing was moved: {world.ended.says}", evidence=(world.end_entry.seq,))
        return
    wrong = [*misbegun(world), *broken_steps(world), *idle_faults(world)]
    if world.final and not wrong:
        wrong = list(skipped_steps(world))
    yield from wrong
    if world.ended is None:
        if world.final:
            yield unknown("the journal has no end: the run was cut off, or it is still being written")
        return
    evidence = (world.end_entry.seq,) if world.end_entry else ()
    says = f"{world.ended.how} {world.ended.says}".strip()
    if world.ended.how == "failed" and not wrong:
        yield failed(f"the run says of itself that it {says}", evidence=evidence)
    elif world.ended.how not in ("done", "failed"):
        yield unknown(f"the run did not come to its end: {says}", evidence=evidence)
    elif not wrong:
        yield passed("the run came to its end", evidence=evidence)


def misbegun(world: World) -> Iterator[Judgement]:
    """A journal without its beginning, or of more than one run."""
    first = world.begins[0] if world.begins else None
    if first is None or first.seq != 0:
        yield unknown("the journal has no beginning: what was promised and seen before its first entry is not known")
    for entry in world.begins[1:]:
        yield unknown("the journal has a second beginning: entries of another run are in it", evidence=(entry.seq,))


def broken_steps(world: World) -> Iterator[Judgement]:
    """Steps that the system under test did not do, that were stopped, or that made no move although they say so."""
    for entry in world.steps:
        match entry.fact:
            case StepEnded(how="failed") as fact:
                yield failed(f"step {fact.step} ({fact.word}): {fact.says}", evidence=(entry.seq,))
            case StepEnded(how="cancelled") as fact:
                yield unknown(f"step {fact.step} ({fact.word}) was stopped: {fact.says}".rstrip(": "), evidence=(entry.seq,))
            case StepEnded(word=word) as fact if word == MOVE and not moved_by(world, entry, fact):
                yield unknown(
                    f"step {fact.step} ({fact.word}) was done, but no mover was seen to start in it", evidence=(entry.seq,)
                )
            case _:
                pass


def moved_by(world: World, entry: Entry, ended: StepEnded) -> bool:
    """Did a mover start while this step went on?"""
    begun = [each.seq for each in world.steps if isinstance(each.fact, StepBegan) and each.fact.step == ended.step]
    first = max((seq for seq in begun if seq < entry.seq), default=-1)
    return any(first < run.started.seq < entry.seq for run in world.movers.values())


def skipped_steps(world: World) -> Iterator[Judgement]:
    """Steps without an end, planned steps that nobody did, and a last move that was not settled."""
    begun = {entry.fact.step: entry for entry in world.steps if isinstance(entry.fact, StepBegan)}
    ended = {entry.fact.step for entry in world.steps if isinstance(entry.fact, StepEnded)}
    for step, entry in begun.items():
        if step not in ended and isinstance(entry.fact, StepBegan):
            yield unknown(f"step {step} ({entry.fact.word}) has no end", evidence=(entry.seq,))
    planned = world.run.steps if world.run else {}
    left = [f"{step} ({word})" for step, word in planned.items() if step not in begun and step not in ended]
    if left:
        yield unknown(f"not every step of the scenario was begun: {', '.join(left)}")
    yield from unsettled(world)


def unsettled(world: World) -> Iterator[Judgement]:
    """A run whose last move nobody looked on after: what the new owner did then was not waited for."""
    made = [move for move in moves(world) if move.done]
    if not made or world.run is None or world.run.mode != "run" or not world.steps:
        return
    last = made[-1]
    done = (entry for entry in world.steps if isinstance(entry.fact, StepEnded) and entry.fact.how == "done")
    if not any(entry.at >= last.until and isinstance(entry.fact, StepEnded) and entry.fact.word == SETTLE for entry in done):
        yield unknown("no step `settle` looked on after the last move, so nothing is proven of its end", evidence=last.evidence)


def idle_faults(world: World) -> Iterator[Judgement]:
    """Faults without an effect, or without an end."""
    healed = {entry.fact.fault for entry in world.faults if isinstance(entry.fact, FaultHealed)}
    for entry in world.faults:
        match entry.fact:
            case FaultHealed(effect=False) as fact:
                yield unknown(f"the fault {fact.word} had no effect, so nothing is proven: {fact.says}", evidence=(entry.seq,))
            case FaultBegan(fault=name) as fact if world.final and name not in healed:
                yield unknown(
                    f"of the fault {fact.word} it is not known whether it had an effect, or was healed", evidence=(entry.seq,)
                )
            case _:
                pass
