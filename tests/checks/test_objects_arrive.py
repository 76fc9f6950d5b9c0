"""objects_arrive: a table of stories (kept, broken, unsure) and each exemption."""

from typing import Any

import msgspec
import pytest

from harness.checks import objects_arrive
from harness.journal import facts
from harness.journal.entry import Entry
from harness.judgement import Judgement
from harness.metal3 import PAUSED, PAUSED_BY_CAPM3, STATUS
from harness.world.carried.equality import EXEMPTIONS, differing, exempt, parts
from harness.world.world import World
from tests.checks.history import Story, host_body, of_host

Body = dict[str, Any]
CLUSTER: Body = {"spec": {"controlPlaneEndpoint": {"host": "192.0.2.1"}}}
SECRET: Body = {"dataDigest": {"password": "1"}}
OWNED: Body = {"metadata": {"ownerReferences": [{"kind": "Cluster", "name": "lab", "uid": "source-lab"}], "finalizers": ["keep"]}}
MACHINES: Body = OWNED | {"spec": {"replicas": 2, "template": {"image": "a"}}}


class Pivot:
    """A story of one move of a Cluster, a host with its Secret, and a MachineDeployment; forms of it may differ in one thing."""

    def __init__(self, *, host: Body | None = None, sees: bool = True, machines: Body | None = None) -> None:
        self.story = Story().sees("kube", "mover") if sees else Story().sees("mover")
        self.host = host or {}
        self.machines = machines or MACHINES
        self.carried = {"Cluster": ("lab", CLUSTER), "Secret": ("node-1-bmc", SECRET), "MachineDeployment": ("md", self.machines)}
        for kind, (name, body) in self.carried.items():
            self.story.object("source", kind, name, body)
        self.story.host(**self.host)

    def begins(self) -> "Pivot":
        self.story.tell(facts.MoverStarted(mover=1, origin="source", destination="target"))
        return self

    def arrives(self, leave_out: str = "", **instead: Body) -> "Pivot":
        """All arrives, but for a kind, or with other bodies."""
        for kind, (name, body) in self.carried.items():
            if kind != leave_out:
                self.story.object("target", kind, name, instead.get(kind, owned_in_target(body)), "added")
        if leave_out != "BareMetalHost":
            self.story.host(cluster="target", change="added", **instead.get("BareMetalHost", self.host))
        return self

    def goes(self, stays: str = "", mover: int = 1) -> "Pivot":
        for kind, (name, body) in self.carried.items():
            if kind != stays:
                self.story.object("source", kind, name, body, "deleted")
        marked = {"annotations": {"clusterctl.cluster.x-k8s.io/delete-for-move": ""}}
        self.story.host(**(self.host | marked), change="deleted")
        self.story.tell(facts.MoverEnded(mover=mover, code=0))
        return self

    def judged(self, host: str | None = "node-1") -> Judgement:
        self.story.ends()
        return of_host(objects_arrive.check(self.story.world()), host)


def owned_in_target(body: Body) -> Body:
    """The body with the owner's new uid, as a mover writes it."""
    metadata = dict(body.get("metadata") or {})
    if "ownerReferences" in metadata:
        metadata["ownerReferences"] = [
            {**one, "uid": one["uid"].replace("source", "target")} for one in metadata["ownerReferences"]
        ]
    return {**body, "metadata": metadata} if metadata else body


def moved() -> Pivot:
    return Pivot().begins().arrives().goes()


def test_all_that_arrives_as_it_left_passes():
    for host in ("node-1", None):
        assert moved().judged(host).verdict == "pass"


BROKEN: dict[str, tuple[Body, str, str]] = {
    "data": ({"Secret": {"dataDigest": {"password": "2"}}}, "node-1", "Secret node-1-bmc differs in its data"),
    "spec": ({"MachineDeployment": owned_in_target(MACHINES) | {"spec": {"replicas": 9}}}, "", "differs in spec.replicas"),
    "owner": ({"MachineDeployment": MACHINES | {"metadata": {"finalizers": ["keep"]}}}, "", "differs in owner Cluster lab"),
    "owner of nobody": ({"MachineDeployment": MACHINES}, "", "is owned by Cluster lab, which does not exist in the target"),
    "finalizer": (
        {
            "MachineDeployment": MACHINES
            | {"metadata": {"ownerReferences": owned_in_target(MACHINES)["metadata"]["ownerReferences"]}}
        },
        "",
        "differs in finalizer keep",
    ),
    "annotation": ({"Cluster": CLUSTER | {"metadata": {"annotations": {"team": "blue"}}}}, "", "differs in annotation team"),
}


