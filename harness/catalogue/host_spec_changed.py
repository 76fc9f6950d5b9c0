"""A user changes what the host is: its image, its disk, its MAC, its BMC's address, its power; for good, or for a moment.

Twin: the Baremetal Operator fills in the architecture.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import BMO, USER
from harness.catalogue.trial import rules
from harness.journal.entry import FOREVER

RULE = rules.TWO_QUESTIONS
FORMS = {
    "image": changes.put("spec", "image", value={"url": "http://192.0.2.1/other.raw", "checksum": "0"}),
    "image gone for a moment": changes.remove("spec", "image"),
    "MAC": changes.put("spec", "bootMACAddress", value="52:54:00:ff:ff:ff"),
    "BMC address": changes.put("spec", "bmc", "address", value="redfish://192.0.2.99/redfish/v1/Systems/1"),
    "power": changes.put("spec", "online", value=False),
    "power for a moment": changes.put("spec", "online", value=False),
    "user data": changes.put("spec", "userData", value={"name": "other", "namespace": "metal3"}),
}
MOMENTS = ("settling", "late")
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    until = draft.brief() if draft.variant.endswith("for a moment") else FOREVER
    objects.write(draft, find.host_copy(draft), FORMS[draft.variant], USER, until=until)
    return fails(
        "hosts_keep_power", "objects_arrive", "hosts_keep_state", hosts=[draft.host.name], actor=objects.actor(draft, USER)
    )


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.write(draft, find.host_copy(draft), changes.put("spec", "architecture", value="x86_64"), BMO)
