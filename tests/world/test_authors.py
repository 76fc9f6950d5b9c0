"""Who wrote a version: the audit log's user before the field manager, before this harness's own journal, before nobody."""

import pytest

from bmc.names import USER_AGENT
from harness.checks import bmc_untouched, hosts_keep_power, hosts_keep_state
from harness.journal import facts
from harness.journal.entry import Entry
from harness.journal.facts import FieldManager
from harness.metal3 import DELETE_FOR_MOVE, STATUS
from harness.world.bmc.causes import felt
from harness.world.changes.authors import UNSEEN, author, deleter, deletions, overlap, path_of, plural
from harness.world.world import ObjectKey
from tests.checks.history import Story, host_body, of_host

HELM = FieldManager(manager="helm-controller", operation="Update", time="2026-11-30T12:00:01Z", paths=["spec.online"])
BMO = FieldManager(manager="baremetal-operator", operation="Update", subresource="status", paths=["status.poweredOn"])
CAPM3 = FieldManager(manager="cluster-api-provider-metal3-manager", operation="Update", paths=["spec.online"])
SAID = "by field manager helm-controller (Update, 2026-11-30T12:00:01Z)"
RESET = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset"


def off() -> dict:
    body = host_body("node-1")
    body["spec"]["online"] = False
    return body


class Changed:
    """A move, after which somebody wants the host off."""

    def __init__(self, *managers: FieldManager, watched: bool = False) -> None:
        self.story = Story().sees("kube", "mover")
        self.story.sees("bmc", "bmc_requests", host="node-1") if watched else None
        self.story.host()
        self.story.move()
        self.story.host(cluster="target", change="added")
        self.entry = self.story.object("target", "BareMetalHost", "node-1", off(), "modified", managers=managers)

    def wrote(self, user: str, agent: str = "", **more: object) -> "Changed":
        fact = facts.ApiWrite(
            cluster="target", user=user, user_agent=agent, verb="patch", resource="baremetalhosts", name="node-1", **more
        )
        self.story.tell(fact, at=self.entry.at)
        return self

    def meant(self, what: str = "switch node-1 off", host: str = "node-1") -> "Changed":
        self.story.tell(facts.WriteIntended(write="1", system="target", what=what, host=host), at=self.entry.at - 0.2)
        return self

    def author(self, part: str = "spec.online") -> str:
        world = self.story.ends().world()
        return author(world, world.objects["target", "BareMetalHost", "metal3", "node-1"][-1], part)


def test_nobody_was_seen():
    assert Changed().author() == UNSEEN


def test_the_field_manager_is_told_with_operation_and_time():
    assert Changed(HELM).author() == SAID


def test_the_user_of_an_audit_log_comes_first():
    assert Changed(HELM).wrote("anna").author() == "by anna (field manager helm-controller)"
    assert Changed().wrote("anna").author() == "by anna"


def test_of_two_users_it_is_the_one_whose_program_is_the_manager():
    told = Changed(HELM).wrote("anna", "helm-controller/v1.3 (linux/amd64)").wrote("bert", "kubectl/v1.36")
    assert told.author() == "by anna (field manager helm-controller)"


def test_of_two_users_of_one_program_it_is_the_one_who_wrote_in_the_second_of_the_manager():
    told = Changed(HELM).wrote("anna", time="2026-11-30T12:00:01.512345Z").wrote("bert", time="2026-11-30T12:00:02.100000Z")
    assert told.author() == "by anna (field manager helm-controller)"


def test_a_write_that_another_version_of_that_time_names_is_not_this_ones():
    """Where the log lost the line of the second writer, the first one must not be told as the author of both."""
    told = Changed(HELM).wrote("anna", "helm-controller/v1.3")
    told.story.object("target", "BareMetalHost", "node-1", host_body("node-1"), "modified", managers=[CAPM3])
    late = told.story.entries.pop()
    told.story.entries.append(Entry(late.seq, told.entry.at, late.at, late.fact))
    assert told.author() == "by field manager cluster-api-provider-metal3-manager (Update)"


