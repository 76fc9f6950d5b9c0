"""The record of requests ends in good order, but before the move, in it, or before the adoption.

Twin: it ends with the run.
"""

from harness.catalogue.planting import find, sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, unknown
from harness.catalogue.trial import rules
from harness.world.coverage import SightKey

RULE = rules.UNTIL_WHEN
MOMENTS = ("before", "pausing", "creating", "settling")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    if draft.run.sees("bmc"):
        raise NotApplicableError("BMCs whose only witness is the record of requests")
    draft.run.need("bmc_requests")

    sights.ends(draft, SightKey("bmc_requests"), draft.time)
    return unknown("bmc_untouched", hosts=find.hosts(draft))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    sights.ends(draft, SightKey("bmc_requests"), draft.run.ends)
