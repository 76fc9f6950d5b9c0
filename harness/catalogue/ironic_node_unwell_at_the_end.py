"""The node in the destination's Ironic ends off, about to be off, in maintenance for a fault, with an error, or beside another one.

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
    "power unknown": put("power_state", value=None),
}
OTHER = "11111111-0000-4000-8000-000000000001"
MOMENTS = ("late",)
VARIANTS = (*FORMS, "two nodes")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    if draft.variant == "two nodes":
        node = nodes.changed(nodes.seen(draft, draft.run.destination)[-1], put("uuid", value=OTHER))
        draft.tell(node, since=draft.time - nodes.POLL_SECONDS)
    else:
        nodes.rewrite(draft, FORMS[draft.variant])
    checks = ("fit_to_run", "ironic_keeps_nodes", "hosts_adopted", "one_owner", "hosts_keep_state", "bmc_untouched")
    return not_passes(*checks, hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    first = nodes.seen(draft, draft.run.destination)[0]
    nodes.rewrite(draft, put("power_state", value=None), since=first.at - 1e-6, until=first.at + 0.01)
