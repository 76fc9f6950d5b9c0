"""The host's Machine fails, is being deleted, or has another Node; or its Metal3Machine is not provisioned any more.

Twin: it is pending for some seconds, as each Machine is when its new owner meets it.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import CAPI
from harness.catalogue.trial import rules

RULE = rules.EVERY_VERSION
FORMS = {
    "failed": ("Machine", changes.put("status", "phase", value="Failed")),
    "deleting": ("Machine", changes.put("status", "phase", value="Deleting")),
    "other Node": ("Machine", changes.put("status", "nodeRef", "name", value="another")),
    "no Node": ("Machine", changes.remove("status", "nodeRef")),
    "not provisioned": ("Metal3Machine", changes.put("status", "initialization", "provisioned", value=False)),
}
MOMENTS = ("late",)
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    if draft.variant == "not provisioned":
        draft.run.need_time(draft.host, 30, after=draft.time)
    kind, change = FORMS[draft.variant]
    objects.write(draft, find.own(draft, kind), change, CAPI)
    return fails("machines_run", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    draft.run.need_time(draft.host, 25, after=draft.time)
    key = find.own(draft, "Machine")
    objects.write(draft, key, changes.alter("status", "phase", value="Pending"), CAPI, until=draft.after(20))
