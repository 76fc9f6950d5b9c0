"""The host is `poweredOn: false` in one version, between two polls of everything else. Twin: the same value is written again."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.planting.objects import BMO
from harness.catalogue.trial import rules

RULE = rules.EVERY_VERSION
MOMENTS = ("late",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    change = changes.alter("status", "poweredOn", value=False)
    objects.write(draft, find.host_copy(draft), change, BMO, until=draft.brief())
    return not_passes("hosts_keep_power", "hosts_keep_state", "hosts_adopted", "bmc_untouched", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.write(draft, find.host_copy(draft), changes.alter("status", "poweredOn", value=True), BMO)
