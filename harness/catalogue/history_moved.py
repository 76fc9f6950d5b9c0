"""The host's history of operations has a new inspection, provisioning or deprovisioning. Twin: its registration is renewed."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import BMO
from harness.catalogue.trial import rules

RULE = rules.COMPARE_ALL_BUT
MOMENTS = ("late",)
VARIANTS = ("inspect", "provision", "deprovision")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    span = {"start": changes.clock(draft, draft.time), "end": changes.clock(draft, draft.time)}
    change = changes.alter("status", "operationHistory", draft.variant, value=span)
    objects.write(draft, find.host_copy(draft), change, BMO)
    return fails("history_unchanged", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    span = {"start": changes.clock(draft, draft.time), "end": changes.clock(draft, draft.time)}
    objects.write(draft, find.host_copy(draft), changes.alter("status", "operationHistory", "register", value=span), BMO)
