"""What is promised of a host in every version: for each check a table of stories, kept, broken and unsure."""

from collections.abc import Callable
from typing import Any

import pytest

from harness.checks import (
    bmc_untouched,
    consumer_unchanged,
    fit_to_run,
    hosts_adopted,
    hosts_keep_power,
    hosts_keep_state,
    image_unchanged,
    nothing_ordered,
    one_host_a_server,
)
from harness.files.words import WordFiles
from harness.journal import facts
from harness.judgement import Judgement
from harness.metal3 import DETACHED
from harness.verdict.judge import judge_entries
from tests.checks.history import PAUSED, Story, host_body, of_host

Change = Callable[[dict[str, Any]], None]
IMAGE = {"url": "http://images/os"}
CREDENTIALS = {"triedCredentials": {"credentialsVersion": "7"}, "goodCredentials": {"credentialsVersion": "7"}}


def moved(*, before: Change | None = None, record: bool = True) -> Story:
    """A host that was moved, with all sights; its target's copy is the last that was told."""
    story = Story().sees("kube").sees("ironic", cluster="source").sees("ironic", cluster="target")
    story.sees("bmc_requests", host="node-1")
    story.tell(facts.IronicAnswers(ironic="source", up=False))
    story.tell(facts.IronicAnswers(ironic="target", up=True))
    story.object("source", "Metal3Machine", "m-node-1", {})
    story.object("source", "BareMetalHost", "node-1", changed(before))
    story.move(adopts=record)
    story.object("source", "BareMetalHost", "node-1", {}, "deleted")
    version(story, before, change="added")
    return story


def changed(*changes: Change | None) -> dict[str, Any]:
    """A provisioned host's body, changed."""
    body = host_body("node-1", **CREDENTIALS)
    for change in changes:
        if change:
            change(body)
    return body


def version(story: Story, *changes: Change | None, change: str = "modified", name: str = "node-1") -> None:
    story.object("target", "BareMetalHost", name, changed(*changes), change)


def status(**members: Any) -> Change:
    return lambda body: body["status"].update(members)


def provisioning(**members: Any) -> Change:
    return lambda body: body["status"]["provisioning"].update(members)


def spec(**members: Any) -> Change:
    return lambda body: body["spec"].update(members)


def annotated(name: str) -> Change:
    return lambda body: body["metadata"]["annotations"].update({name: ""})


def owned(uid: str, kind: str = "Metal3Machine") -> Change:
    return lambda body: body["metadata"].update({"ownerReferences": [{"kind": kind, "name": "gone", "uid": uid}]})


def judged(check: Any, story: Story) -> Judgement:
    return of_host(check.check(story.ends().world()))


def without_status(body: dict[str, Any]) -> None:
    body["status"] = {}
    annotated(PAUSED)(body)


STORIES: list[tuple[Any, Change | None, str, str]] = [
    (hosts_keep_power, None, "pass", "its power was on"),
    (hosts_keep_power, without_status, "pass", ""),
    (hosts_keep_power, status(poweredOn=True), "pass", ""),
    (hosts_keep_power, status(poweredOn=False), "fail", "was switched off, as shown in the target"),
    (hosts_keep_power, spec(online=False), "fail", "`spec.online` was set to false, by whom was not seen, in the target at"),
    (image_unchanged, None, "pass", ""),
    (image_unchanged, without_status, "pass", ""),
    (image_unchanged, provisioning(ID="another", raid={}, bootMode=""), "pass", ""),
    (image_unchanged, provisioning(firmware={"virtualization": True}), "pass", ""),
    (image_unchanged, provisioning(image={"url": "http://other"}), "fail", "image went from http://images/os to http://other"),
    (image_unchanged, provisioning(image={"url": ""}), "fail", "image went from http://images/os to none"),
    (image_unchanged, provisioning(bootMode="legacy"), "fail", "bootMode went from none to legacy"),
    (image_unchanged, provisioning(raid={"hardwareRAIDVolumes": [{"level": "0"}]}), "fail", "raid"),
    (image_unchanged, provisioning(customDeploy={"method": "install"}), "fail", "customDeploy"),
    (image_unchanged, status(lastAttemptedImage=IMAGE), "pass", ""),
    (image_unchanged, status(lastAttemptedImage={"url": "http://other"}), "fail", "another image was attempted (http://other)"),
    (image_unchanged, status(provisioningFailCount=0), "pass", ""),
    (image_unchanged, status(provisioningFailCount=2), "fail", "its provisioning failed 2 times"),
    (consumer_unchanged, None, "pass", ""),
    (consumer_unchanged, spec(consumerRef=None), "fail", "its consumer went from Metal3Machine m-node-1 to none"),
    (consumer_unchanged, spec(consumerRef={"kind": "HostClaim", "name": "m-node-1"}), "fail", "HostClaim"),
    (consumer_unchanged, owned("target-m-node-1"), "fail", "is owned by Metal3Machine gone, which does not exist"),
    (nothing_ordered, None, "pass", ""),
    (nothing_ordered, annotated("clusterctl.cluster.x-k8s.io/block-move"), "pass", ""),
    (nothing_ordered, annotated("reboot.metal3.io/now"), "unknown", "was ordered reboot.metal3.io/now in the target"),
    (nothing_ordered, annotated("inspect.metal3.io"), "unknown", "by whom was not seen"),
    (nothing_ordered, annotated(DETACHED), "unknown", "detached"),
    (hosts_keep_state, provisioning(state="deprovisioning"), "fail", "left `provisioned`"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "change", "verdict", "says"), STORIES)
