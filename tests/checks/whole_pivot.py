"""A whole pivot of one host in hand-written entries, as every witness sees it: each check passes it, each story alters one thing."""

import json
from typing import Any

import msgspec

from harness.journal import facts
from harness.journal.entry import Entry
from harness.metal3 import DELETE_FOR_MOVE, PAUSED, PAUSED_BY_CAPM3, STATUS
from harness.world.world import World
from tests.checks.history import Story

Body = dict[str, Any]
METAL3, CAPI = "infrastructure.cluster.x-k8s.io/v1beta2", "cluster.x-k8s.io/v1beta2"
SYSTEM = "/redfish/v1/Systems/1"
AFTER = 200.0
"""So long after the move the run goes on (seconds): nothing is too early to judge."""
OPERATIONS = {name: {"start": "1", "end": "2"} for name in ("inspect", "provision", "deprovision")}


def host_status(side: str) -> Body:
    """What the operator of a side shows of the host: the other one has another ID, registration and version of the Secret."""
    new = side == "target"
    credentials = {
        "credentials": {"name": "node-1-bmc", "namespace": "metal3"},
        "credentialsVersion": "target-1" if new else "source-1",
    }
    return {
        "operationalStatus": "OK",
        "poweredOn": True,
        "errorType": "",
        "hardware": {"ramMebibytes": 1024},
        "goodCredentials": credentials,
        "triedCredentials": credentials,
        "provisioning": {"state": "provisioned", "ID": f"uuid-{side}", "image": {"url": "http://images/os"}},
        "operationHistory": OPERATIONS | {"register": {"start": "8", "end": "9"} if new else {"start": "1", "end": "2"}},
    }


CARRIED_STATUS = {name: it for name, it in host_status("source").items() if name != "hardware"}
MARKS = {PAUSED: PAUSED_BY_CAPM3, STATUS: json.dumps(CARRIED_STATUS)}


def host(side: str, *, annotations: Body | None = None, status: Body | None = None) -> Body:
    return {
        "apiVersion": "metal3.io/v1alpha1",
        "metadata": {"name": "node-1", "namespace": "metal3", "annotations": annotations or {}},
        "spec": {
            "online": True,
            "bmc": {"address": f"redfish://192.0.2.10{SYSTEM}", "credentialsName": "node-1-bmc"},
            "bootMACAddress": "52:54:00:00:00:01",
            "image": {"url": "http://images/os"},
            "consumerRef": {"apiVersion": METAL3, "kind": "Metal3Machine", "name": "m-node-1"},
        },
        "status": host_status(side) if status is None else status,
    }


READY = [{"type": "Ready", "status": "True"}]
REST: dict[str, tuple[str, Body]] = {
    "Cluster": ("lab", {"apiVersion": CAPI, "spec": {}, "status": {"phase": "Provisioned", "conditions": READY}}),
    "Machine": (
        "machine-1",
        {
            "apiVersion": CAPI,
            "spec": {"infrastructureRef": {"kind": "Metal3Machine", "name": "m-node-1"}},
            "status": {"phase": "Running", "nodeRef": {"name": "node-1"}, "conditions": READY},
        },
    ),
    "Metal3Machine": ("m-node-1", {"apiVersion": METAL3, "spec": {}, "status": {"initialization": {"provisioned": True}}}),
    "Secret": ("node-1-bmc", {"apiVersion": "v1", "dataDigest": {"password": "1"}}),
}
FIRMWARE: Body = {"spec": {"updates": []}, "status": {"components": [{"component": "bmc", "currentVersion": "1.00"}]}}
NODE: Body = {
    "apiVersion": "v1",
    "spec": {"providerID": "metal3://metal3/node-1/m-node-1"},
    "status": {"nodeInfo": {"bootID": "b1", "machineID": "m1"}, "conditions": READY},
}
OPERATOR: Body = {"apiVersion": "apps/v1", "spec": {"replicas": 1}, "status": {"availableReplicas": 1}}
OPERATOR_NAME = "baremetal-operator-controller-manager"


