"""The host's consumer is absent in the one version in which the move begins, and then it is deprovisioned and switched off.

Twin: the consumer is absent then, and nothing is done to the host.
"""

from harness.catalogue.planting import changes, find, objects, requests, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules

RULE = rules.PROMISE
MOMENTS = ("late",)


def unclaim(draft: Draft) -> None:
    """The host has no consumer, and blocks no move, until the mover pauses it."""
    blocked = changes.remove("metadata", "annotations", "clusterctl.cluster.x-k8s.io/block-move")
    change = changes.both(changes.remove("spec", "consumerRef"), blocked)
    origin = find.host_copy(draft, draft.run.origin)
    objects.rewrite(draft, origin, change, since=-1.0, until=draft.run.phases["pause"])


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    unclaim(draft)
    by = requests.ironic_of(draft, draft.run.destination)
    state = changes.alter("status", "provisioning", "state", value="deprovisioning")
    objects.rewrite(draft, find.host_copy(draft), state)
    requests.reset(draft, by, "ForceOff", at=draft.after(1))
    servers.powered_off(draft, at=draft.after(1))
    return fails("hosts_keep_state", "bmc_untouched", hosts=[draft.host.name], actor=by.words)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    find.without_preflight(draft)
    unclaim(draft)