@pytest.mark.parametrize("more", [{"code": 409}, {"subresource": "status"}, {"namespace": "elsewhere"}])
def test_a_write_that_was_refused_or_was_of_something_else_is_not_the_author(more):
    assert Changed(HELM).wrote("anna", **more).author() == SAID


def test_of_several_managers_it_is_whose_part_it_is():
    both = Changed(HELM, BMO)
    assert both.author() == SAID
    assert both.author("status.poweredOn") == "by field manager baremetal-operator (Update, of status)"
    assert both.author("label x") == SAID


def test_who_reports_a_status_is_no_author_of_what_it_reports():
    assert Changed(BMO).author("") == UNSEEN


def test_what_this_harness_wrote_is_told_as_its_own():
    ours = FieldManager(manager=USER_AGENT, operation="Update", paths=["spec.online"])
    assert Changed(ours).meant().author() == "by this harness (switch node-1 off)"
    assert Changed(ours).author() == "by this harness"
    assert Changed(HELM).meant().author() == SAID


def test_without_managed_fields_a_write_of_ours_at_that_time_is_told_and_an_earlier_one_is_not():
    assert Changed().meant().author() == "by this harness (switch node-1 off)"
    assert Changed().meant(host="node-2", what="switch node-2 off").author() == UNSEEN
    done = Changed().meant()
    done.story.tell(facts.WriteDone(write="1", ok=True), at=done.entry.at - 0.6)
    assert done.author() == UNSEEN


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ("spec.online", "spec.online"),
        ("label team", "metadata.labels.team"),
        ("annotation metal3.io/x", "metadata.annotations[metal3.io/x]"),
        ("owner Cluster lab", "metadata.ownerReferences"),
        ("finalizer x/y", "metadata.finalizers"),
        ("its data", "data"),
    ],
)
def test_a_part_of_an_object_has_a_path(part, path):
    assert path_of(part) == path


@pytest.mark.parametrize(("one", "other", "both"), [("spec", "spec.online", True), ("spec.on", "spec.online", False)])
def test_a_path_within_another_overlaps_it(one, other, both):
    assert overlap(one, other) is overlap(other, one) is both


@pytest.mark.parametrize(
    ("kind", "resource"),
    [("BareMetalHost", "baremetalhosts"), ("HardwareData", "hardwaredata"), ("IPAddress", "ipaddresses"), ("Policy", "policies")],
)
def test_a_kind_has_a_resource(kind, resource):
    assert plural(kind) == resource


def test_the_author_of_an_object_whose_kind_bears_its_group_is_found_in_the_audit_log():
    story = Story().sees("kube", "audit")
    names = {"kind": "IPAddress", "plural": "ipaddresses"}
    definition = {"spec": {"group": "ipam.cluster.x-k8s.io", "names": names}}
    story.object("target", "CustomResourceDefinition", "ipaddresses.ipam.cluster.x-k8s.io", definition)
    odd = {"spec": {"group": "example.com", "names": {"kind": "Ox", "plural": "oxen"}}}
    story.object("target", "CustomResourceDefinition", "oxen.example.com", odd)
    for kind, group, resource in (("IPAddress", "ipam.cluster.x-k8s.io", "ipaddresses"), ("Ox", "example.com", "oxen")):
        story.object("target", kind, "mine", {"apiVersion": f"{group}/v1"}, "modified")
        write = facts.ApiWrite(cluster="target", user="anna", verb="delete", resource=resource, name="mine", code=200)
        story.tell(write, at=story.time)
        world = story.world()
        key = ObjectKey("target", f"{kind}.{group}", "metal3", "mine")
        assert deleter(world, world.objects[key][-1]) == "by anna"
        assert [fact.user for _, fact in deletions(world, key)] == ["anna"]


def reset(told: Changed, client: str, after: float) -> None:
    request = facts.BmcRequest(
        host="node-1", method="POST", path=RESET, status=204, body='{"ResetType":"ForceOff"}', client=client, address="192.0.2.7"
    )
    told.story.tell(request, at=told.entry.at + after)


