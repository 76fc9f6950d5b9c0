"""The host's Node does not tell its address any more: another server has it. Twin: it gets one more, or tells them in another order."""

from typing import Any

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, unknown
from harness.catalogue.trial import rules

RULE = rules.UNIQUENESS
MOMENTS = ("settling", "late")
TWINS = ("one more", "another order")


def known(draft: Draft) -> list[dict[str, Any]]:
    """The addresses that the Node tells."""
    found = draft.run.world.objects[find.node(draft)][-1].get("status", "addresses")
    if not isinstance(found, list) or not found:
        raise NotApplicableError("a Node with its addresses")
    return found


def tell(draft: Draft, addresses: list[dict[str, Any]]) -> None:
    """The Node tells these."""
    objects.rewrite(draft, find.node(draft), changes.put("status", "addresses", value=addresses))


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    tell(draft, [one | {"address": "192.0.2.201"} if one.get("type") == "InternalIP" else one for one in known(draft)])
    return unknown("nodes_untouched", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    addresses = known(draft)
    more = [*addresses, {"type": "InternalIP", "address": "2001:db8::1"}]
    tell(draft, more if draft.variant == "one more" else addresses[::-1])
