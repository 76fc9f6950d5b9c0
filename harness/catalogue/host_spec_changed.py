"""A user changes what the host is: its image, its disk, its MAC, its BMC's address, its power; for good, or for a moment.

Twin: the Baremetal Operator fills in the architecture.
"""

from harness.catalogue.planting import find, objects, rules
from harness.catalogue.planting.draft import FOREVER, Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import BMO, USER

RULE = rules.TWO_QUESTIONS
FORMS = {
    "image": objects.put("spec", "image", value={"url": "http://192.0.2.1/other.raw", "checksum": "0"}),
    "image gone for a moment": objects.remove("spec", "image"),
    "MAC": objects.put("spec", "bootMACAddress", value="52:54:00:ff:ff:ff"),
    "BMC address": objects.put("spec", "bmc", "address", value="redfish://192.0.2.99/redfish/v1/Systems/1"),
    "power": objects.put("spec", "online", value=False),
    "power for a moment": objects.put("spec", "online", value=False),
    "user data": objects.put("spec", "userData", value={"name": "other", "namespace": "metal3"}),
    "cleaning": objects.put("spec", "automatedCleaningMode", value="disabled"),
}
MOMENTS = ("settling", "late")
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    until = draft.brief() if draft.variant.endswith("for a moment") else FOREVER
    objects.write(draft, find.host_copy(draft), FORMS[draft.variant], USER, until=until)
    return fails("objects_arrive", "hosts_keep_state", hosts=[draft.host.name], actor=objects.actor(draft, USER))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.write(draft, find.host_copy(draft), objects.put("spec", "architecture", value="x86_64"), BMO)
