"""One version of the host tells of work on its server that runs, or of its failure: serviced, inspected, prepared, provisioned, detached.

Twin: of an error of registration or power, which heals by itself.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.trial import rules

RULE = rules.EVERY_VERSION
MOMENTS = ("late",)
STATES = ("servicing", "detached")
VARIANTS = (*STATES, "inspection error", "preparation error", "provisioning error", "servicing error")
TWINS = ("registration error", "power management error")


def told(draft: Draft) -> changes.BodyChange:
    """The change of the host's status."""
    if draft.variant in STATES:
        return changes.alter("status", "operationalStatus", value=draft.variant)
    return changes.both(
        changes.alter("status", "operationalStatus", value="error"),
        changes.put("status", "errorType", value=draft.variant),
        changes.put("status", "errorMessage", value="no answer"),
    )


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.rewrite(draft, find.host_copy(draft), told(draft), until=draft.after(2))
    return not_passes("image_unchanged", "nothing_ordered", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.host_copy(draft), told(draft), until=draft.after(2))
