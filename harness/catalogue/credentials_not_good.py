"""The credentials that were tried last are not those that were good: the BMC refuses the new owner.

Twin: both are of the Secret as it is.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_passes
from harness.catalogue.planting.objects import BMO
from harness.catalogue.trial import rules

RULE = rules.POST_FLIGHT
MOMENTS = ("late",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    change = changes.alter("status", "triedCredentials", "credentialsVersion", value="424242")
    objects.write(draft, find.host_copy(draft), change, BMO)
    return not_passes("fit_to_run", "hosts_adopted", "hosts_keep_state", hosts=[draft.host.name])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.write(draft, find.host_copy(draft), changes.both(), BMO)
