"""The watch of an Ironic ends in good order before the adoption is over. Twin: it ends with the run."""

from harness.catalogue.planting import find, sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, unknown
from harness.catalogue.trial import rules
from harness.world.coverage import SightKey

RULE = rules.UNTIL_WHEN
MOMENTS = ("pausing", "creating", "deleting", "settling")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    sights.ends(draft, SightKey("ironic", draft.run.destination), draft.time)
    return unknown("one_owner", "hosts_adopted", hosts=find.hosts(draft))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    sights.ends(draft, SightKey("ironic", draft.run.destination), draft.run.ends)
