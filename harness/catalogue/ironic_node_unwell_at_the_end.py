"""The node in the destination's Ironic ends off, about to be off, in maintenance for a fault, or with an error.

Twin: its power is not known before it was verified.
"""

from harness.catalogue.planting import nodes
from harness.catalogue.planting.changes import both, put
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.trial import rules

RULE = rules.POST_FLIGHT
FORMS = {
    "off": put("power_state", value="power off"),
    "to be off": put("target_power_state", value="power off"),
    "maintenance": both(put("maintenance", value=True), put("fault", value="power failure")),
    "error": put("last_error", value="Failed to adopt: the BMC does not answer"),
    "to be deleted": put("target_provision_state", value="available"),
}
MOMENTS = ("late",)
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    nodes.rewrite(draft, FORMS[draft.variant])
    return not_passes("fit_to_run", "hosts_adopted", "one_owner", "hosts_keep_state", "bmc_untouched", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    first = nodes.seen(draft, draft.run.destination)[0]
    nodes.rewrite(draft, put("power_state", value=None), since=first.at - 1e-6, until=first.at + 0.01)
