"""The host ends in an error of power, registration, provisioning or preparation; its owner cannot manage it.

Twin: a registration error that heals within a second.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import BMO
from harness.catalogue.trial import rules

RULE = rules.POST_FLIGHT
EVENTS = {
    "power management error": "PowerManagementError",
    "registration error": "RegistrationError",
    "provisioned registration error": "ProvisionedRegistrationError",
    "provisioning error": "ProvisioningError",
    "preparation error": "PreparationError",
}
MOMENTS = ("late",)
VARIANTS = tuple(EVENTS)


def error(kind: str) -> changes.BodyChange:
    """The status of a host in an error."""
    return changes.both(
        changes.alter("status", "operationalStatus", value="error"),
        changes.put("status", "errorType", value=kind),
        changes.alter("status", "errorMessage", value="the BMC did not do it"),
        changes.alter("status", "errorCount", value=3),
    )


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.write(draft, find.host_copy(draft), error(draft.variant), BMO)
    objects.event(draft, EVENTS[draft.variant], "the BMC did not do it", warning=True)
    return fails("fit_to_run", "hosts_keep_state", "hosts_adopted", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.write(draft, find.host_copy(draft), error("registration error"), BMO, until=draft.after(1))
