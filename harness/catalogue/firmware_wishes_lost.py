"""What a user had asked of the host's firmware, or its disk image, update policy or subscription, does not move, and is lost.

Twin: nothing had been asked, or it was applied again after the move.
"""

from harness.catalogue.planting import changes, objects, sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules
from harness.world.coverage import SightKey
from harness.world.world import ObjectKey

RULE = rules.KINDS
WISHES = {
    "HostFirmwareSettings": {"settings": {"ProcVirtualization": "Enabled"}},
    "HostFirmwareComponents": {"updates": [{"component": "bios", "url": "http://192.0.2.1/bios.bin"}]},
    "HostUpdatePolicy": {"firmwareSettings": "onReboot"},
    "DataImage": {"url": "http://192.0.2.1/data.iso"},
    "BMCEventSubscription": {"destination": "https://192.0.2.1/events"},
}
REMADE = ("HostFirmwareSettings", "HostFirmwareComponents")
"""What the Baremetal Operator makes anew, empty."""
MOMENTS = ("creating",)
VARIANTS = tuple(WISHES)
TWINS = (*WISHES, *(f"{kind} again" for kind in WISHES))


def watch(draft: Draft) -> None:
    """Both clusters are watched for the kind, where the run tells of its sights kind by kind."""
    kind = draft.variant.partition(" ")[0]
    for side in (draft.run.origin, draft.run.destination):
        if not draft.run.sees("kube", cluster=side, kind=kind):
            sights.add(draft, SightKey("kube", side, kind))


def wish(draft: Draft) -> None:
    """A user asks it before the move."""
    kind = draft.variant.partition(" ")[0]
    spec = WISHES[kind]
    if kind in REMADE:
        key = ObjectKey(draft.run.origin, kind, draft.host.namespace, draft.host.object_name)
        objects.rewrite(draft, key, changes.put("spec", value=spec), since=0.0)
    else:
        watch(draft)
        body = {"apiVersion": "metal3.io/v1alpha1", "spec": spec}
        there, _ = objects.carry(draft, kind, draft.host.name, body, arrives=False)
        objects.delete(draft, there, at=draft.run.move.until - 0.01)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    wish(draft)
    return fails("objects_arrive", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    watch(draft)
    kind, _, again = draft.variant.partition(" ")
    if again:
        wish(draft)
        key = ObjectKey(draft.run.destination, kind, draft.host.namespace, draft.host.object_name)
        at = draft.after(1.0, of=draft.run.move.until)
        if kind in REMADE:
            objects.rewrite(draft, key, changes.put("spec", value=WISHES[kind]), since=at)
        else:
            objects.add(draft, key, {"apiVersion": "metal3.io/v1alpha1", "spec": WISHES[kind]}, at=at)
