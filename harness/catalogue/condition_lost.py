"""A condition that held is told no more of the host's Machine, by the same controllers. Twin: newer controllers name it otherwise."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, not_passes
from harness.catalogue.trial import rules
from harness.journal.facts import Body

RULE = rules.EVERY_WITNESS
MOMENTS = ("late",)
VARIANTS = ("Machine", "Metal3Machine", "Cluster", "all of a newer release")
TWINS = ("Machine", "Metal3Machine", "Cluster", "BareMetalHost", "Machine of an unknown release")


def kind_of(draft: Draft) -> str:
    """The kind whose condition is lost."""
    return "Machine" if draft.variant.startswith("all") else draft.variant


def conditions(body: Body) -> list[Body]:
    """The conditions of an object that shows some."""
    found: list[Body] = (body.get("status") or {}).get("conditions") or []
    return found


def lose(body: Body, *, name: str = "") -> None:
    """A condition that holds is gone, or has another name: one of what the object needs, where it tells such."""
    held = [one for one in conditions(body) if one["status"] == "True" and one["type"] not in ("Available", "Ready")]
    held += [one for one in held if one["type"] in ("InfrastructureReady", "BootstrapConfigReady", "AssociateBMH")]
    if not held:
        return
    if name:
        held[-1]["type"] = name
    else:
        body["status"]["conditions"].remove(held[-1])


def upgrade(draft: Draft) -> None:
    """The destination has newer releases."""
    keys = draft.run.world.keys(draft.run.destination, "Provider")
    if not keys:
        raise NotApplicableError("a run that sees clusterctl's providers")
    for key in keys:
        objects.rewrite(draft, key, changes.put("version", value="v99.0.0"), since=-1.0)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.own(draft, kind_of(draft))
    if draft.variant.startswith("all"):
        upgrade(draft)
        objects.rewrite(draft, key, changes.put("status", "conditions", value=[]))
    else:
        objects.rewrite(draft, key, lose)
    return not_passes("machines_run", "clusters_reconcile", anywhere=True)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    kind, _, unknown = draft.variant.partition(" ")
    if not unknown:
        upgrade(draft)
    objects.rewrite(draft, find.own(draft, kind), lambda body: lose(body, name="NewlyNamed"), since=-1.0)
