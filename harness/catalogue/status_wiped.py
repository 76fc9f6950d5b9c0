"""The host loses its status and its status annotation while nothing pauses it: it is taken for new.

Twin: a paused copy that has no status yet, as every move makes one.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import BMO
from harness.catalogue.trial import rules
from harness.journal.entry import FOREVER
from harness.journal.facts import Body
from harness.metal3 import STATUS

RULE = rules.EVERY_VERSION
MOMENTS = ("settling", "late")
VARIANTS = ("for a moment", "for good")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""

    def wipe(body: Body) -> None:
        body["status"] = {}
        (body["metadata"].get("annotations") or {}).pop(STATUS, None)

    objects.write(draft, find.host_copy(draft), wipe, BMO, until=draft.brief() if draft.variant == "for a moment" else FOREVER)
    return fails("hosts_keep_state", hosts=[draft.host.name], actor="Baremetal Operator")


def twin(draft: Draft) -> None:
    """Its benign twin."""
    key = find.host_copy(draft)
    born = objects.versions(draft, key)[0].at
    objects.rewrite(draft, key, changes.both(), since=born, until=born + 0.01)
