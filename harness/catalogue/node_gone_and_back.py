"""The destination's Ironic loses its node, and has it again with another uuid: it came back with an empty database.

Twin: it does not answer for two seconds and tells the same nodes again.
"""

from harness.catalogue.planting import nodes
from harness.catalogue.planting.changes import put
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, not_passes
from harness.catalogue.trial import rules

RULE = rules.EVERY_VERSION
MOMENTS = ("late",)
TWINS = ("nodes told again", "nodes not told again")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    last = nodes.seen(draft, draft.run.destination)[-1]
    nodes.gone(draft)
    back = nodes.changed(last, put("uuid", value="5ec0d000-0000-4000-8000-00000000beef"))
    draft.tell(back, at=draft.after(2), since=draft.time)
    return not_passes("ironic_keeps_nodes", "one_owner", "hosts_adopted", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    nodes.answers(draft, draft.run.destination, up=False)
    nodes.answers(draft, draft.run.destination, up=True, at=draft.after(2))
    if draft.variant == "nodes told again":
        nodes.nodes_again(draft, draft.run.destination, at=draft.after(2))
    elif not draft.run.world.run or draft.run.world.run.mode != "import":
        raise NotApplicableError("an import: a sight of our own tells the nodes again")
