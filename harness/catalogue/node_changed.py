"""The host's Node has another boot, machine or uid, names another provider, or is gone: the server behind it was restarted or replaced.

By whom was not seen. Twin: its heartbeats.
"""

from harness.catalogue.planting import changes, find, objects, readings, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import WHO_UNSEEN, Expected, fails
from harness.catalogue.trial import rules

RULE = rules.COMPARE_ALL_BUT
FORMS = {
    "bootID": changes.put("status", "nodeInfo", "bootID", value=servers.NEW_BOOT),
    "machineID": changes.put("status", "nodeInfo", "machineID", value=servers.NEW_MACHINE),
    "systemUUID": changes.put("status", "nodeInfo", "systemUUID", value="another-server"),
    "providerID": changes.put("spec", "providerID", value="metal3://metal3/somebody-else/other"),
}
VARIANTS = ("bootID", "machineID", "systemUUID", "providerID", "made anew", "deleted")


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = find.node(draft)
    if draft.variant in ("bootID", "machineID"):
        readings.rewrite(draft, readings.with_reset(draft, draft.time))
    if draft.variant == "deleted":
        objects.delete(draft, key)
    elif draft.variant == "made anew":
        objects.make_anew(draft, key)
    else:
        objects.rewrite(draft, key, FORMS[draft.variant])
    return fails("nodes_untouched", hosts=[draft.host.name], actor=WHO_UNSEEN)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    for number in range(5):
        objects.rewrite(draft, find.node(draft), servers.condition("Ready", "True"), since=draft.time + number * 0.01)
