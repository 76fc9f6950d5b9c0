"""The moved Cluster is marked for deletion, nobody is known to have asked for it, and its hosts are deprovisioned and switched off.

Twin: the audit log names the user who deleted it: from then on nothing is promised.
"""

from harness.catalogue.planting import changes, find, objects, requests, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails, unknown
from harness.catalogue.trial import rules

RULE = rules.PROMISE
MOMENTS = ("late",)
TWINS = ("by a named user",)


def deprovision(draft: Draft) -> None:
    """What follows from the deletion of a Cluster, to each of its hosts."""
    by = requests.ironic_of(draft, draft.run.destination)
    for host in draft.run.hosts:
        draft.host = host
        at = draft.after(5)
        state = changes.alter("status", "provisioning", "state", value="deprovisioning")
        objects.rewrite(draft, find.host_copy(draft), state, since=at)
        requests.reset(draft, by, "ForceOff", at=draft.after(6))
        servers.powered_off(draft, at=draft.after(6))


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.rewrite(draft, find.cluster(draft), changes.marked_for_deletion(draft))
    deprovision(draft)
    checks = ("hosts_keep_state", "bmc_untouched", "move_completes", "machines_run")
    # Without an audit log its user may have deleted it.
    return (fails if draft.run.sees("audit") else unknown)(*checks, hosts=find.hosts(draft))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    draft.run.need("audit")
    draft.run.need_time(draft.host, 60)
    key = find.cluster(draft)
    objects.rewrite(draft, key, changes.marked_for_deletion(draft))
    objects.audit(draft, key, objects.USER, "delete")
    deprovision(draft)
