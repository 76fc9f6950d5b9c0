"""The BMC's own readings show the server off, booting elsewhere next, with media, or reset; the record shows no request.

By whom was not seen. Twin: it says nothing of its power, or some signals are missing after the BMC restarted.
"""

import msgspec

from harness.catalogue.planting import readings, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import WHO_UNSEEN, Expected, fails
from harness.catalogue.trial import rules
from harness.journal.facts import BmcRead

RULE = rules.EVERY_WITNESS
VARIANTS = ("off", "reset", "next boot", "media")
TWINS = ("null", "signals missing", "target of a disabled boot", "BMC restarted")


def bmc_restarted(read: BmcRead) -> BmcRead:
    """The BMC itself restarted: only its manager's reset moves."""
    name = "Manager.LastResetTime"
    moved = {name: read.bmc_time} if name in read.signals else {}
    return msgspec.structs.replace(read, signals={**read.signals, **moved})


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    draft.run.need("bmc", host=draft.host.name)
    if draft.variant == "off":
        servers.powered_off(draft)
    elif draft.variant == "reset":
        servers.booted(draft)
    else:
        edit = {"next boot": readings.with_boot("Pxe"), "media": readings.with_media("http://192.0.2.1/ipa.iso")}[draft.variant]
        readings.rewrite(draft, edit)
    return fails("bmc_untouched", hosts=[draft.host.name], actor=WHO_UNSEEN)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    draft.run.need("bmc", host=draft.host.name)
    if draft.variant == "null":
        readings.rewrite(draft, lambda read: msgspec.structs.replace(read, power=None), until=draft.brief())
    elif draft.variant == "signals missing":
        readings.rewrite(draft, lambda read: msgspec.structs.replace(read, signals={}), until=draft.brief())
    elif draft.variant == "target of a disabled boot":
        readings.rewrite(draft, readings.with_boot("Pxe", "Disabled"))
    else:
        readings.rewrite(draft, bmc_restarted)
