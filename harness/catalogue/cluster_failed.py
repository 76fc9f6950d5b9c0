"""The Cluster fails, loses its infrastructure, or is paused again at the end. Twin: a condition of it flaps."""

from harness.catalogue.planting import changes, find, objects, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules

RULE = rules.POST_FLIGHT
FORMS = {
    "failed": changes.put("status", "phase", value="Failed"),
    "no infrastructure": changes.put("status", "initialization", "infrastructureProvisioned", value=False),
    "paused again": changes.put("spec", "paused", value=True),
    "paused by annotation": changes.annotate("cluster.x-k8s.io/paused"),
}
MOMENTS = ("late",)
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.write(draft, find.cluster(draft), FORMS[draft.variant], USER)
    return fails("move_completes", "clusters_reconcile", actor=objects.actor(draft, USER) if "paused" in draft.variant else "")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.cluster(draft), servers.condition("RemoteConnectionProbe", "Unknown"), until=draft.after(5))
