"""A host that runs an image but is claimed by nobody is reset: the promise is to what runs, not to who claims it.

Twin: an `available` spare is reset, or a host without a consumer is left in peace.
"""

from harness.catalogue.planting import changes, find, objects, requests, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails
from harness.catalogue.trial import rules

RULE = rules.PROMISE
MOMENTS = ("settling", "late")
TWINS = ("spare", "in peace")


def unclaim(draft: Draft) -> None:
    """The host never had a consumer, in either cluster."""
    blocked = changes.remove("metadata", "annotations", "clusterctl.cluster.x-k8s.io/block-move")
    change = changes.both(changes.remove("spec", "consumerRef"), blocked)
    for side in (draft.run.origin, draft.run.destination):
        objects.rewrite(draft, find.host_copy(draft, side), change, since=-1.0)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    unclaim(draft)
    by = requests.ironic_of(draft, draft.run.destination)
    requests.reset(draft, by, "ForceRestart")
    servers.booted(draft)
    return fails("bmc_untouched", hosts=[draft.host.name], actor=by.words)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    if draft.variant == "in peace":
        find.without_preflight(draft)
        unclaim(draft)
    elif draft.run.spares:
        draft.host = draft.run.spares[0]
        requests.reset(draft, requests.ironic_of(draft, draft.run.destination), "ForceRestart")
    else:
        raise NotApplicableError("a host that runs nothing")
