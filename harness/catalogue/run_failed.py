"""The run itself did not come through: a step failed, was cancelled or has no end, a fault had no effect, or the run ended as failed.

Twin: a fault that had an effect.
"""

from collections.abc import Callable

import msgspec

from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, not_passes
from harness.catalogue.trial import rules
from harness.journal.entry import Entry
from harness.journal.facts import FaultBegan, FaultHealed, RunEnded, StepEnded

RULE = rules.THE_RUN
MOMENTS = ("late",)
VARIANTS = ("step failed", "step cancelled", "step without an end", "fault without an effect", "run failed", "run interrupted")


def last_step(draft: Draft) -> Entry:
    """The end of the last step."""
    ends = [entry for entry in draft.entries if isinstance(entry.fact, StepEnded)]
    if not ends:
        raise NotApplicableError("a run with steps")
    return ends[-1]


def step_failed(draft: Draft) -> None:
    """Its last step failed."""
    step = last_step(draft)
    draft.alter(
        lambda entry: msgspec.structs.replace(step.fact, how="failed", says="it did not settle") if entry is step else None
    )


def step_cancelled(draft: Draft) -> None:
    """Its last step was cancelled."""
    step = last_step(draft)
    draft.alter(lambda entry: msgspec.structs.replace(step.fact, how="cancelled") if entry is step else None)


def step_open(draft: Draft) -> None:
    """Its last step has no end."""
    step = last_step(draft)
    draft.drop(lambda entry: entry is step)


def fault_idle(draft: Draft) -> None:
    """A fault did nothing."""
    if not draft.run.world.steps:
        raise NotApplicableError("a run with steps")
    draft.tell(FaultBegan(fault="f1", word="watch_cut"), at=draft.run.move.since)
    draft.tell(FaultHealed(fault="f1", word="watch_cut", effect=False), at=draft.run.move.until)


def run_failed(draft: Draft) -> None:
    """The run says itself that it failed, and no step did."""
    draft.alter(lambda entry: RunEnded(how="failed", says="") if isinstance(entry.fact, RunEnded) else None)


def run_interrupted(draft: Draft) -> None:
    """The run was interrupted."""
    draft.alter(lambda entry: RunEnded(how="interrupted", says="") if isinstance(entry.fact, RunEnded) else None)


FORMS: dict[str, Callable[[Draft], None]] = {
    "step failed": step_failed,
    "step cancelled": step_cancelled,
    "step without an end": step_open,
    "fault without an effect": fault_idle,
    "run failed": run_failed,
    "run interrupted": run_interrupted,
}


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    FORMS[draft.variant](draft)
    return not_passes("run_completes", "move_completes")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    if not draft.run.world.steps:
        raise NotApplicableError("a run with steps")
    draft.tell(FaultBegan(fault="f1", word="watch_cut"), at=draft.run.move.since)
    draft.tell(FaultHealed(fault="f1", word="watch_cut", effect=True), at=draft.run.move.until)
