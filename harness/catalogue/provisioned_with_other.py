"""The status tells of another image, disk, RAID, boot mode or deployment than the host was provisioned with, or of none.

Twin: only times in the status move.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import BMO
from harness.catalogue.trial import rules

RULE = rules.COMPARE_ALL_BUT
WHERE = ("status", "provisioning")
FORMS = {
    "no image": changes.alter(*WHERE, "image", value={"url": ""}),
    "other image": changes.alter(*WHERE, "image", value={"url": "http://192.0.2.1/other.raw", "checksum": "0"}),
    "image gone": changes.remove(*WHERE, "image"),
    "other disk": changes.alter(*WHERE, "rootDeviceHints", value={"deviceName": "/dev/sdb"}),
    "other boot mode": changes.alter(*WHERE, "bootMode", value="legacy"),
    "RAID": changes.put(*WHERE, "raid", value={"hardwareRAIDVolumes": [{"level": "0"}]}),
    "custom deploy": changes.put(*WHERE, "customDeploy", value={"method": "install_everything"}),
}
MOMENTS = ("settling", "late")
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.write(draft, find.host_copy(draft), FORMS[draft.variant], BMO)
    return fails(
        "image_unchanged", "hosts_keep_state", "objects_arrive", "history_unchanged", "hosts_adopted", hosts=[draft.host.name]
    )


def twin(draft: Draft) -> None:
    """Its benign twin."""
    key = find.host_copy(draft)
    objects.write(draft, key, changes.alter("status", "lastUpdated", value=changes.clock(draft, draft.time)), BMO)