@pytest.mark.parametrize(("instead", "host", "says"), BROKEN.values(), ids=BROKEN)
def test_what_arrives_otherwise_fails(instead, host, says):
    judgement = Pivot().begins().arrives(**instead).goes().judged(host or None)
    assert judgement.verdict == "fail"
    assert says in judgement.says


@pytest.mark.parametrize(("kind", "host"), [("Cluster", None), ("Secret", "node-1"), ("BareMetalHost", "node-1")])
def test_what_never_arrives_fails(kind, host):
    judgement = Pivot().begins().arrives(kind).goes().judged(host)
    assert judgement.verdict == "fail"
    assert f"{kind} " in judgement.says
    assert "never arrived" in judgement.says


def test_what_is_left_behind_fails():
    judgement = Pivot().begins().arrives().goes("MachineDeployment").judged(None)
    assert judgement.verdict == "fail"
    assert "MachineDeployment md was left behind in the source" in judgement.says


def test_a_change_before_the_copy_is_carried():
    pivot = Pivot().begins()
    pivot.story.object("source", "Secret", "node-1-bmc", {"dataDigest": {"password": "2"}}, "modified")
    assert pivot.arrives(Secret={"dataDigest": {"password": "2"}}).goes().judged().verdict == "pass"


def test_a_change_after_the_copy_is_lost_and_names_its_author():
    pivot = Pivot().begins().arrives()
    changed = pivot.story.object("source", "MachineDeployment", "md", MACHINES | {"spec": {"replicas": 5}}, "modified")
    by = facts.ApiWrite(cluster="source", user="anna", verb="patch", resource="machinedeployments", name="md", code=200)
    pivot.story.tell(by, at=changed.at)
    judgement = pivot.goes().judged(None)
    assert judgement.verdict == "fail"
    assert "spec.replicas, spec.template is lost; by anna" in judgement.says


def wrote(story: Story, entry: Entry, resource: str, name: str) -> None:
    story.tell(facts.ApiWrite(cluster="target", user="anna", verb="patch", resource=resource, name=name, code=200), at=entry.at)


@pytest.mark.parametrize(
    ("kind", "name", "resource", "body", "host"),
    [
        ("Secret", "node-1-bmc", "secrets", {"dataDigest": {"password": "2"}}, "node-1"),
        ("MachineDeployment", "md", "machinedeployments", owned_in_target(MACHINES) | {"spec": {"replicas": 5}}, None),
        ("Cluster", "lab", "clusters", CLUSTER | {"metadata": {"labels": {"helm": "yes"}}}, None),
    ],
)
def test_what_its_user_changes_afterwards_is_a_note_with_its_author(kind, name, resource, body, host):
    pivot = moved()
    wrote(pivot.story, pivot.story.object("target", kind, name, body, "modified"), resource, name)
    judgement = pivot.judged(host)
    assert judgement.verdict == "pass"
    assert "changed since" in judgement.says
    assert "by anna" in judgement.says