def test_one_version_counts_also_where_the_next_is_as_before(check, change, verdict, says):
    story = moved()
    version(story, change)
    version(story)
    judgement = judged(check, story)

    assert (judgement.verdict, says in judgement.says) == (verdict, True), judgement.says


@pytest.mark.parametrize("check", [hosts_keep_power, image_unchanged, consumer_unchanged, nothing_ordered, one_host_a_server])
def test_versions_that_were_not_seen_may_have_been_otherwise(check):
    story = moved()
    for fact in (facts.SightLost, lambda **it: facts.SightRegained(complete=False, **it)):
        story.tell(fact(sight="kube", cluster="target", kind="BareMetalHost"))
    version(story)

    assert judged(check, story).verdict == "unknown"


def test_an_owner_of_a_kind_that_nobody_watches_may_exist():
    story = Story().sees("kube", cluster="source", kind="BareMetalHost").sees("kube", cluster="target", kind="BareMetalHost")
    story.host()
    story.move()
    version(story, owned("7", kind="HostClaim"), change="added")

    assert judged(consumer_unchanged, story).verdict == "unknown"


AT_THE_END: list[tuple[Change | None, str, str]] = [
    (None, "pass", "is fit to run on in the target"),
    (status(errorType="power management error", operationalStatus="error"), "fail", "it has the error power management error"),
    (status(operationalStatus="servicing"), "fail", "its operational status is servicing, not OK"),
    (status(operationalStatus="detached"), "fail", "detached"),
    (status(operationalStatus="delayed"), "unknown", "delayed"),
    (status(operationalStatus=""), "unknown", "empty"),
    (status(triedCredentials={"credentialsVersion": "8"}), "unknown", "were not accepted by its BMC"),
]


@pytest.mark.parametrize(("change", "verdict", "says"), AT_THE_END)
def test_a_host_must_be_fit_at_the_end(change, verdict, says):
    story = moved()
    version(story, change)
    judgement = judged(fit_to_run, story)

    assert (judgement.verdict, says in judgement.says) == (verdict, True), judgement.says


@pytest.mark.parametrize(("change", "verdict", "says"), AT_THE_END)
def test_what_heals_before_the_end_is_nobodys_failure(change, verdict, says):
    story = moved()
    version(story, change)
    version(story)

    assert judged(fit_to_run, story).verdict == "pass"


@pytest.mark.parametrize(
    ("node", "verdict"),
    [
        ({}, "pass"),
        ({"power_state": None}, "pass"),
        ({"power_state": "power off"}, "fail"),
        ({"target_power_state": "power off"}, "fail"),
        ({"maintenance": True, "fault": "power failure"}, "fail"),
        ({"maintenance": True}, "unknown"),
        ({"target_provision_state": "available"}, "unknown"),
        ({"last_error": "the BMC does not answer"}, "unknown"),
    ],
)
def test_its_node_must_be_well_in_ironic_at_the_end(node, verdict):
    story = moved()
    body = {"uuid": "1", "provision_state": "active", "power_state": "power on", **node}
    story.tell(facts.IronicNode(ironic="target", uuid="1", name="metal3~node-1", node=body))

    assert judged(fit_to_run, story).verdict == verdict


# --- other hosts of its server ---

BMC, MAC = {"address": "redfish-virtualmedia://node-1/", "credentialsName": "x"}, "52:54:00:00:00:0A"


@pytest.mark.parametrize(
    ("cluster", "change", "verdict"),
    [
        ("target", spec(bmc={"address": "redfish://node-9", "credentialsName": "x"}), "pass"),
        ("target", spec(bmc=BMC), "fail"),
        ("source", spec(bmc=BMC), "fail"),
        ("target", spec(bmc={}, bootMACAddress=MAC.lower()), "fail"),
    ],
)
def test_another_host_of_its_server_fails_in_both_clusters(cluster, change, verdict):
    story = moved(before=spec(bootMACAddress=MAC))
    body = changed(change)
    body["metadata"]["name"] = "newcomer"
    story.object(cluster, "BareMetalHost", "newcomer", body, "added")

    assert judged(one_host_a_server, story).verdict == verdict


def test_another_host_of_its_server_that_is_paused_commands_nothing():
    story = moved()
    story.object("target", "BareMetalHost", "newcomer", changed(spec(bmc=BMC), annotated(PAUSED)), "added")

    assert judged(one_host_a_server, story).verdict == "pass"


# --- known positives ---


def test_a_record_that_does_not_show_the_adoption_proves_nothing():
    judgement = judged(bmc_untouched, moved(record=False))

    assert judgement.verdict == "unknown"
    assert "shows none of its adoption by the Ironic of the target" in judgement.says
    assert judged(bmc_untouched, moved()).verdict == "pass"


