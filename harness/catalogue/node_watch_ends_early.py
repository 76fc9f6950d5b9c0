"""The watch of Nodes ends in good order before the mover's exit, or before the adoption. Twin: it ends with the run.

A recording whose one watch shows all kinds ends with it as a whole, and shows no adoption either.
"""

from harness.catalogue.planting import find, sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, unknown
from harness.catalogue.trial import rules
from harness.world.coverage import SightKey

RULE = rules.UNTIL_WHEN
MOMENTS = ("before", "pausing", "creating", "settling")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    sights.ends(draft, SightKey("kube", "workload", "Node"), draft.time)
    return unknown("nodes_untouched", "hosts_adopted", hosts=find.hosts(draft))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    sights.ends(draft, SightKey("kube", "workload", "Node"), draft.run.ends)
