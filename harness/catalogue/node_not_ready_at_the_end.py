"""The host's Node is not ready at the end, or marked for deletion. Twin: it is not ready for some seconds, with the same boot."""

from harness.catalogue.planting import changes, find, objects, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.trial import rules

RULE = rules.POST_FLIGHT
FORMS = {
    "unknown": servers.condition("Ready", "Unknown", "NodeStatusUnknown"),
    "not ready": servers.condition("Ready", "False", "KubeletNotReady"),
    "being deleted": None,
}
MOMENTS = ("settling", "late")
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    change = FORMS[draft.variant] or changes.marked_for_deletion(draft)
    objects.rewrite(draft, find.node(draft), change)
    return not_passes("nodes_untouched", "machines_run", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    servers.node_ready(draft, "False", since=draft.time, until=draft.after(15))
