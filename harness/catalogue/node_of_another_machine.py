"""The host's Node says that it is another Machine's, or another Cluster's. Twin: it says so of its own Machine, and more of its owner."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules
from harness.metal3 import CAPI

RULE = rules.UNIQUENESS
VARIANTS = ("machine", "cluster-name", "cluster-namespace")
MOMENTS = ("creating", "settling", "late")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.node(draft)
    if draft.variant != "machine":
        objects.rewrite(draft, key, changes.annotate(f"{CAPI}/{draft.variant}", "mine"), since=-1.0)
    objects.rewrite(draft, key, changes.annotate(f"{CAPI}/{draft.variant}", "somebody-else"), by=objects.CAPI)
    return fails("nodes_untouched", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    own = changes.annotate(f"{CAPI}/machine", find.own(draft, "Machine").name)
    objects.rewrite(draft, find.node(draft), changes.both(own, changes.annotate(f"{CAPI}/owner-kind", "MachineSet")))
