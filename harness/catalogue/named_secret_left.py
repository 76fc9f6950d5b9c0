"""A Secret that the host's spec names, owned by nobody and without a label, is left behind: the host cannot be provisioned again.

Twin: it has a move label, and is moved.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules

RULE = rules.KINDS
MOMENTS = ("creating",)


def name_it(draft: Draft) -> None:
    """The host names the Secret, all the time and in both clusters."""
    change = changes.put("spec", "preprovisioningNetworkDataName", value="network-by-hand")
    for side in (draft.run.origin, draft.run.destination):
        objects.rewrite(draft, find.host_copy(draft, side), change, since=0.0)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    body = {"apiVersion": "v1", "type": "Opaque", "dataDigest": {"networkData": "0123"}}
    objects.carry(draft, "Secret", "network-by-hand", body, arrives=False)
    name_it(draft)
    return fails("objects_arrive", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    label = {"labels": {"clusterctl.cluster.x-k8s.io/move": ""}}
    body = {"apiVersion": "v1", "type": "Opaque", "dataDigest": {"networkData": "0123"}, "metadata": label}
    objects.carry(draft, "Secret", "network-by-hand", body)
    name_it(draft)
