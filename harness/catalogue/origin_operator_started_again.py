"""The origin's Baremetal Operator is started again while the origin still has the hosts' copies. Twin: it is stopped once more."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules

RULE = rules.POST_FLIGHT
MOMENTS = ("pausing", "creating")


def replicas(count: int) -> changes.BodyChange:
    """A Deployment of so many Pods, all of which serve."""
    members = (("spec", "replicas"), ("status", "availableReplicas"), ("status", "readyReplicas"), ("status", "replicas"))
    return changes.both(*(changes.put(*path, value=count) for path in members))


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.deployment(draft, "baremetal-operator", draft.run.origin)
    objects.write(draft, key, replicas(1), USER)
    return not_passes("managers_run", hosts=find.hosts(draft), actor=objects.actor(draft, USER))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.write(draft, find.deployment(draft, "baremetal-operator", draft.run.origin), replicas(0), USER)
