"""A run that rolls out a Cluster, as the parts that are judged each for itself: up to the rollout, and what came after it.

A rollout replaces Machines by the will of who asked, so that other hosts run something afterwards. What was promised to hosts before is
judged as it was when the rollout began; then all is promised anew. The rollout itself is a stage: it harms no host that it does not take.
"""

from collections.abc import Iterator

from harness.files.words import WordFiles
from harness.journal.entry import Entry
from harness.journal.facts import Expectation, SightEnded, StepBegan
from harness.verdict.promise import always_checks, promised_checks
from harness.world.changes.rollouts import rollouts
from harness.world.moves import moves, renewed_since
from harness.world.world import World

OF_THE_WHOLE = ("run_completes",)
"""What is judged of the run, however many parts it has."""

OF_A_ROLLOUT = "rolled_out"

Era = tuple[World, list[Entry]]


def eras(world: World, entries: list[Entry]) -> list[Era]:
    """The parts of a run, each with its entries; one where nothing was rolled out. A part without a move promises nothing.

    Without its entries a run is judged as it is now.
    """
    found: list[Era] = world.answers.get(eras) or found_eras(world, entries)
    world.answers[eras] = found
    return found


def found_eras(world: World, entries: list[Entry]) -> list[Era]:
    """The same, not remembered."""
    if renewed_since(world) is None or not entries:
        return [(world, entries)]
    known = [up_to(entries, rollout.step) for rollout in rollouts(world) if rollout.done]
    parts = [*((World(listed, final=world.final), listed) for listed in known), (world, entries)]
    return [part for part in parts if moves(part[0])] or [(world, entries)]


def up_to(entries: list[Entry], step: str) -> list[Entry]:
    """The entries up to the begin of a step, and what was told later of the time before."""
    number = next(i for i, entry in enumerate(entries) if isinstance(entry.fact, StepBegan) and entry.fact.step == step)
    until = entries[number].at
    late = (entry for entry in entries[number + 1 :] if isinstance(entry.fact, SightEnded) or entry.since <= until)
    return [*entries[: number + 1], *late]


def of_rollouts(world: World, named: list[Expectation], words: WordFiles) -> Iterator[Expectation]:
    """What is judged of each rollout, where the run did not promise it: no scenario can leave it out."""
    always = always_checks(words)
    held = {(item.check, item.block) for item in named}
    for rollout in rollouts(world):
        for check in (OF_A_ROLLOUT, *promised_checks(words, "run", steady=True)):
            if (check, rollout.step) not in held and check not in always:
                yield Expectation(check=check, block=rollout.step, steady=True)
