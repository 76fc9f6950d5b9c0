"""The host's Machine is failed or being deleted in one version, and then runs again. Twin: the same version is written again."""

from harness.catalogue.planting import find, objects, rules
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.planting.objects import CAPI

RULE = rules.EVERY_VERSION
MOMENTS = ("late",)
VARIANTS = ("Failed", "Deleting")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    change = objects.put("status", "phase", value=draft.variant)
    objects.write(draft, find.own(draft, "Machine"), change, CAPI, until=draft.brief())
    return not_passes("machines_run", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.write(draft, find.own(draft, "Machine"), objects.both(), CAPI)
