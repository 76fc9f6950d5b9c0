"""The host's consumer is removed, or is another Machine: somebody else may take the server.

Twin: the consumer's API version is a newer one.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules
from harness.journal.entry import FOREVER

RULE = rules.COMPARE_ALL_BUT
FORMS = {
    "removed": changes.remove("spec", "consumerRef"),
    "removed for a moment": changes.remove("spec", "consumerRef"),
    "other name": changes.alter("spec", "consumerRef", "name", value="somebody-else"),
    "other kind": changes.alter("spec", "consumerRef", "kind", value="HostClaim"),
}
MOMENTS = ("settling", "late")
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    until = draft.brief() if draft.variant == "removed for a moment" else FOREVER
    objects.write(draft, find.host_copy(draft), FORMS[draft.variant], USER, until=until)
    return fails(
        "consumer_unchanged",
        "objects_arrive",
        "hosts_keep_state",
        "hosts_adopted",
        hosts=[draft.host.name],
        actor=objects.actor(draft, USER),
    )


def twin(draft: Draft) -> None:
    """Its benign twin."""
    value = "infrastructure.cluster.x-k8s.io/v1beta3"
    objects.rewrite(draft, find.host_copy(draft), changes.alter("spec", "consumerRef", "apiVersion", value=value))
