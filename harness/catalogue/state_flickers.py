"""The host's provisioning state is another for 100 ms: too short for what polls, seen by the watch alone.

Twin: the same status is written again.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import BMO
from harness.catalogue.trial import rules

RULE = rules.EVERY_VERSION
MOMENTS = ("late",)
VARIANTS = ("inspecting", "preparing", "deprovisioning", "deleting", "available", "")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    change = changes.alter("status", "provisioning", "state", value=draft.variant)
    objects.write(draft, find.host_copy(draft), change, BMO, until=draft.brief())
    return fails("hosts_keep_state", hosts=[draft.host.name], actor="Baremetal Operator")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.write(draft, find.host_copy(draft), changes.both(), BMO, until=draft.brief())
