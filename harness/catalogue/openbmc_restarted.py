"""An OpenBMC restarts under its running server: its own reset time and the server's move to the same moment; the Node keeps its boot.

It proves nothing either way, so it is never a failure.
"""

import msgspec

from harness.catalogue.planting import readings
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, not_fails
from harness.catalogue.trial import rules
from harness.journal.facts import BmcRead

RULE = rules.EVERY_WITNESS
MOMENTS = ("creating", "late")


def restarted(draft: Draft) -> readings.ReadingEdit:
    """Both reset times are those of the BMC's start; nothing else moved."""
    after = readings.with_reset(draft, draft.time)

    def edit(read: BmcRead) -> BmcRead:
        moved = after(read).signals
        names = ("LastResetTime", "Manager.LastResetTime")
        times = {name: moved.get("LastResetTime", "") for name in names if name in read.signals}
        return msgspec.structs.replace(read, signals={**read.signals, **times})

    return edit


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    draft.run.need("bmc", host=draft.host.name)
    readings.rewrite(draft, restarted(draft))
    return not_fails()
