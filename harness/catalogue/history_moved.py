"""The host's history of operations has a new inspection, provisioning or deprovisioning. Twin: its registration is renewed."""

from harness.catalogue.planting import find, objects, rules
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import BMO

RULE = rules.COMPARE_ALL_BUT
MOMENTS = ("late",)
VARIANTS = ("inspect", "provision", "deprovision")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    span = {"start": objects.clock(draft, draft.time), "end": objects.clock(draft, draft.time)}
    change = objects.alter("status", "operationHistory", draft.variant, value=span)
    objects.write(draft, find.host_copy(draft), change, BMO)
    return fails("history_unchanged", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    span = {"start": objects.clock(draft, draft.time), "end": objects.clock(draft, draft.time)}
    objects.write(draft, find.host_copy(draft), objects.alter("status", "operationHistory", "register", value=span), BMO)
