"""A controller renews the Cluster's kubeconfig, or a password is changed and validated, after all has arrived. Never a failure."""

from harness.catalogue.planting import changes, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, not_fails
from harness.catalogue.planting.objects import CAPI
from harness.catalogue.trial import rules

RULE = rules.TWO_QUESTIONS
MOMENTS = ("settling", "late")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    found = [key for key in draft.run.carried("Secret") if key.name.endswith("-kubeconfig")]
    if not found:
        raise NotApplicableError("the Cluster's kubeconfig")
    objects.write(draft, found[0], changes.put("dataDigest", "value", value="renewed"), CAPI)
    return not_fails()
