"""A health check gives the host's Machine up: by a condition, by an object that orders a remediation, or by a mark on the host.

Twin: it finds the Machine healthy.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.trial import rules
from harness.journal.facts import Body

RULE = rules.EVERY_VERSION
MOMENTS = ("late",)
VARIANTS = ("HealthCheckSucceeded", "OwnerRemediated", "ExternallyRemediated", "Metal3Remediation", "mark")
TWINS = VARIANTS[:3]


def tells(kind: str, status: str) -> changes.BodyChange:
    """The change that adds a condition."""

    def change(body: Body) -> None:
        conditions = body.setdefault("status", {}).setdefault("conditions", [])
        conditions.append({"type": kind, "status": status, "reason": "NodeConditions"})

    return change


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    if draft.variant == "mark":
        objects.write(draft, find.host_copy(draft), changes.annotate("capi.metal3.io/unhealthy"), objects.CAPM3)
        return not_passes("fit_to_run", hosts=[draft.host.name])
    machine = find.own(draft, "Machine")
    if draft.variant != "Metal3Remediation":
        objects.rewrite(draft, machine, tells(draft.variant, "False"))
        return not_passes("machines_run", hosts=[draft.host.name])
    order = {"spec": {"strategy": {"type": "Reboot", "retryLimit": 1, "timeout": "300s"}}}
    objects.add(draft, machine._replace(kind="Metal3Remediation"), order)
    return not_passes("objects_arrive")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.own(draft, "Machine"), tells(draft.variant, "True"))
