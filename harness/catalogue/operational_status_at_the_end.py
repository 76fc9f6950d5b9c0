"""The host ends `delayed`, `servicing`, `detached` or `discovered`: nobody manages it, or somebody works on it. Twin: it is `OK`."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.planting.objects import BMO
from harness.catalogue.trial import rules

RULE = rules.POST_FLIGHT
MOMENTS = ("late",)
VARIANTS = ("delayed", "servicing", "detached", "discovered")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.write(draft, find.host_copy(draft), changes.alter("status", "operationalStatus", value=draft.variant), BMO)
    return not_passes("fit_to_run", "hosts_keep_state", "hosts_adopted", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.write(draft, find.host_copy(draft), changes.alter("status", "operationalStatus", value="OK"), BMO)
