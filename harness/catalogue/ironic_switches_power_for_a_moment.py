"""One look at the Ironic that has the host shows its node off, or about to be switched; the next one shows it on again.

Twin: its power is not known at that look.
"""

from harness.catalogue.planting import nodes
from harness.catalogue.planting.changes import put
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules

RULE = rules.EVERY_VERSION
FORMS = {
    "off": put("power_state", value="power off"),
    "to be off": put("target_power_state", value="power off"),
    "to be rebooted": put("target_power_state", value="soft rebooting"),
}
MOMENTS = ("settling", "late")
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    nodes.rewrite(draft, FORMS[draft.variant], until=draft.after(2))
    return fails("ironic_keeps_nodes", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    nodes.rewrite(draft, put("power_state", value=None), until=draft.after(2))
