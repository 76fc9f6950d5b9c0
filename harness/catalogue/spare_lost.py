"""A host that runs nothing is lost on the way, or its Secret arrives with other data: it must still arrive.

Twin: it is power-cycled, as upstream's own design has it.
"""

from harness.catalogue.planting import changes, find, objects, requests
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails
from harness.catalogue.trial import rules
from harness.world.hosts import Host

RULE = rules.PROMISE
MOMENTS = ("creating",)
VARIANTS = ("lost", "Secret changed")
TWINS = ("power-cycled",)


def spare_of(draft: Draft) -> Host:
    """A host that runs nothing."""
    if not draft.run.spares:
        raise NotApplicableError("a host that runs nothing")
    return draft.run.spares[0]


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    spare = spare_of(draft)
    key = find.host_copy(draft)._replace(name=spare.name)
    if draft.variant == "Secret changed":
        key = key._replace(kind="Secret", name=str(spare.baseline.get("spec", "bmc", "credentialsName")))
        objects.rewrite(draft, key, changes.put("dataDigest", "password", value="other"), since=draft.run.move.since)
    else:
        objects.lose(draft, key)
    return fails("objects_arrive", anywhere=True)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    draft.host = spare_of(draft)
    requests.reset(draft, requests.ironic_of(draft, draft.run.destination), "ForceOff")