def host_with(**spec: Any) -> Body:
    """A host's body, with other members of its spec."""
    story = Story()
    fact = story.host().fact
    assert isinstance(fact, facts.ObjectSeen)
    body = dict(fact.object or {})
    return body | {"metadata": {"name": "node-1", "namespace": "metal3"}, "spec": body["spec"] | spec}


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"image": None}, "spec.image was removed"),
        ({"online": False}, "spec.online was changed"),
        ({"bootMACAddress": "52:54:00:00:00:01"}, "spec.bootMACAddress was set"),
        ({"bmc": {"address": "redfish://other", "credentialsName": "node-1-bmc"}}, "spec.bmc was changed"),
        ({"consumerRef": None}, "spec.consumerRef was removed"),
        ({"externallyProvisioned": True}, "spec.externallyProvisioned was set"),
        ({"raid": {"hardwareRAIDVolumes": [{"level": "1"}]}}, "spec.raid was set"),
        ({"rootDeviceHints": {"deviceName": "/dev/sdb"}}, "spec.rootDeviceHints was set"),
    ],
)
@pytest.mark.parametrize("for_good", [True, False])
def test_what_harms_a_server_fails_whoever_did_it_and_however_short(spec, says, for_good):
    pivot = moved()
    wrote(
        pivot.story,
        pivot.story.object("target", "BareMetalHost", "node-1", host_with(**spec), "modified"),
        "baremetalhosts",
        "node-1",
    )
    if not for_good:
        pivot.story.object("target", "BareMetalHost", "node-1", host_with(), "modified")
    judgement = pivot.judged()
    assert judgement.verdict == "fail"
    assert says in judgement.says
    assert "by anna" in judgement.says


def test_what_holds_for_a_servers_next_life_is_a_note():
    pivot = moved()
    pivot.story.object("target", "BareMetalHost", "node-1", host_with(automatedCleaningMode="disabled"), "modified")
    judgement = pivot.judged()
    assert judgement.verdict == "pass"
    assert "automatedCleaningMode was set in the target" in judgement.says
    assert "by whom was not seen" in judgement.says


def test_another_api_version_cannot_be_compared():
    older = MACHINES | {"apiVersion": "cluster.x-k8s.io/v1beta1", "spec": {"written": "otherwise"}}
    newer = owned_in_target(MACHINES) | {"apiVersion": "cluster.x-k8s.io/v1beta2"}
    judgement = Pivot(machines=older).begins().arrives(MachineDeployment=newer).goes().judged(None)
    assert judgement.verdict == "unknown"
    assert "in different versions of its API" in judgement.says


def test_a_cluster_of_another_namespace_is_nobodys_affair():
    pivot = moved()
    fact = pivot.story.object("source", "Cluster", "other", CLUSTER).fact
    assert isinstance(fact, facts.ObjectSeen)
    world = World(
        [
            Entry(it.seq, 0.5, 0.5, msgspec.structs.replace(fact, namespace="team")) if it.fact is fact else it
            for it in pivot.story.ends().entries
        ],
        final=True,
    )
    assert of_host(objects_arrive.check(world), None).verdict == "pass"


def test_a_new_machine_fails_unless_its_user_scaled():
    for scaled, verdict in ((False, "fail"), (True, "pass")):
        pivot = moved()
        if scaled:
            pivot.story.object(
                "target", "MachineDeployment", "md", owned_in_target(MACHINES) | {"spec": {"replicas": 3}}, "modified"
            )
        owner = [{"kind": "MachineDeployment", "name": "md", "uid": "target-md"}]
        pivot.story.object("target", "Machine", "fresh", {"metadata": {"ownerReferences": owner}}, "added")
        assert pivot.judged(None).verdict == verdict


def test_what_is_born_in_the_origin_in_mid_move_and_left_fails():
    pivot = Pivot().begins()
    pivot.story.object("source", "IPClaim", "late", {}, "added")
    judgement = pivot.arrives().goes().judged(None)
    assert judgement.verdict == "fail"
    assert "IPClaim late was made in the source" in judgement.says


def test_the_loss_of_a_spare_is_told():
    pivot = Pivot()
    pivot.story.host("spare", claimed=False, provisioning={"state": "available"})
    judgement = pivot.begins().arrives().goes().judged(None)
    assert judgement.verdict == "fail"
    assert "BareMetalHost spare" in judgement.says


def test_a_control_plane_of_another_make_that_vanishes_fails():
    pivot = Pivot()
    pivot.story.object("source", "RKE2ControlPlane", "cp", OWNED)
    judgement = pivot.begins().arrives().goes().judged(None)
    assert judgement.verdict == "fail"
    assert "RKE2ControlPlane cp never arrived" in judgement.says


