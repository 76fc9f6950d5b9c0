"""Its Baremetal Operator tried to provision the host anew: a new last attempted image, or failures counted.

Twin: a count of zero is written again.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import BMO
from harness.catalogue.trial import rules

RULE = rules.COMPARE_ALL_BUT
FORMS = {
    "other image attempted": changes.alter("status", "lastAttemptedImage", value={"url": "http://192.0.2.1/other.raw"}),
    "failures": changes.alter("status", "provisioningFailCount", value=2),
}
MOMENTS = ("settling", "late")
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.write(draft, find.host_copy(draft), FORMS[draft.variant], BMO)
    return fails(
        "image_unchanged", "hosts_keep_state", "history_unchanged", "objects_arrive", "hosts_adopted", hosts=[draft.host.name]
    )


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.write(draft, find.host_copy(draft), changes.alter("status", "provisioningFailCount", value=0), BMO)
