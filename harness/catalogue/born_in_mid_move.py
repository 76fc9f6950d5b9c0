"""A host, Machine or claim is made in the origin between pause and create, by a user, and is left there: the mover had counted before.

Twin: it was born before the move, and is carried.
"""

from harness.catalogue.planting import find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules
from harness.journal.facts import Body
from harness.metal3 import MOVE
from harness.world.world import ObjectKey

RULE = rules.KINDS
KINDS = ("BareMetalHost", "Machine", "IPClaim", "Secret")
MOMENTS = ("pausing",)
VARIANTS = KINDS
TWINS = ("IPClaim",)


def body_of(draft: Draft, key: ObjectKey) -> Body:
    """A body like that of the others, with metadata of its own: a host that nobody claims, a Secret that is labelled to move."""
    first = draft.run.world.objects[key][0].body
    body = {name: value for name, value in first.items() if name not in ("metadata", "status")}
    if key.kind == "BareMetalHost":
        body["spec"] = {"online": True, "bmc": {"address": "redfish://192.0.2.99/redfish/v1/Systems/1", "credentialsName": "x"}}
    own = {MOVE: ""} if key.kind == "Secret" else {}
    body["metadata"] = {"labels": (first["metadata"].get("labels") or {}) | own}
    return body


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.own(draft, draft.variant, draft.run.origin)
    objects.add(draft, key._replace(name="latecomer"), body_of(draft, key), by=USER)
    return not_passes("objects_arrive", "moved_in_order", actor=objects.actor(draft, USER), anywhere=True)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    key = find.own(draft, draft.variant, draft.run.origin)
    objects.carry(draft, draft.variant, "latecomer", body_of(draft, key))
