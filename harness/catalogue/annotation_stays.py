"""The pause or the status annotation of the move stays on the host for good. Twin: it is consumed after 40 seconds."""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules
from harness.metal3 import PAUSED, STATUS

RULE = rules.POST_FLIGHT
MOMENTS = ("settling",)
VARIANTS = (PAUSED, STATUS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    draft.run.need_time(draft.host, 60)
    value = draft.run.copies(draft.host)[0].annotations.get(draft.variant, "")
    objects.rewrite(draft, find.host_copy(draft), changes.annotate(draft.variant, value), since=draft.run.move.since)
    return fails("annotations_consumed", "hosts_adopted", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    draft.run.need_time(draft.host, 60)
    key = find.host_copy(draft)
    status = draft.run.copies(draft.host)[0].annotations.get(STATUS, "")
    until = draft.after(40, of=draft.run.move.until)
    objects.rewrite(draft, key, changes.annotate(STATUS, status), since=draft.run.move.since, until=until)
