"""A user's object of a kind that no move takes along stays in the origin, where nobody serves it any more. Twin: it was applied again."""

from harness.catalogue.planting import objects, sights
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules
from harness.journal.facts import Body
from harness.world.coverage import SightKey
from harness.world.world import ObjectKey

RULE = rules.KINDS
MOMENTS = ("creating",)
SPECS: dict[str, Body] = {
    "HostClaim": {"hostSelector": {"matchLabels": {"rack": "one"}}},
    "HostDeployPolicy": {"hostClaimNamespaces": {"names": ["tenant"]}},
    "HostNetworkAttachment": {"mode": "access", "nativeVlan": 10},
    "BareMetalSwitch": {"address": "192.0.2.250", "driver": "generic-switch"},
}
VARIANTS = tuple(SPECS)
TWINS = VARIANTS
NAME = "of-a-tenant"


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    for side in (draft.run.origin, draft.run.destination):
        if not draft.run.sees("kube", cluster=side, kind=draft.variant):
            sights.add(draft, SightKey("kube", side, draft.variant))
    body = {"apiVersion": "metal3.io/v1alpha1", "spec": SPECS[draft.variant]}
    objects.carry(draft, draft.variant, NAME, body, arrives=False)
    return fails("objects_arrive")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    plant(draft)
    key = ObjectKey(draft.run.destination, draft.variant, draft.host.namespace, NAME)
    body = {"apiVersion": "metal3.io/v1alpha1", "spec": SPECS[draft.variant]}
    objects.add(draft, key, body, at=draft.after(1.0, of=draft.run.move.until))
