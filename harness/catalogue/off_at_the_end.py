"""The server is off at the end, and stays so: its BMC, Ironic, Baremetal Operator and Node all show it; nobody saw who did it.

Twin: the Node's heartbeat, and a power state written again.
"""

from harness.catalogue.planting import changes, find, objects, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import WHO_UNSEEN, Expected, fails
from harness.catalogue.trial import rules

RULE = rules.EVERY_VERSION
MOMENTS = ("late",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    servers.powered_off(draft)
    return fails(
        "hosts_keep_power",
        "hosts_keep_state",
        "hosts_adopted",
        "bmc_untouched",
        "nodes_untouched",
        hosts=[draft.host.name],
        actor=WHO_UNSEEN,
    )


def twin(draft: Draft) -> None:
    """Its benign twin."""
    servers.node_ready(draft, "True", since=draft.time)
    objects.rewrite(draft, find.host_copy(draft), changes.alter("status", "poweredOn", value=True))
