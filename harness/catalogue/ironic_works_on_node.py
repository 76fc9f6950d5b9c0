"""The destination's Ironic deploys, cleans, inspects or deletes the node, seen by one poll; it asked nothing of the BMC yet.

Twin: the node is enrolled, fails to be adopted once, and is active.
"""

from harness.catalogue.planting import changes, nodes, requests
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules

RULE = rules.IRONIC_GRAMMAR
MOMENTS = ("late",)
VARIANTS = ("deploying", "wait call-back", "cleaning", "inspecting", "deleting", "deploy hold", "error", "rescue", "servicing")
TWINS = ("enroll", "verifying", "adopting", "adopt failed")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    by = requests.ironic_of(draft, draft.run.destination)
    nodes.rewrite(draft, changes.put("provision_state", value=draft.variant), until=draft.after(6))
    return fails(
        "ironic_keeps_nodes",
        "one_owner",
        "hosts_adopted",
        "hosts_keep_state",
        "bmc_untouched",
        hosts=[draft.host.name],
        actor=by.words,
    )


def twin(draft: Draft) -> None:
    """Its benign twin."""
    own = nodes.seen(draft, draft.run.destination)
    if own and len(own) > 1:
        at = (own[0].at + own[1].at) / 2
        nodes.rewrite(draft, changes.put("provision_state", value=draft.variant), since=at, until=at + 0.01)
