"""The audit log tells that somebody deleted what had arrived, and no watch shows it. Twin: he was refused, or deleted something else."""

import msgspec

from harness.catalogue.planting import find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, unknown
from harness.catalogue.trial import rules
from harness.journal.facts import ApiWrite

RULE = rules.CONTRADICTION
MOMENTS = ("late",)
VARIANTS = ("BareMetalHost", "Machine", "Cluster", "MachineSet")
TWINS = ("refused", "elsewhere")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    draft.run.need("audit")
    key = find.own(draft, draft.variant)
    last = draft.run.world.objects[key][-1]
    if not last.alive or last.deleting:
        raise NotApplicableError("a run in which nothing is deleted afterwards")
    objects.audit(draft, key, objects.USER, "delete")
    return unknown("lives_on", **find.whose(draft, key))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    draft.run.need("audit")
    key = find.host_copy(draft)
    objects.audit(draft, key._replace(namespace="elsewhere") if draft.variant == "elsewhere" else key, objects.USER, "delete")
    if draft.variant == "refused":
        draft.alter(
            lambda entry: (
                msgspec.structs.replace(entry.fact, code=403)
                if entry.at == draft.time and isinstance(entry.fact, ApiWrite)
                else None
            )
        )