def test_what_was_asked_of_the_firmware_and_is_lost_fails_its_host():
    for asked, verdict in (({"settings": {"Virtualization": "Enabled"}}, "fail"), ({"settings": {}}, "pass")):
        pivot = Pivot()
        pivot.story.object("source", "HostFirmwareSettings", "node-1", {"spec": asked})
        assert pivot.begins().arrives().goes().judged().verdict == verdict


def with_claim(consumer: str = "") -> Pivot:
    """A pivot of a namespace with a HostClaim, of which the host may be."""
    host = {"claimed": False} if consumer else {}
    pivot = Pivot(host=host)
    if consumer:
        claimed = host_with(consumerRef={"apiVersion": "metal3.io/v1alpha1", "kind": "HostClaim", "name": consumer})
        pivot.story.object("source", "BareMetalHost", "node-1", claimed, "modified")
    claim = {"apiVersion": "metal3.io/v1alpha1", "spec": {"hostSelector": {"rack": "one"}}}
    pivot.story.object("source", "HostClaim", "tenant", claim)
    return pivot.begins().arrives().goes()


def test_a_claim_that_stays_behind_fails_the_host_that_it_claims_else_the_run():
    assert "HostClaim tenant" in with_claim().judged(None).says
    judgement = with_claim("tenant").judged()
    assert judgement.verdict == "fail"
    assert "HostClaim tenant: what was asked in its spec (hostSelector) is lost in the target (cure: save it" in judgement.says


@pytest.mark.parametrize(
    ("again", "verdict"),
    [
        ({"Virtualization": "Enabled"}, "pass"),
        ({"Virtualization": "Enabled", "Turbo": "off"}, "pass"),
        ({"Turbo": "off"}, "fail"),
        ({"Virtualization": "Disabled"}, "fail"),
    ],
)
def test_what_was_asked_and_is_asked_again_after_the_move_is_not_lost(again, verdict):
    pivot = Pivot()
    pivot.story.object("source", "HostFirmwareSettings", "node-1", {"spec": {"settings": {"Virtualization": "Enabled"}}})
    pivot.begins().arrives().goes()
    pivot.story.object("target", "HostFirmwareSettings", "node-1", {"spec": {}}, "added")
    pivot.story.object("target", "HostFirmwareSettings", "node-1", {"spec": {"settings": again}}, "modified")
    judged = pivot.judged()
    assert judged.verdict == verdict, judged.says


KINDS = ("Cluster", "Secret", "ConfigMap", "BareMetalHost", "HardwareData", "MachineDeployment", "Machine", "Metal3Machine")


def watched_kind_by_kind() -> Pivot:
    """A pivot of which each of these kinds was watched in both clusters, and no other."""
    pivot = Pivot(sees=False)
    for side in ("source", "target"):
        for kind in KINDS:
            pivot.story.sees("kube", cluster=side, kind=kind)
    return pivot


def test_what_was_asked_and_may_have_been_lost_unseen_is_unknown():
    pivot = watched_kind_by_kind()
    pivot.story.sees("kube", cluster="source", kind="HostUpdatePolicy")
    pivot.story.object("source", "HostUpdatePolicy", "node-1", {"spec": {"firmwareSettings": "onReboot"}})
    judgement = pivot.begins().arrives().goes().judged()
    assert judgement.verdict == "unknown"
    assert "HostUpdatePolicy node-1" in judgement.says


def test_a_kind_in_which_a_user_may_have_asked_something_and_that_nobody_watched_is_unknown_by_its_name():
    pivot = watched_kind_by_kind()
    spec = {"group": "metal3.io", "names": {"kind": "DataImage"}}
    pivot.story.object("source", "CustomResourceDefinition", "dataimages.metal3.io", {"spec": spec})
    judgement = pivot.begins().arrives().goes().judged(None)
    assert judgement.verdict == "unknown"
    assert "DataImage" in judgement.says


def test_a_kind_that_the_mover_carried_and_nobody_watched_is_unknown_by_its_name():
    pivot = watched_kind_by_kind()
    pivot.begins()
    pivot.story.tell(facts.MoverSaid(mover=1, line='Creating RKE2ControlPlane="cp" Namespace="metal3"'))
    judgement = pivot.arrives().goes().judged(None)
    assert judgement.verdict == "unknown"
    assert "RKE2ControlPlane" in judgement.says


