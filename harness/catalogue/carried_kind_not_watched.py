"""A kind that the move carries was not watched at all: nobody knows whether its objects arrived.

Twin: a kind was watched of which there is none.
"""

from harness.catalogue.planting import sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, unknown
from harness.catalogue.trial import rules
from harness.world.coverage import SightKey

RULE = rules.KINDS
MOMENTS = ("creating",)
VARIANTS = (
    "IPPool",
    "IPAddress",
    "IPClaim",
    "Metal3Data",
    "Metal3DataTemplate",
    "MachineSet",
    "MachineDeployment",
    "Metal3Cluster",
)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    for side in (draft.run.origin, draft.run.destination):
        sights.never(draft, SightKey("kube", side, draft.variant))
    return unknown("objects_arrive", anywhere=True)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    for side in (draft.run.origin, draft.run.destination):
        sights.add(draft, SightKey("kube", side, "MachinePool"))
