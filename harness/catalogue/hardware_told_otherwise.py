"""The hardware that was found on the host is told otherwise, though no inspection was seen. Twin: a newer operator tells more of it."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules

RULE = rules.EVERY_VERSION
MOMENTS = ("settling", "late")
VARIANTS = ("status", "HardwareData")
TWINS = VARIANTS[:1]


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.host_copy(draft)
    if draft.variant == "status":
        objects.rewrite(draft, key, changes.alter("status", "hardware", "ramMebibytes", value=1))
    else:
        objects.rewrite(draft, key._replace(kind="HardwareData"), changes.put("spec", "hardware", "ramMebibytes", value=1))
    return fails("image_unchanged", "objects_arrive", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.host_copy(draft), changes.put("status", "hardware", "newer", value="told"))
