"""The status tells of another image, disk, RAID, boot mode or deployment than the host was provisioned with, or of none.

Twin: only times in the status move.
"""

from harness.catalogue.planting import find, objects, rules
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import BMO

RULE = rules.COMPARE_ALL_BUT
WHERE = ("status", "provisioning")
FORMS = {
    "no image": objects.alter(*WHERE, "image", value={"url": ""}),
    "other image": objects.alter(*WHERE, "image", value={"url": "http://192.0.2.1/other.raw", "checksum": "0"}),
    "image gone": objects.remove(*WHERE, "image"),
    "other disk": objects.alter(*WHERE, "rootDeviceHints", value={"deviceName": "/dev/sdb"}),
    "other boot mode": objects.alter(*WHERE, "bootMode", value="legacy"),
    "RAID": objects.put(*WHERE, "raid", value={"hardwareRAIDVolumes": [{"level": "0"}]}),
    "custom deploy": objects.put(*WHERE, "customDeploy", value={"method": "install_everything"}),
}
MOMENTS = ("settling", "late")
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.write(draft, find.host_copy(draft), FORMS[draft.variant], BMO)
    return fails("hosts_keep_state", "objects_arrive", "history_unchanged", "hosts_adopted", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    key = find.host_copy(draft)
    objects.write(draft, key, objects.alter("status", "lastUpdated", value=objects.clock(draft, draft.time)), BMO)
