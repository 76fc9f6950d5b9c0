"""An object loses its owner on the way, or its owner's uid is none: the garbage collector deletes it, or nothing ever does.

Twin: the owner is told as a controller, by the same name and uid.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails
from harness.catalogue.trial import rules
from harness.journal.facts import Body

RULE = rules.COMPARE_ALL_BUT
KINDS = (
    "Machine",
    "MachineSet",
    "Metal3Machine",
    "Metal3Data",
    "Metal3DataClaim",
    "IPClaim",
    "IPAddress",
    "HardwareData",
    "Secret",
)
MOMENTS = ("deleting",)
VARIANTS = tuple(f"{kind} {how}" for kind in KINDS for how in ("lost", "of nobody"))
TWINS = ("Machine same", "IPClaim same")


def dangling(body: Body) -> None:
    """The owner is one that does not exist."""
    for owner in body["metadata"].get("ownerReferences") or []:
        owner["uid"] = "00000000-0000-4000-8000-000000000000"


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    kind, how = draft.variant.split(maxsplit=1)
    key = find.own(draft, kind)
    if not any(version.metadata.get("ownerReferences") for version in draft.run.world.objects[key]):
        raise NotApplicableError(f"a {kind} with an owner")
    change = changes.remove("metadata", "ownerReferences") if how == "lost" else dangling
    objects.rewrite(draft, key, change, since=draft.run.phases["delete"])
    return fails("objects_arrive", **find.whose(draft, key))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    kind, _ = draft.variant.split(maxsplit=1)
    objects.rewrite(draft, find.own(draft, kind), changes.both(), since=draft.run.phases["delete"])