@pytest.mark.parametrize(
    ("path", "client", "verdict"),
    [
        ("/redfish/v1/Systems/1", "ironic-target", "pass"),
        ("/redfish/v1/", "ironic-target", "unknown"),
        ("/redfish/v1/Systems/2", "ironic-target", "unknown"),
        ("/redfish/v1/Systems/1", "ironic-source", "unknown"),
        ("/redfish/v1/Systems/1", "somebody", "pass"),
    ],
    ids=["its own", "of no server", "of another server", "by the Ironic before", "askers are not known"],
)
def test_the_adoptions_requests_are_those_of_the_new_ironic_to_this_server(path, client, verdict):
    story = moved(before=spec(bmc={"address": "redfish://10.0.0.1/redfish/v1/Systems/1"}), record=False)
    story.tell(facts.BmcRequest(host="node-1", method="GET", path=path, status=200, client=client))

    assert judged(bmc_untouched, story).verdict == verdict


# --- detached by its user, and a watch that began late ---

AWAY = annotated(DETACHED)


def is_detached(body: dict[str, Any]) -> None:
    AWAY(body)
    body["status"]["operationalStatus"] = "detached"


@pytest.mark.parametrize("check", [hosts_adopted, fit_to_run, nothing_ordered, hosts_keep_state])
def test_a_host_that_its_user_had_detached_and_still_is_keeps_every_promise(check):
    assert judged(check, moved(before=is_detached)).verdict == "pass"
    assert "was detached by its user before the move, and still is" in judged(hosts_adopted, moved(before=is_detached)).says


def test_a_detached_host_that_is_managed_after_all_fails():
    story = moved(before=is_detached)
    story.tell(facts.IronicNode(ironic="target", uuid="1", name="metal3~node-1", node={"uuid": "1"}))

    assert "is managed by the Ironic of the target after all" in judged(hosts_adopted, story).says


def test_a_detachment_that_was_lost_on_the_way_fails():
    story = Story().sees("kube").sees("ironic", cluster="target")
    story.object("source", "BareMetalHost", "node-1", changed(is_detached))
    story.move()
    version(story, change="added")

    assert "its detachment was lost on the way" in judged(hosts_adopted, story).says


def begun_late() -> Story:
    """A watch that begins when the Cluster is paused already; the host is listed after the Cluster."""
    story = Story().sees("kube")
    story.object("source", "Cluster", "lab", {"spec": {"paused": True}})
    story.host(annotations={PAUSED: "metal3.io/capm3"})
    story.object("target", "Cluster", "lab", {"spec": {"paused": True}}, "added")
    return story


def test_a_move_that_had_begun_before_the_watch_leaves_what_was_before_unknown():
    judgement = judged(hosts_keep_state, begun_late())

    assert judgement.verdict == "unknown"
    assert "when the move had begun already: what was before was not seen" in judgement.says


def test_harm_that_was_seen_fails_also_where_the_watch_began_late():
    story = begun_late()
    version(story, provisioning(state="inspecting"), change="added")

    assert judged(hosts_keep_state, story).verdict == "fail"


@pytest.mark.parametrize(("missed", "verdict"), [(False, "fail"), (True, "unknown")])
def test_an_owner_that_came_while_nobody_looked_may_exist(missed, verdict):
    story = moved()
    if missed:
        story.tell(facts.SightLost(sight="kube", cluster="target", kind="Metal3Machine"))
    version(story, owned("7"))

    assert judged(consumer_unchanged, story).verdict == verdict


def test_what_a_host_was_provisioned_with_is_not_known_where_the_watch_began_in_mid_move():
    story = Story().sees("mover").begins_move().sees("kube")
    story.object("target", "BareMetalHost", "node-1", changed(without_status))
    story.move()
    version(story)

    assert judged(image_unchanged, story).verdict == "unknown"


ODD: list[Any] = [None, "x", 7, [], ["x"], [None], {"a": 1}, 10**40]


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize(
    "path", ["metadata", "metadata.labels", "metadata.annotations", "metadata.ownerReferences", "status", "status.operationHistory",
             "status.provisioning", "spec", "spec.bmc", "status.conditions"]
)  # fmt: skip
def test_odd_values_crash_no_judgement(path, value):
    def spoil(body: dict[str, Any]) -> None:
        *way, last = path.split(".")
        for name in way:
            body = body[name]
        body[last] = value

    story = moved()
    story.object(
        "target", "BareMetalHost", "node-1", changed(spoil) if path != "metadata" else changed() | {"status": value}, "modified"
    )
    told = judge_entries(story.ends().entries, checks=[facts.Expectation(check=word) for word in WordFiles().names("check")])

    assert [each["says"] for each in told["checks"] if "crashed" in each["says"]] == []


def test_an_address_that_is_none_crashes_nothing():
    story = moved(before=spec(bmc={"address": "[{}]"}))

    assert judged(one_host_a_server, story).verdict == "pass"
