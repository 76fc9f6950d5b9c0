"""The destination never adopted the host: its provisioning ID, its registration or its credentials stay as they were.

Twin: no event tells of the registration.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules
from harness.journal.facts import ObjectSeen

RULE = rules.POST_FLIGHT
FORMS = {
    "ID": ("status", "provisioning", "ID"),
    "registration": ("status", "operationHistory", "register"),
    "credentials": ("status", "goodCredentials"),
}
MOMENTS = ("settling",)
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    draft.run.need_time(draft.host, 60)
    before = draft.host.baseline.get(*FORMS[draft.variant])
    objects.rewrite(draft, find.host_copy(draft), changes.alter(*FORMS[draft.variant], value=before), since=draft.run.move.since)
    return fails("hosts_adopted", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    key = find.host_copy(draft)
    draft.drop(
        lambda entry: isinstance(entry.fact, ObjectSeen) and entry.fact.kind == "Event" and key.name in str(entry.fact.object)
    )
