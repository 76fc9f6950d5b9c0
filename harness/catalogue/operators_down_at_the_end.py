"""The destination's Baremetal Operator or Metal3 provider is scaled to nothing, or unavailable, at the end: nobody manages the hosts.

Twin: it is restarted once.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules

RULE = rules.POST_FLIGHT
MOMENTS = ("late",)
VARIANTS = ("operator at zero", "operator unavailable", "provider at zero")


def down(*, unavailable: bool) -> changes.BodyChange:
    """A Deployment without a Pod that serves."""
    serving = [changes.put("status", name, value=0) for name in ("availableReplicas", "readyReplicas")]
    return changes.both(*serving, *([] if unavailable else [changes.put("spec", "replicas", value=0)]))


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.deployment(draft, "baremetal-operator" if "operator" in draft.variant else "capm3")
    objects.write(draft, key, down(unavailable="unavailable" in draft.variant), USER)
    return not_passes("managers_run", hosts=find.hosts(draft))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.write(draft, find.deployment(draft, "baremetal-operator"), down(unavailable=True), USER, until=draft.after(5))
