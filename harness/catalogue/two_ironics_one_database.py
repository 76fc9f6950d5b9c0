"""Both Ironics have the node with the same uuid: the second was started with a copy of the first's database, and both command the server.

Twin: the origin's Ironic is awake and has none.
"""

import msgspec

from harness.catalogue.planting import nodes
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, not_passes
from harness.catalogue.trial import rules
from harness.world.ironic.pods import ironic_place

RULE = rules.CONTRADICTION
MOMENTS = ("late",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    side = draft.run.origin
    place = ironic_place(draft.run.world, side)
    other = ironic_place(draft.run.world, draft.run.destination)
    own = nodes.seen(draft, draft.run.destination)
    if not own or (place and other and place.url == other.url):
        raise NotApplicableError("two Ironics with addresses of their own")
    nodes.answers(draft, side, up=True)
    copy = msgspec.structs.replace(nodes.changed(own[-1], None), ironic=side)
    draft.tell(copy, at=draft.time + 0.01, since=draft.time)
    return not_passes("one_owner", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    nodes.answers(draft, draft.run.origin, up=True)
    nodes.answers(draft, draft.run.origin, up=False, at=draft.after(2))
