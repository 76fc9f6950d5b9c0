"""A host that runs nothing gets the consumer of one that runs: one of the two is given up. Twin: it gets another consumer."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.spare_lost import spare_of
from harness.catalogue.trial import rules

RULE = rules.UNIQUENESS
MOMENTS = ("settling", "late")


def claim(draft: Draft, name: str) -> None:
    """The spare host is claimed by a Metal3Machine of that name."""
    key = find.host_copy(draft)._replace(name=spare_of(draft).name)
    reference = {**draft.host.baseline.get("spec", "consumerRef"), "name": name}
    objects.write(draft, key, changes.put("spec", "consumerRef", value=reference), objects.CAPM3)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    claim(draft, str(draft.host.baseline.get("spec", "consumerRef", "name")))
    actor = objects.actor(draft, objects.CAPM3)
    return fails("consumer_unchanged", hosts=[draft.host.name], actor=actor)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    claim(draft, "another")
