"""Ironic says that its node was provisioned or inspected since, though every poll saw it `active`: something was done between two polls.

Twin: its reservation comes and goes.
"""

from harness.catalogue.planting import changes, nodes
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, unknown
from harness.catalogue.trial import rules

RULE = rules.IRONIC_GRAMMAR
MOMENTS = ("late",)
VARIANTS = ("provision_updated_at", "inspection_finished_at")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    if not any("provision_updated_at" in getattr(entry.fact, "node", {}) for entry in nodes.seen(draft, draft.run.destination)):
        raise NotApplicableError("nodes with their times of provisioning and inspection")
    nodes.rewrite(draft, changes.put(draft.variant, value=changes.clock(draft, draft.time)))
    return unknown(
        "ironic_keeps_nodes", "hosts_adopted", "one_owner", "hosts_keep_state", "history_unchanged", hosts=[draft.host.name]
    )


def twin(draft: Draft) -> None:
    """Its benign twin."""
    nodes.rewrite(draft, changes.put("reservation", value="conductor-1"), until=draft.after(1))