def test_a_reset_is_told_with_the_change_before_it_and_the_change_with_the_reset_after_it():
    told = Changed(HELM, watched=True)
    reset(told, "ironic-target", 3.2)
    world = told.story.ends().world()
    says = of_host(bmc_untouched.check(world)).says
    assert f"`spec.online` was set to false in the target {SAID}, 3.2 s before the Reset ForceOff" in says
    judgement = of_host(hosts_keep_power.check(world))
    assert judgement.verdict == "fail"
    assert f"`spec.online` was set to false {SAID}, 3.2 s before the Reset ForceOff by the Ironic of the target" in judgement.says


def test_a_reset_is_no_answer_to_the_opposite_wish():
    told = Changed(HELM, watched=True)
    told.story.object("target", "BareMetalHost", "node-1", host_body("node-1"), "modified", managers=[CAPM3])
    reset(told, "ironic-target", 3.2)
    says = of_host(bmc_untouched.check(told.story.ends().world())).says
    assert f"`spec.online` was set to false in the target {SAID}, 3.2 s before the Reset ForceOff" in says


@pytest.mark.parametrize(("client", "after"), [("", 3.2), ("ironic-source", 3.2), ("ironic-target", 121.0)])
def test_a_reset_by_somebody_else_or_much_later_has_no_such_cause(client, after):
    told = Changed(HELM, watched=True)
    reset(told, client, after)
    world = told.story.ends().world()
    assert "helm-controller" not in of_host(bmc_untouched.check(world)).says
    assert "before the Reset" not in of_host(hosts_keep_power.check(world)).says


def test_a_host_that_left_its_state_is_told_with_what_was_changed_before():
    told = Changed()
    body = host_body("node-1")
    del body["spec"]["image"]
    told.story.object("target", "BareMetalHost", "node-1", body, "modified", managers=[HELM])
    later = host_body("node-1", provisioning={"state": "deprovisioning", "ID": "1"})
    told.story.object("target", "BareMetalHost", "node-1", later | {"spec": body["spec"]}, "modified")
    judgement = of_host(hosts_keep_state.check(told.story.ends().world()))
    assert judgement.verdict == "fail"
    assert f"`spec.image` was removed in the target {SAID}, 1.0 s before" in judgement.says


GOES = {"deletionTimestamp": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("before", "after", "part"),
    [
        ({"annotations": {STATUS: "{}"}, "provisioning": {}}, {"provisioning": {}}, f"annotation {STATUS}"),
        ({"annotations": {STATUS: "{}"}, "provisioning": {}}, {}, ""),
        ({"annotations": {STATUS: "{}"}}, {"annotations": {STATUS: "{}"}, "provisioning": {}}, ""),
        ({}, {"annotations": {"reboot.metal3.io/mine": ""}}, "annotation reboot.metal3.io/mine"),
        ({"annotations": {"reboot.metal3.io/mine": ""}}, {}, ""),
        ({}, {"annotations": {"of.a.user": ""}}, ""),
        ({}, {"online": False}, "spec.online"),
        ({}, GOES, "deletionTimestamp"),
        (GOES, GOES, ""),
        ({}, GOES | {"annotations": {DELETE_FOR_MOVE: ""}}, ""),
    ],
)
def test_what_of_a_host_changed_that_its_server_can_feel(before, after, part):
    story = Story()
    bodies = []
    for change in (before, after):
        status = {name: it for name, it in change.items() if name in ("annotations", "provisioning")}
        body = host_body("node-1", **status)
        body["spec"]["online"] = change.get("online", True)
        body["metadata"] |= {name: it for name, it in change.items() if name == "deletionTimestamp"}
        bodies.append(body)
    first, second = (story.object("target", "BareMetalHost", "node-1", body, "modified") for body in bodies)
    world = story.world()

    assert felt(world.version_of(first)[1], world.version_of(second)[1]) == part
