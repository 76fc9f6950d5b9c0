"""A new Machine, claim, address, data or MachineSet appears in the destination: something is replaced. Twin: one in another namespace."""

from harness.catalogue.planting import find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules
from harness.journal.facts import Body
from harness.world.world import ObjectKey

RULE = rules.COMPARE_ALL_BUT
KINDS = (
    "Machine",
    "Metal3Machine",
    "Metal3Data",
    "Metal3DataClaim",
    "IPClaim",
    "IPAddress",
    "MachineSet",
    "HardwareData",
    "IPPool",
)
MOMENTS = ("settling", "late")
VARIANTS = KINDS
TWINS = KINDS


def body_of(draft: Draft, key: ObjectKey) -> Body:
    """A body like that of the others, with metadata of its own."""
    last = draft.run.world.objects[key][-1].body
    return {name: value for name, value in last.items() if name != "metadata"}


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.own(draft, draft.variant)
    objects.add(draft, key._replace(name="newcomer"), body_of(draft, key))
    return fails("objects_arrive", "machines_run")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    key = find.own(draft, draft.variant)
    objects.add(draft, key._replace(name="newcomer", namespace="elsewhere"), body_of(draft, key))
