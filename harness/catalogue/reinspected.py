"""The destination's Baremetal Operator takes the host for new: registers, inspects (off, media, on) and calls it available.

Seen by the watch of hosts, by Ironic's node, in the BMC's record and readings, and by the Node. Twin: another host, a spare, is.
"""

from harness.catalogue.planting import changes, find, nodes, objects, readings, requests, servers
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails
from harness.catalogue.planting.requests import Request
from harness.catalogue.trial import rules

RULE = rules.EVERY_VERSION
MOMENTS = ("late",)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    by = requests.ironic_of(draft, draft.run.destination)
    key = find.host_copy(draft)
    for number, state in enumerate(("registering", "inspecting", "available")):
        at = draft.after(4 * number)
        objects.rewrite(draft, key, changes.alter("status", "provisioning", "state", value=state), since=at)
    inspecting = draft.after(4)
    started = changes.put("status", "operationHistory", "inspect", value={"start": changes.clock(draft, inspecting), "end": None})
    objects.rewrite(draft, key, started, since=inspecting)
    nodes.rewrite(draft, changes.put("provision_state", value="inspect wait"), since=inspecting)
    requests.reset(draft, by, "ForceOff", at=inspecting)
    insert = Request("POST {manager}/VirtualMedia/Cd/Actions/VirtualMedia.InsertMedia", {"Image": "http://192.0.2.1/ipa.iso"})
    requests.ask(draft, by, insert, at=draft.after(5))
    requests.reset(draft, by, "On", at=draft.after(6))
    servers.powered_off(draft, at=inspecting, until=draft.after(6))
    readings.rewrite(draft, readings.with_media("http://192.0.2.1/ipa.iso"), since=draft.after(5))
    return fails("hosts_keep_state", "bmc_untouched", hosts=[draft.host.name], actor=by.words)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    if not draft.run.spares:
        raise NotApplicableError("a host that runs nothing")
    draft.host = draft.run.spares[0]
    objects.event(draft, "InspectionStarted", "Hardware inspection started")
    requests.reset(draft, requests.ironic_of(draft, draft.run.destination), "ForceOff")
