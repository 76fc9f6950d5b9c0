"""The host has an owner that is none: a Metal3Machine that does not exist. The garbage collector will delete the host.

Twin: a finalizer is written again.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.trial import rules

RULE = rules.COMPARE_ALL_BUT
MOMENTS = ("creating", "late")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    owner = {"apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2", "kind": "Metal3Machine", "name": "gone", "uid": "00000000"}
    objects.rewrite(draft, find.host_copy(draft), changes.put("metadata", "ownerReferences", value=[owner]))
    return not_passes("consumer_unchanged", "objects_arrive", "hosts_keep_state", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.host_copy(draft), changes.both())
