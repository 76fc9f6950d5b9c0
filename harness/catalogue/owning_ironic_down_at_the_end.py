"""The destination's Ironic does not answer any more at the end: nobody manages the hosts. Twin: it is away for two seconds."""

from harness.catalogue.planting import find, nodes
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules

RULE = rules.POST_FLIGHT
MOMENTS = ("late",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    draft.run.need_time(draft.host, 60)
    nodes.answers(draft, draft.run.destination, up=False)
    return fails("fit_to_run", "hosts_adopted", "network_serves", "one_owner", hosts=find.hosts(draft))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    nodes.answers(draft, draft.run.destination, up=False)
    nodes.answers(draft, draft.run.destination, up=True, at=draft.after(2))
    nodes.nodes_again(draft, draft.run.destination, at=draft.after(2))
