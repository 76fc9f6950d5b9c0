"""A host that runs nothing is gone after it arrived, and nobody knows why. Twin: its user deleted it, with what belongs to it."""

from harness.catalogue.planting import find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails
from harness.catalogue.spare_lost import spare_of
from harness.catalogue.trial import rules

RULE = rules.PROMISE
MOMENTS = ("late",)
VARIANTS = ("by nobody", "by a controller")
TWINS = ("",)


def delete(draft: Draft, by: objects.Writer | None) -> None:
    """The host goes, and what belongs to it follows."""
    spare = spare_of(draft)
    key = find.host_copy(draft)._replace(name=spare.name)
    objects.delete(draft, key, by=by)
    for kind, name in (("HardwareData", spare.name), ("Secret", str(spare.baseline.get("spec", "bmc", "credentialsName")))):
        objects.delete(draft, key._replace(kind=kind, name=name), at=draft.after(1))


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    if draft.variant == "by a controller":
        draft.run.need("audit")
        objects.audit(draft, find.host_copy(draft), objects.CAPM3, "patch status")
    delete(draft, objects.CAPM3 if draft.variant == "by a controller" else None)
    return fails("objects_arrive", anywhere=True)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    if not draft.run.sees("audit"):
        raise NotApplicableError("the sight audit")
    delete(draft, objects.USER)
