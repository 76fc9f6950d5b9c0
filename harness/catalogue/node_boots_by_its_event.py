"""An Event of the host's Node tells of a boot that the Node itself does not show. Twin: it tells of its kubelet, or of a boot long ago."""

from harness.catalogue.planting import find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, unknown
from harness.catalogue.trial import rules
from harness.world.world import ObjectKey

RULE = rules.EVERY_WITNESS
MOMENTS = ("creating", "settling", "late")
VARIANTS = ("Rebooted", "Shutdown")
TWINS = ("Starting", "NodeReady", "Rebooted before")


def tell(draft: Draft, reason: str, *, before: bool = False) -> None:
    """A kubelet tells something of its Node."""
    about = {"kind": "Node", "name": find.node(draft).name}
    body = {"apiVersion": "v1", "involvedObject": about, "reason": reason, "message": f"Node is {reason}", "type": "Normal"}
    at = draft.run.interval("before", draft.host)[0] if before else None
    objects.add(draft, ObjectKey("workload", "Event", "default", "node.1"), body, at=at, listed=before)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    tell(draft, draft.variant)
    return unknown("events_harmless", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    reason, _, before = draft.variant.partition(" ")
    tell(draft, reason, before=bool(before))
