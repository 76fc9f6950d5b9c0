"""An Event of the destination's Baremetal Operator tells that it inspects, provisions, or powers the host. Twin: it verified the BMC."""

from harness.catalogue.planting import objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.trial import rules

RULE = rules.EVERY_WITNESS
MOMENTS = ("settling", "late")
VARIANTS = (
    "InspectionStarted",
    "ProvisioningStarted",
    "DeprovisioningStarted",
    "PowerOff",
    "PowerOn",
    "InspectionError",
    "ProvisioningError",
    "PowerManagementError",
)
TWINS = ("BMCAccessValidated", "Registered")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    draft.run.need("kube", cluster=draft.run.destination, kind="Event")
    objects.event(draft, draft.variant, "as the Baremetal Operator tells it", warning="Error" in draft.variant)
    return not_passes(
        "events_harmless", "hosts_keep_state", "hosts_adopted", "bmc_untouched", "history_unchanged", hosts=[draft.host.name]
    )


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.event(draft, draft.variant, "as the Baremetal Operator tells it")
