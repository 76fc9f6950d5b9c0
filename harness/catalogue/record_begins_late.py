"""The record of requests begins only after the move began. Twin: it begins before it, later than the rest."""

from harness.catalogue.planting import find, sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, unknown
from harness.catalogue.trial import rules
from harness.world.coverage import SightKey

RULE = rules.UNTIL_WHEN
MOMENTS = ("pausing", "creating", "settling")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    if draft.run.sees("bmc"):
        raise NotApplicableError("BMCs whose only witness is the record of requests")
    draft.run.need("bmc_requests")

    sights.begins(draft, SightKey("bmc_requests"), draft.time)
    return unknown("bmc_untouched", hosts=find.hosts(draft))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    sights.begins(draft, SightKey("bmc_requests"), sum(draft.run.interval("before", draft.host)) / 2)
