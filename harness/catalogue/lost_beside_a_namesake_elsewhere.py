"""The host does not arrive, and a host of its name in another namespace does. Twin: that one is reset, and nothing was promised of it."""

from harness.catalogue.planting import find, objects, requests
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, fails
from harness.catalogue.trial import rules
from harness.journal.facts import BmcRequest, Body
from harness.world.world import ObjectKey

RULE = rules.KINDS
MOMENTS = ("creating",)
NAMESPACE = "another-team"
BODY: Body = {
    "apiVersion": "metal3.io/v1alpha1",
    "spec": {
        "online": True,
        "bootMACAddress": "02:00:00:00:00:fe",
        "bmc": {"address": "redfish://192.0.2.254/redfish/v1/Systems/1"},
    },
    "status": {"operationalStatus": "OK", "poweredOn": True, "provisioning": {"state": "available", "ID": ""}},
}


def namesake(draft: Draft) -> None:
    """A host that runs nothing, in both clusters."""
    for side in (draft.run.origin, draft.run.destination):
        key = ObjectKey(side, "BareMetalHost", NAMESPACE, draft.host.object_name)
        at = draft.run.interval("before", draft.host)[0] if side == draft.run.origin else draft.time
        objects.add(draft, key, BODY, at=at, listed=side == draft.run.origin)


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    objects.lose(draft, find.host_copy(draft))
    namesake(draft)
    # It is told with its namespace now, a name that no host of the run has without its namesake.
    return fails("objects_arrive", "hosts_adopted", anywhere=True)


def twin(draft: Draft) -> None:
    """Its benign twin."""
    namesake(draft)
    reset = BmcRequest(
        host=f"{NAMESPACE}/{draft.host.object_name}",
        method="POST",
        path="/redfish/v1/Systems/1/Actions/ComputerSystem.Reset",
        status=204,
        body='{"ResetType": "ForceRestart"}',
        address=requests.THIRD_PARTY.address,
    )
    draft.tell(reset)
