"""A server is reset after every sight had ended: the verdict does not speak of it, and says until when it holds."""

from harness.catalogue.planting import requests
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, passes
from harness.catalogue.trial import rules
from harness.journal.facts import RunEnded

RULE = rules.UNTIL_WHEN
MOMENTS = ("late",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    ends = draft.run.ends
    over = next(entry for entry in reversed(draft.entries) if isinstance(entry.fact, RunEnded))
    draft.drop(lambda entry: entry is over)
    requests.reset(draft, requests.THIRD_PARTY, "ForceRestart", at=max(over.at, ends) + 5)
    draft.tell(over.fact, at=max(over.at, ends) + 10)
    return passes()
