"""The host is still being provisioned when the move begins, or its status is not known then: what it would have to keep is not known.

Twin: it was provisioned shortly before the move.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, unknown
from harness.catalogue.trial import rules

RULE = rules.PROMISE
MOMENTS = ("pausing",)
VARIANTS = ("provisioning", "preparing", "")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    draft.run.need_no_preflight()
    key = find.host_copy(draft, draft.run.origin)
    change = changes.alter("status", "provisioning", "state", value=draft.variant)
    objects.rewrite(draft, key, change, since=-1.0, until=draft.run.phases["pause"])
    return unknown("hosts_keep_state", "preflight_hosts", "history_unchanged", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    draft.run.need_no_preflight()
    key = find.host_copy(draft, draft.run.origin)
    change = changes.alter("status", "provisioning", "state", value="provisioning")
    began = draft.host.baseline.entry.at
    objects.rewrite(draft, key, change, since=-1.0, until=began + (draft.run.move.since - began) / 100)
