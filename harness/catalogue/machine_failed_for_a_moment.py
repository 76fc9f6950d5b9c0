"""The host's Machine is failed or being deleted in one version, and then runs again. Twin: the same version is written again."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.planting.objects import CAPI
from harness.catalogue.trial import rules

RULE = rules.EVERY_VERSION
MOMENTS = ("late",)
VARIANTS = ("Failed", "Deleting")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    change = changes.put("status", "phase", value=draft.variant)
    objects.write(draft, find.own(draft, "Machine"), change, CAPI, until=draft.brief())
    return not_passes("machines_run", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.write(draft, find.own(draft, "Machine"), changes.both(), CAPI)
