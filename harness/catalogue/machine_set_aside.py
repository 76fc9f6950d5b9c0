"""A Machine, its Metal3Machine or its MachineDeployment is paused, or marked for deletion or remediation, by an annotation that stays.

Twin: the annotations that name what it was cloned from.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules

RULE = rules.POST_FLIGHT
MOMENTS = ("late",)
VARIANTS = (
    "Machine cluster.x-k8s.io/paused",
    "Metal3Machine cluster.x-k8s.io/paused",
    "MachineDeployment cluster.x-k8s.io/paused",
    "Machine cluster.x-k8s.io/delete-machine",
    "Machine cluster.x-k8s.io/remediate-machine",
)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    kind, annotation = draft.variant.split()
    objects.write(draft, find.own(draft, kind), changes.annotate(annotation), USER)
    return not_passes("machines_run", "clusters_reconcile", anywhere=True, actor=objects.actor(draft, USER))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    name = "cluster.x-k8s.io/cloned-from-name"
    objects.rewrite(draft, find.own(draft, "Metal3Machine"), changes.annotate(name, "template"))
