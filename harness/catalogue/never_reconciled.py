"""The destination does not reconcile what it has: a Machine, Metal3Machine, Cluster or claim whose conditions stay false.

Twin: a condition that was false for a second.
"""

from harness.catalogue.planting import changes, find, objects, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.trial import rules

RULE = rules.EVERY_WITNESS
FORMS = {
    "Machine not ready": ("Machine", servers.condition("Ready", "False", "NotReady")),
    "Machine paused": ("Machine", servers.condition("Paused", "True", "Paused")),
    "infrastructure not ready": ("Machine", servers.condition("InfrastructureReady", "False", "NotReady")),
    "Metal3Machine not ready": ("Metal3Machine", servers.condition("Ready", "False", "NotReady")),
    "host not associated": ("Metal3Machine", servers.condition("AssociateBareMetalHost", "False", "PauseAnnotationSetFailed")),
    "Cluster's infrastructure not ready": ("Cluster", servers.condition("InfrastructureReady", "False", "NotReady")),
    "Metal3Cluster not ready": ("Metal3Cluster", servers.condition("Ready", "False", "NotReady")),
    "claim in error": ("Metal3DataClaim", changes.put("status", "errorMessage", value="no index is free")),
}
MOMENTS = ("settling",)
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    kind, change = FORMS[draft.variant]
    objects.rewrite(draft, find.own(draft, kind), change, since=draft.run.move.until)
    return not_passes("machines_run", "clusters_reconcile", anywhere=True)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    change = servers.condition("Ready", "False", "NotReady")
    objects.rewrite(draft, find.own(draft, "Machine"), change, until=draft.after(1))
