"""The pool's indexes are others, a claim is bound to another address or none, rendered data are lost: an address is given twice.

Twin: only the time of the last update moves.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.changes import put, remove
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules

RULE = rules.COMPARE_ALL_BUT
FORMS = {
    "pool indexes shifted": ("IPPool", put("status", "indexes", value={"somebody-else": "192.0.2.100"})),
    "pool indexes gone": ("IPPool", put("status", "indexes", value={})),
    "claim unbound": ("IPClaim", remove("status", "address")),
    "claim bound to another": ("IPClaim", put("status", "address", "name", value="another")),
    "data template indexes": ("Metal3DataTemplate", put("status", "indexes", value=[])),
    "rendered data lost": ("Metal3DataClaim", remove("status", "renderedData")),
    "data not ready": ("Metal3Data", put("status", "ready", value=False)),
}
MOMENTS = ("settling", "late")
VARIANTS = tuple(FORMS)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    draft.run.need_time(draft.host, 60)
    kind, change = FORMS[draft.variant]
    objects.rewrite(draft, find.own(draft, kind), change)
    return fails("clusters_reconcile", "machines_run", anywhere=True)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    objects.rewrite(draft, find.own(draft, "IPPool"), put("status", "lastUpdated", value=changes.clock(draft, draft.time)))
