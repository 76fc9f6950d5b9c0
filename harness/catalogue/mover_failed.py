"""The mover failed, was killed, moved no Cluster, was started a second time, or its end was not seen. Twin: it tells of retries."""

from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, not_passes
from harness.catalogue.trial import rules
from harness.journal.facts import MoverEnded, MoverSaid, MoverStarted

RULE = rules.THE_RUN
MOMENTS = ("late",)
VARIANTS = ("exit code 1", "killed", "end unseen", "no Cluster", "second start", "two exits")


def mover_of(draft: Draft) -> int:
    """The number of the mover's run."""
    if not draft.run.world.movers:
        raise NotApplicableError("the sight mover")
    return max(draft.run.world.movers)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    number = mover_of(draft)
    if draft.variant in ("exit code 1", "killed", "end unseen"):
        code = {"exit code 1": 1, "killed": -9, "end unseen": None}[draft.variant]
        draft.drop(lambda entry: isinstance(entry.fact, MoverEnded) and entry.fact.mover == number)
        if code is not None:
            draft.tell(MoverEnded(mover=number, code=code, seconds=1.0), at=draft.run.move.until)
    elif draft.variant == "two exits":
        draft.tell(MoverEnded(mover=number, code=1), at=draft.run.move.until - 0.001)
    elif draft.variant == "no Cluster":
        draft.drop(lambda entry: isinstance(entry.fact, MoverSaid) and "Clusters=" in entry.fact.line)
        draft.tell(MoverSaid(mover=number, line="Moving Cluster API objects Clusters=0"), at=draft.run.phases["pause"])
    else:
        draft.tell(MoverStarted(mover=number + 1, origin=draft.run.origin, destination=draft.run.destination))
    return not_passes("move_completes", "run_completes", anywhere=True)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    number = mover_of(draft)
    line = 'Retrying with backoff cause="resource is not ready to move"'
    draft.tell(MoverSaid(mover=number, line=line), at=draft.run.phases["create"] - 0.001)
