"""The two clusters show Machines in different API versions: references are written otherwise, and nothing else differs.

It is compared in one version, or it is unknown; never a failure.
"""

from harness.catalogue.planting import objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_fails
from harness.catalogue.trial import rules
from harness.journal.facts import Body

RULE = rules.TWO_QUESTIONS
MOMENTS = ("pausing",)


def older(body: Body) -> None:
    """A Machine as v1beta1 shows it."""
    reference = body["spec"]["infrastructureRef"]
    group = reference.pop("apiGroup", "infrastructure.cluster.x-k8s.io")
    reference.update(apiVersion=f"{group}/v1beta1", namespace=body["metadata"].get("namespace"))
    body["apiVersion"] = "cluster.x-k8s.io/v1beta1"


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    for key in draft.run.carried("Machine"):
        objects.rewrite(draft, key.in_cluster(draft.run.origin), older, since=-1.0)
    return not_fails()
