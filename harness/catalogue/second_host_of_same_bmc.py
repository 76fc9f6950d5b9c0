"""Another BareMetalHost with the same BMC, or the same MAC, is made in the destination: two hosts command one server.

Twin: another host, with a BMC and a MAC of its own.
"""

from harness.catalogue.planting import objects
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.planting.objects import USER
from harness.catalogue.trial import rules
from harness.journal.facts import Body
from harness.world.world import ObjectKey

RULE = rules.UNIQUENESS
MOMENTS = ("late",)
VARIANTS = ("BMC", "MAC")
TWINS = ("other BMC",)


def key_of(draft: Draft) -> ObjectKey:
    """The new host."""
    return ObjectKey(draft.run.destination, "BareMetalHost", draft.host.namespace, "newcomer")


def other_host(draft: Draft, same: Body) -> Body:
    """A host that nobody claims, with what it shares with the drawn one."""
    bmc = {"address": "redfish://192.0.2.99/redfish/v1/Systems/1", "credentialsName": "newcomer-bmc"}
    spec = {"online": True, "bootMACAddress": "52:54:00:99:99:99", "bmc": bmc}
    return {"apiVersion": draft.host.baseline.get("apiVersion"), "spec": {**spec, **same}, "status": {}}


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    spec = draft.host.baseline.get("spec")
    same = {"bmc": {**spec["bmc"]}} if draft.variant == "BMC" else {"bootMACAddress": spec.get("bootMACAddress")}
    objects.add(draft, key_of(draft), other_host(draft, same), by=USER)
    return fails("one_host_a_server", "one_owner", "objects_arrive", hosts=[draft.host.name], actor=objects.actor(draft, USER))


def twin(draft: Draft) -> None:
    """Its benign twin."""
    draft.time = draft.after(5, of=draft.run.move.until)
    objects.add(draft, key_of(draft), other_host(draft, {}))
