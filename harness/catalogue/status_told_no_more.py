"""The host's operator does not tell any more what it told of a running server. Twin: it counts its errors anew, or is a newer one."""

from harness.catalogue.condition_lost import upgrade
from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.trial import rules

RULE = rules.POST_FLIGHT
MOMENTS = ("late",)
VARIANTS = ("poweredOn", "hardware")
TWINS = ("errors counted", "hardware by a newer one")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.rewrite(draft, find.host_copy(draft), changes.remove("status", draft.variant))
    return not_passes("fit_to_run", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    if draft.variant == "errors counted":
        objects.rewrite(draft, find.host_copy(draft), changes.put("status", "errorCount", value=2), until=draft.after(2))
        return
    upgrade(draft)
    objects.rewrite(draft, find.host_copy(draft), changes.remove("status", "hardware"))
