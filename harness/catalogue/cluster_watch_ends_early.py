"""The watch of hosts, Machines or Secrets of the destination ends in good order before the adoption.

Twin: it ends with the run.
"""

from harness.catalogue.planting import find, sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, unknown
from harness.catalogue.trial import rules
from harness.world.coverage import SightKey

RULE = rules.UNTIL_WHEN
CHECKS = (
    "hosts_keep_state",
    "one_owner",
    "hosts_adopted",
    "objects_arrive",
    "annotations_consumed",
    "machines_run",
    "history_unchanged",
)
MOMENTS = ("deleting", "settling")
VARIANTS = ("BareMetalHost", "Machine", "Secret", "HardwareData")
TWINS = VARIANTS


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    sights.ends(draft, SightKey("kube", draft.run.destination, draft.variant), draft.time)
    return unknown(*CHECKS, hosts=find.hosts(draft))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    sights.ends(draft, SightKey("kube", draft.run.destination, draft.variant), draft.run.ends)
