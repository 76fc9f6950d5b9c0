"""The mover ends with exit code 0, and said that it failed. Twin: it said that it tries again."""

import msgspec

from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, unknown
from harness.catalogue.trial import rules
from harness.journal.facts import MoverSaid

RULE = rules.CONTRADICTION
MOMENTS = ("deleting",)


def say(draft: Draft, line: str) -> None:
    """The mover says one line more."""
    said = next((entry.fact for entry in draft.entries if isinstance(entry.fact, MoverSaid)), None)
    if said is None:
        raise NotApplicableError("the mover's own words")
    draft.tell(msgspec.structs.replace(said, line=line, phase=""))


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    say(draft, "Error: action failed after 10 attempts: failed to delete an object")
    return unknown("move_completes")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    say(draft, 'Operation failed, retrying with backoff cause="Error: conflict"')