# --- exemptions ---

EXEMPT: list[tuple[str, Body, Body]] = [
    ("Machine", {"metadata": {"annotations": {"clusterctl.cluster.x-k8s.io/block-move": ""}}}, {}),
    ("BareMetalHost", {"metadata": {"annotations": {STATUS: "{}"}}}, {}),
    ("Machine", {"metadata": {"annotations": {"cluster.x-k8s.io/conversion-data": "{}"}}}, {}),
    (
        "Machine",
        {"spec": {"infrastructureRef": {"apiVersion": "infrastructure.x/v1beta1", "kind": "Metal3Machine", "name": "m"}}},
        {"spec": {"infrastructureRef": {"apiVersion": "infrastructure.x/v1beta2", "kind": "Metal3Machine", "name": "m"}}},
    ),
    ("Cluster", {"spec": {"paused": True}}, {}),
    ("BareMetalHost", {"spec": {"architecture": "x86_64"}}, {}),
    ("BareMetalHost", {"metadata": {"annotations": {PAUSED: PAUSED_BY_CAPM3}}}, {}),
    (
        "BareMetalHost",
        {"spec": {"consumerRef": {"name": "m", "apiVersion": "v1beta1", "uid": "1"}}},
        {"spec": {"consumerRef": {"name": "m", "apiVersion": "v1beta2", "uid": "2"}}},
    ),
    ("Metal3Data", {"spec": {"nothing": None, "empty": [], "blank": {}}}, {}),
]


def seen(kind: str, body: Body) -> Any:
    story = Story()
    story.object("source", kind, "one", body)
    return next(iter(story.world().objects.values()))[0]


@pytest.mark.parametrize(("kind", "one", "other"), EXEMPT)
def test_what_may_differ_is_no_difference(kind, one, other):
    assert differing(parts(seen(kind, one), kind), parts(seen(kind, other), kind)) == []


def test_each_exemption_has_a_reason_and_a_story():
    assert all(one.reason for one in EXEMPTIONS)
    for one in EXEMPTIONS:
        told = {name for kind, body, _ in EXEMPT if one.kind in ("*", kind) for name in names_of(body)}
        assert any(exempt(one.kind if one.kind != "*" else "Machine", name) for name in told), one


def names_of(body: Body) -> set[str]:
    """The names of the parts that a body has, the exempt ones too."""
    annotations = body.get("metadata", {}).get("annotations", {})
    return {f"annotation {name}" for name in annotations} | {f"spec.{name}" for name in body.get("spec", {})}


def test_a_reference_to_another_group_is_a_difference():
    one, other = (
        {"spec": {"infrastructureRef": {"apiVersion": f"{group}/v1", "kind": "Metal3Machine", "name": "m"}}}
        for group in ("a.x", "b.x")
    )
    assert differing(parts(seen("Machine", one), "Machine"), parts(seen("Machine", other), "Machine")) == [
        "spec.infrastructureRef"
    ]


def test_a_status_member_of_another_name_in_another_api_version_is_not_lost():
    for versions, verdict in ((("v1beta1", "v1beta2"), "unknown"), (("v1beta2", "v1beta2"), "fail")):
        older, newer = ({"apiVersion": f"infrastructure.cluster.x-k8s.io/{version}", **OWNED} for version in versions)
        pivot = Pivot()
        pivot.carried["Metal3Data"] = ("data", older | {"status": {"ready": True}})
        pivot.story.object("source", "Metal3Data", *pivot.carried["Metal3Data"])
        arrived = owned_in_target(newer) | {"status": {"initialization": {"provisioned": True}}}
        pivot.begins().arrives(Metal3Data=arrived).goes()
        pivot.story.time += 100
        judgement = pivot.judged(None)
        assert judgement.verdict == verdict, versions
        assert ("status.ready is lost" in judgement.says) is (verdict == "fail")