class WholePivot:
    """The entries of the pivot; what is told after `moved` is told after the move, when all has settled."""

    def __init__(self, *, leave_out: str = "", **instead: Body) -> None:
        """Tell all but what is left out, with other bodies for the copies in the target, by kind."""
        self.story = Story()
        self.leave_out, self.instead = leave_out, instead
        self.begin()
        self.move()
        self.story.time += AFTER

    def begin(self) -> None:
        """All that stands before the move, and every sight."""
        story = self.story
        story.sees("kube", "mover", "audit")
        for side in facts.SIDES:
            story.sees("ironic", cluster=side).sees("probe", cluster=side)
        story.sees("bmc", "bmc_requests", host="node-1")
        for kind, (name, body) in REST.items():
            self.put("source", kind, name, body, "listed")
        self.put("source", "BareMetalHost", "node-1", host("source"), "listed")
        self.put("source", "HostFirmwareComponents", "node-1", FIRMWARE, "listed")
        self.put("workload", "Node", "node-1", NODE, "listed")
        self.put("target", "Deployment", OPERATOR_NAME, OPERATOR, "listed")
        self.node("source", "uuid-source")
        story.tell(facts.IronicAnswers(ironic="source", up=False))
        story.tell(facts.IronicAnswers(ironic="target", up=True))
        story.tell(facts.BmcRead(host="node-1", power="On", signals={"LastResetTime": "2026-01-01T00:00:00Z"}))

    def move(self) -> None:
        """The move in its order, and the adoption."""
        story, moves = self.story, self.leave_out != "move"
        story.tell(facts.StepBegan(step="1", word="move"))
        if moves:
            story.tell(facts.MoverStarted(mover=1, origin="source", destination="target"))
        if self.leave_out != "pause":
            self.put("source", "Cluster", "lab", REST["Cluster"][1] | {"spec": {"paused": True}}, "modified")
        self.put("source", "BareMetalHost", "node-1", host("source", annotations=MARKS), "modified")
        for kind, (name, body) in REST.items():
            if kind != self.leave_out:
                paused = {"spec": {"paused": True}} if kind == "Cluster" else {}
                self.put("target", kind, name, self.instead.get(kind, body | paused), "added")
        marks = {name: it for name, it in MARKS.items() if name != self.leave_out}
        self.put("target", "BareMetalHost", "node-1", host("target", annotations=marks, status={}), "added")
        for kind, (name, body) in [*REST.items()][::-1]:
            self.put("source", kind, name, body, "deleted")
        self.put("source", "BareMetalHost", "node-1", host("source", annotations={DELETE_FOR_MOVE: ""}), "deleted")
        self.put("target", "Cluster", "lab", REST["Cluster"][1], "modified")
        if moves:
            story.tell(facts.MoverEnded(mover=1, code=0))
        story.tell(facts.StepEnded(step="1", word="move", how="done"))
        story.tell(facts.BmcRequest(host="node-1", method="GET", path=SYSTEM, status=200, client="ironic-target"))
        if self.leave_out != "adoption":
            self.node("target", "uuid-target")
            self.put("target", "BareMetalHost", "node-1", host("target"), "modified")
        self.put("target", "HostFirmwareComponents", "node-1", FIRMWARE, "added")

    def put(self, side: str, kind: str, name: str, body: Body, change: str = "modified") -> Entry:
        """One version of an object; the Secret's version is what the host's credentials name."""
        entry = self.story.object(side, kind, name, body, change)
        if kind == "Secret" and isinstance(entry.fact, facts.ObjectSeen):
            told = Entry(entry.seq, entry.since, entry.at, msgspec.structs.replace(entry.fact, resource_version=f"{side}-1"))
            self.story.entries[-1] = told
        return entry

    def node(self, side: Any, uuid: str, **more: Any) -> None:
        """What an Ironic has of the host."""
        body = {"uuid": uuid, "provision_state": "active", "power_state": "power on", **more}
        self.story.tell(facts.IronicNode(ironic=side, uuid=uuid, name="metal3~node-1", node=body))

    def shows(self, **status: Any) -> None:
        """The host's new operator shows its status with some members replaced."""
        self.put("target", "BareMetalHost", "node-1", host("target", status=host_status("target") | status))

    def marked(self, **annotations: str) -> None:
        """The host in the target has these annotations."""
        self.put("target", "BareMetalHost", "node-1", host("target", annotations=annotations))

    def tell(self, *told: facts.AnyFact) -> None:
        """Facts, in order."""
        for fact in told:
            self.story.tell(fact)

    def whole(self) -> World:
        """The world of all of it, after the last looks."""
        story = self.story
        story.tell(facts.StepBegan(step="2", word="settle"))
        story.time += AFTER
        story.tell(facts.StepEnded(step="2", word="settle", how="done"))
        if self.leave_out != "probes":
            for what in ("bmc", "ironic", "image"):
                where = {"host": "node-1"} if what == "bmc" else {"ironic": "target"} if what == "ironic" else {}
                ok = self.leave_out != f"way to the {what}"
                story.tell(facts.ProbeSeen(vantage="target", what=what, address=what, ok=ok, layer="content", **where))
        story.tell(facts.BmcRead(host="node-1", power="On", signals={"LastResetTime": "2026-01-01T00:00:00Z"}, final=True))
        return story.ends().world()
