"""A host that lives in the destination with a Cluster of its own is reset, switched off, deprovisioned or written anew.

Twin: it is left in peace, or its user gives up its Machine.
"""

from harness.catalogue.planting import changes, find, objects
from harness.catalogue.planting.changes import BodyChange
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError, fails
from harness.catalogue.trial import rules
from harness.journal.facts import BmcRequest, Body
from harness.world.world import ObjectKey

RULE = rules.PROMISE
MOMENTS = ("creating", "settling", "late")
NAME = "resident"
IMAGE = {"url": "http://192.0.2.1/os.qcow2"}
FORMS: dict[str, tuple[str, BodyChange]] = {
    "deprovisioned": ("hosts_keep_state", changes.put("status", "provisioning", "state", value="deprovisioning")),
    "off": ("hosts_keep_power", changes.put("status", "poweredOn", value=False)),
    "another image": ("image_unchanged", changes.put("status", "provisioning", "image", "url", value="http://192.0.2.1/other")),
}
VARIANTS = (*FORMS, "reset", "deprovisioned elsewhere", "Machine deleted by nobody")
TWINS = ("in peace", "in peace elsewhere", "given up", "scaled down")


def settle(draft: Draft, namespace: str) -> ObjectKey:
    """The resident and its Machine stood in the destination before the move."""
    consumer = {"apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2", "kind": "Metal3Machine", "name": NAME}
    spec: Body = {
        "bmc": {"address": "redfish://192.0.2.99/redfish/v1/Systems/1", "credentialsName": "resident-bmc"},
        "bootMACAddress": "52:54:00:99:99:99",
        "online": True,
        "image": IMAGE,
        "consumerRef": consumer,
    }
    provisioning = {"state": "provisioned", "ID": "77777777-0000-4000-8000-000000000007", "image": IMAGE}
    status = {"poweredOn": True, "operationalStatus": "OK", "provisioning": provisioning}
    began = draft.run.interval("before", draft.host)[0]
    key = find.host_copy(draft)._replace(name=NAME, namespace=namespace)
    labels = {"metadata": {"labels": {"cluster.x-k8s.io/cluster-name": "residents"}}}
    body = {"apiVersion": draft.host.baseline.get("apiVersion"), "spec": spec, "status": status}
    objects.add(draft, key, body | labels, at=began, listed=True)
    machine: Body = {"apiVersion": "cluster.x-k8s.io/v1beta2", "spec": {"infrastructureRef": consumer}}
    objects.add(draft, key._replace(kind="Machine"), machine | labels, at=began, listed=True)
    deployment: Body = {"apiVersion": "cluster.x-k8s.io/v1beta2", "spec": {"replicas": 1}}
    objects.add(draft, key._replace(kind="MachineDeployment"), deployment | labels, at=began, listed=True)
    return key


def namespace_of(draft: Draft) -> str:
    """Where the resident lives."""
    return "elsewhere" if draft.variant.endswith("elsewhere") else draft.host.namespace


def plant(draft: Draft) -> Expected:
    """The defect, and what must be said of it."""
    key = settle(draft, namespace_of(draft))
    if draft.variant == "reset":
        draft.run.need("bmc_requests")
        path = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset"
        fact = BmcRequest(
            host=NAME, method="POST", path=path, status=204, address="192.0.2.66", body='{"ResetType": "ForceRestart"}'
        )
        draft.tell(fact, since=draft.time - 0.02)
        return fails("bmc_untouched", hosts=[NAME], actor="192.0.2.66")
    form = draft.variant.partition(" elsewhere")[0] if draft.variant.endswith("elsewhere") else draft.variant
    if form not in FORMS:
        objects.delete(draft, key._replace(kind="Machine"))
        form = "deprovisioned"
    check, change = FORMS[form]
    objects.rewrite(draft, key, change, until=draft.after(5))
    return fails(check, hosts=[NAME])


def twin(draft: Draft) -> None:
    """Its benign twin."""
    key = settle(draft, namespace_of(draft))
    if draft.variant.startswith("in peace"):
        return
    if draft.variant == "given up":
        if not draft.run.sees("audit"):
            raise NotApplicableError("the sight audit")
        objects.delete(draft, key._replace(kind="Machine"), by=objects.USER)
    else:
        objects.write(draft, key._replace(kind="MachineDeployment"), changes.put("spec", "replicas", value=0), objects.USER)
        objects.delete(draft, key._replace(kind="Machine"), at=draft.after(1))
    objects.rewrite(draft, key, FORMS["deprovisioned"][1], since=draft.after(2))
