"""A user deletes another Cluster, which was not moved; then a host of the moved one is reset by the destination's Ironic.

The deletion releases only its own Cluster's hosts. Twin: it is deleted, and nothing is harmed.
"""

from harness.catalogue.planting import changes, find, objects, requests, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules

RULE = rules.PROMISE
MOMENTS = ("pausing", "settling", "late")
VARIANTS = ("source", "target")
TWINS = ("source", "target")


def delete_another(draft: Draft) -> None:
    """A Cluster of another namespace, there before the move, deleted by its user."""
    cluster = find.cluster(draft, draft.run.origin)
    key = cluster._replace(cluster=draft.variant, namespace="another-team", name="another")
    body = {"apiVersion": "cluster.x-k8s.io/v1beta2", "spec": {}, "status": {"phase": "Provisioned"}}
    objects.add(draft, key, body, at=draft.run.interval("before", draft.host)[0], listed=True)
    objects.write(draft, key, changes.marked_for_deletion(draft), objects.USER)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    delete_another(draft)
    by = requests.ironic_of(draft, draft.run.destination)
    requests.reset(draft, by, "ForceRestart", at=draft.after(3))
    servers.booted(draft, at=draft.after(3))
    return fails("bmc_untouched", hosts=[draft.host.name], actor=by.words)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    delete_another(draft)
