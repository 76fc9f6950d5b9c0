"""The Node runs another kernel or image, though its boot is the same: one of the two cannot be true, so nothing is proven.

Twin: a newer kubelet, which needs no boot.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, unknown
from harness.catalogue.trial import rules

RULE = rules.CONTRADICTION
MOMENTS = ("settling", "late")
VARIANTS = ("kernelVersion", "osImage")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.rewrite(draft, find.node(draft), changes.put("status", "nodeInfo", draft.variant, value="another"))
    return unknown("nodes_untouched", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.node(draft), changes.put("status", "nodeInfo", "kubeletVersion", value="v1.36.4"))
