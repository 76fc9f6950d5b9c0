"""A taint drives all work from the host's Node, as if its server was dead. Twin: its cluster does so while it is not ready for a while."""

from harness.catalogue.planting import changes, find, objects, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.trial import rules

RULE = rules.POST_FLIGHT
MOMENTS = ("settling", "late")
VARIANTS = ("node.kubernetes.io/out-of-service", "example.com/maintenance")


def tainted(key: str, effect: str) -> changes.BodyChange:
    """The change that gives a Node one taint."""
    return changes.put("spec", "taints", value=[{"key": key, "value": "nodeshutdown", "effect": effect}])


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.write(draft, find.node(draft), tainted(draft.variant, "NoExecute"), objects.USER)
    return not_passes("nodes_untouched", hosts=[draft.host.name], actor=objects.actor(draft, objects.USER))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    servers.node_ready(draft, "False", since=draft.time, until=draft.after(15))
    objects.rewrite(draft, find.node(draft), tainted("node.kubernetes.io/not-ready", "NoExecute"), until=draft.after(16))