@pytest.mark.parametrize(("lost", "verdict"), [("", "fail"), ("Metal3Data", "unknown")])
def test_an_owner_that_came_while_nobody_looked_at_its_kind_is_not_missing(lost, verdict):
    pivot = moved()
    if lost:
        pivot.story.tell(facts.SightLost(sight="kube", cluster="target", kind=lost))
    owned = [{"kind": "Metal3Data", "name": "data", "uid": "target-data"}]
    pivot.story.object("target", "Secret", "node-1-bmc", SECRET | {"metadata": {"ownerReferences": owned}}, "modified")

    judged = pivot.judged()
    assert judged.verdict == verdict, judged.says


@pytest.mark.parametrize(("arrived_with", "verdict"), [(["f"], "pass"), ([], "fail")])
def test_what_a_first_attempt_carried_has_arrived_whatever_its_new_owner_makes_of_it_in_the_next(arrived_with, verdict):
    pivot = Pivot()
    body = {"spec": {"hardware": {"cpu": 1}}, "metadata": {"finalizers": ["f"]}}
    pivot.carried["HardwareData"] = ("node-1", body)
    pivot.story.object("source", "HardwareData", "node-1", body)
    pivot.begins().arrives(HardwareData=body | {"metadata": {"finalizers": arrived_with}})
    pivot.story.tell(facts.MoverEnded(mover=1, code=-9))
    pivot.story.tell(facts.MoverStarted(mover=2, origin="source", destination="target"))
    pivot.story.object("target", "HardwareData", "node-1", {"spec": body["spec"]}, "modified")
    pivot.story.object("target", "HardwareData", "node-1", {"spec": body["spec"]}, "deleted")
    pivot.story.object("target", "HardwareData", "node-1", body | {"metadata": {"uid": "new", **body["metadata"]}}, "added")
    pivot.goes(mover=2)

    judged = pivot.judged()
    assert judged.verdict == verdict, judged.says


def test_what_its_user_makes_after_the_move_is_a_note():
    pivot = moved()
    made = facts.FieldManager(manager="kubectl-create", operation="Update")
    at = pivot.story.object("target", "IPPool", "fresh", {}, "added", managers=[made]).at

    assert pivot.judged(None).says == (
        "all 4 objects arrived equal, nothing was left behind; changed since: "
        f"IPPool fresh was made in the target at {at:.1f} s, by field manager kubectl-create (Update)"
    )


def test_where_no_object_that_moves_was_seen_nothing_is_proven():
    story = Story().sees("kube", "mover")
    story.move()
    judgement = of_host(objects_arrive.check(story.ends().world()), None)

    assert (judgement.verdict, judgement.says) == ("unknown", "no object that moves was seen before the move")


def test_without_a_move_no_host_and_no_run_is_judged():
    story = Story().sees("kube", "mover")
    story.host()

    assert [(it.host, it.says) for it in objects_arrive.check(story.ends().world())] == [("node-1", "no move took place")]


OTHERS: dict[str, tuple[Body, bool]] = {
    "the same address": ({"bmc": {"address": "redfish://Node-1"}}, True),
    "the same MAC": ({"bmc": {"address": "redfish://other"}, "bootMACAddress": "52:54:00:00:00:01"}, True),
    "another server": ({"bmc": {"address": "redfish://other"}, "bootMACAddress": "52:54:00:00:00:02"}, False),
    "nothing told": ({}, False),
}


@pytest.mark.parametrize(("spec", "same"), OTHERS.values(), ids=OTHERS)
def test_a_new_host_of_a_carried_ones_server_fails_that_one(spec, same):
    pivot = Pivot()
    body = host_body("node-1")
    first = pivot.story.object(
        "source", "BareMetalHost", "node-1", body | {"spec": body["spec"] | {"bootMACAddress": "52:54:00:00:00:01"}}, "modified"
    )
    pivot.begins().arrives().goes()
    last = pivot.story.object("target", "BareMetalHost", "double", {"spec": spec}, "added")
    judgement = pivot.judged()
    text = "BareMetalHost double is new in the target, and is the server of node-1; by whom was not seen"

    assert (text in judgement.says) is same, judgement.says
    assert {first.seq, last.seq} <= {*judgement.evidence} or not same
