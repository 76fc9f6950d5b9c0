"""The node that the host's provisioning ID names bears another host's name: one of the two would be managed as the other.

Twin: it bears the bare name, as older operators gave.
"""

from harness.catalogue.planting import changes, find, nodes
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails
from harness.catalogue.trial import rules

RULE = rules.IRONIC_GRAMMAR
MOMENTS = ("settling",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    other = next((name for name in find.hosts(draft) if name != draft.host.name), None)
    if other is None:
        raise NotApplicableError("two hosts")
    nodes.rewrite(draft, changes.put("name", value=f"{draft.host.namespace}~{other}"), since=draft.run.move.since)
    return fails("ironic_keeps_nodes", "one_owner", "hosts_adopted", hosts=(draft.host.name, other))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    nodes.rewrite(draft, changes.put("name", value=draft.host.name), since=draft.run.move.since)
