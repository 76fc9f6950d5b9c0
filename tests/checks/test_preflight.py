"""The pre-flight checks: each is seen failing on the fault it is for, and passing on a lab that is fit."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.checks import preflight_hosts, preflight_ironic, preflight_network, preflight_objects
from harness.journal import facts
from harness.journal.journal import FILE_NAME, read
from harness.judgement import merge
from harness.metal3 import DELETE_FOR_MOVE, DETACHED, STATUS
from harness.run.importer import import_recordings
from harness.world.world import World
from tests.approved import assert_approved
from tests.checks.history import PAUSED, Story, host_body, of_host
from tests.recorded import RECORDINGS

DISCOVERY = "clusterctl.cluster.x-k8s.io"
MOVE, HIERARCHY = f"{DISCOVERY}/move", f"{DISCOVERY}/move-hierarchy"
HOSTS, HARDWARE = "baremetalhosts.metal3.io", "hardwaredata.metal3.io"
LABELS = {
    HOSTS: (DISCOVERY, MOVE, HIERARCHY),
    HARDWARE: (DISCOVERY, MOVE),
    "clusters.cluster.x-k8s.io": (DISCOVERY,),
    "machines.cluster.x-k8s.io": (DISCOVERY,),
}
KINDS = dict(zip(LABELS, ("BareMetalHost", "HardwareData", "Cluster", "Machine"), strict=True)) | {
    "kamajicontrolplanes.controlplane.cluster.x-k8s.io": "KamajiControlPlane",
    "widgets.example.com": "Widget",
}


def definition(story: Story, name: str, labels: tuple[str, ...], cluster="source", change="modified") -> None:
    spec = {"group": name.partition(".")[2], "names": {"kind": KINDS[name]}}
    body = {"metadata": {"name": name, "labels": dict.fromkeys(labels, "")}, "spec": spec}
    story.object(cluster, "CustomResourceDefinition", name, body, change)


def fit(*, all_kinds: bool = True) -> Story:
    story = Story().sees("kube") if all_kinds else Story()
    for cluster in ("source", "target"):
        for name, labels in LABELS.items():
            definition(story, name, labels, cluster, "listed")
        story.object(cluster, "Provider", "p", {"providerName": "metal3", "type": "InfrastructureProvider", "version": "v1.14.0"})
    story.object("source", "Cluster", "lab", {"apiVersion": "cluster.x-k8s.io/v1beta2", "spec": {}})
    owned = {"ownerReferences": [{"kind": "Cluster", "name": "lab"}]}
    machine = {"apiVersion": "cluster.x-k8s.io/v1beta2", "metadata": owned, "status": {"nodeRef": {"name": "node-1"}}}
    story.object("source", "Machine", "m", machine)
    story.object("source", "HardwareData", "node-1", {"apiVersion": "metal3.io/v1alpha1"})
    story.host()
    for side in ("source", "target"):
        story.sees("probe", cluster=side)
        probe(story, side, "bmc", host="node-1", address="redfish://node-1")
        probe(story, side, "image", address="http://images/os")
        probe(story, side, "ironic", address="http://ironic", ironic="source")
    story.tell(facts.IronicAnswers(ironic="source", up=True))
    story.tell(facts.IronicAnswers(ironic="target", up=False))
    return story


def probe(story: Story, vantage, what, *, ok: bool = True, layer="content", **more) -> None:
    story.tell(facts.ProbeSeen(vantage=vantage, what=what, ok=ok, layer=layer, **more))


def verdict(check, story: Story) -> str:
    return merge(judgement.verdict for judgement in check.check(story.world(final=False)))


@pytest.mark.parametrize("check", [preflight_hosts, preflight_ironic, preflight_network, preflight_objects])
def test_a_fit_lab_passes(check):
    assert verdict(check, fit()) == "pass"


def test_a_bmc_that_only_the_target_cannot_reach_is_named_with_cluster_host_and_layer():
    story = fit()
    probe(story, "target", "bmc", ok=False, layer="tcp", host="node-1", address="redfish://node-1", says="refused")
    judgement = of_host(preflight_network.check(story.world(final=False)))

    assert (judgement.verdict, judgement.says) == ("fail", "the target does not reach the BMC of node-1 (tcp: refused)")


def without(story: Story, cluster: str, kind: str) -> Story:
    """The same, where one kind of one cluster is lost."""
    story.tell(facts.SightLost(sight="kube", cluster=cluster, kind=kind))
    return story


@pytest.mark.parametrize(
    ("check", "cluster", "kind"),
    [
        (preflight_hosts, "source", "BareMetalHost"),
        (preflight_hosts, "target", "BareMetalHost"),
        (preflight_objects, "source", "Provider"),
        (preflight_objects, "target", "Provider"),
        (preflight_objects, "target", "Cluster"),
        (preflight_objects, "source", "Cluster"),
        (preflight_objects, "source", "CustomResourceDefinition"),
        (preflight_objects, "source", "HardwareData"),
        (preflight_objects, "source", "Machine"),
    ],
)
def test_what_is_not_looked_at_is_neither_there_nor_missing(check, cluster, kind):
    assert verdict(check, without(fit(), cluster, kind)) == "unknown"


def test_without_a_vantage_the_network_is_unknown():
    story = Story()
    story.host()

    assert verdict(preflight_network, story) == "unknown"


def test_images_out_of_reach_of_the_target_fail():
    story = fit()
    probe(story, "target", "image", ok=False, layer="http", address="http://images/os", says="404")

    assert verdict(preflight_network, story) == "fail"


IMAGES = "its spec wants another image (http://images/os) than it runs (http://images/other): the move would deprovision it"
UNFIT = [
    ({"annotations": {PAUSED: "someone"}}, f"it carries {PAUSED}; remove that first"),
    (
        {"annotations": {"reboot.metal3.io/mine": "", "inspect.metal3.io": "", "of.a.user": ""}},
        "it carries reboot.metal3.io/mine, inspect.metal3.io; remove that first",
    ),
    ({"annotations": {STATUS: "{}", DELETE_FOR_MOVE: ""}}, f"it carries {STATUS}, {DELETE_FOR_MOVE}; remove that first"),
    ({"operationalStatus": "delayed"}, "its operational status is delayed, not OK"),
    ({"operationalStatus": ""}, "its operational status is empty, not OK"),
    ({"annotations": {DETACHED: ""}, "operationalStatus": "error"}, "its operational status is error, not OK or detached"),
    ({"errorType": "registration error", "errorMessage": "why"}, "it has the error registration error: why"),
    ({"errorType": "registration error"}, "it has the error registration error"),
    ({"poweredOn": False}, "its power is not as its spec wants it"),
    ({"provisioning": {"state": "provisioning"}}, "is `provisioning`, not provisioned; wait until it is"),
    ({"provisioning": {}}, "is `without status`, not provisioned; wait until it is"),
    ({"provisioning": {"state": "provisioned", "image": {"url": "http://images/other"}}}, IMAGES),
    (
        {"poweredOn": False, "operationalStatus": "delayed"},
        "its operational status is delayed, not OK; its power is not as its spec wants it",
    ),
]


@pytest.mark.parametrize(("change", "says"), UNFIT)
def test_a_host_that_does_not_stand_still_fails(change, says):
    story = fit()
    told = story.object("source", "BareMetalHost", "node-1", host_body("node-1", **change), "modified")
    judgement = of_host(preflight_hosts.check(story.world(final=False)))

    assert (judgement.verdict, judgement.says, judgement.evidence) == ("fail", says, (told.seq,))


def test_a_host_that_goes_or_that_no_machine_claims_fails():
    story, body = fit(), host_body("node-1")
    body["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    body["spec"]["consumerRef"]["kind"] = "Server"
    story.object("source", "BareMetalHost", "node-1", body, "modified")
    judgement = of_host(preflight_hosts.check(story.world(final=False)))

    assert judgement.verdict == "fail"
    assert judgement.says.startswith("it runs something and no Metal3Machine claims it")
    assert judgement.says.endswith("; it is being deleted")


def test_what_does_not_hinder_a_move_passes():
    story = fit()
    change = {"annotations": {"inspect.metal3.io": "disabled", "of.a.user": ""}}
    story.object("source", "BareMetalHost", "node-1", host_body("node-1", **change), "modified")

    assert of_host(preflight_hosts.check(story.world(final=False))).verdict == "pass"
    assert verdict(preflight_hosts, Story().sees("kube")) == "unknown"


def test_two_hosts_with_one_bmc_are_named_and_no_other_is_touched():
    story = fit()
    for name, address in (("node-2", "redfish://node-1/"), ("node-3", "redfish://node-3")):
        body = host_body(name)
        body["spec"]["bmc"]["address"] = address
        story.object("source", "BareMetalHost", name, body)
    found = {each.host: each for each in preflight_hosts.check(story.world(final=False))}

    assert [found[name].verdict for name in ("node-1", "node-2", "node-3")] == ["fail", "fail", "pass"]
    assert "node-1 and node-2 have one BMC" in found["node-2"].says


@pytest.mark.parametrize(
    ("copy", "verdict"),
    [
        ({}, "fail"),
        ({"annotations": {PAUSED: "metal3.io/capm3"}}, "pass"),
    ],
)
def test_an_unpaused_copy_in_the_target_fails_before_anything_is_started(copy, verdict):
    story = fit()
    body = host_body("node-1", **copy)
    del body["status"]
    story.object("target", "BareMetalHost", "node-1", body)
    judgement = of_host(preflight_hosts.check(story.world(final=False)))

    assert judgement.verdict == verdict
    assert verdict == "pass" or "stands un-paused in the target already (a BareMetalHost without status)" in judgement.says


@pytest.mark.parametrize("shared", ["bmc", "bootMACAddress"])
def test_another_host_of_its_server_in_the_target_fails(shared):
    story = fit()
    mine, other = host_body("node-1"), host_body("resident", claimed=False)
    mine["spec"]["bootMACAddress"] = "52:54:00:00:00:01"
    other["spec"] = {shared: mine["spec"][shared]}
    other["status"] = {}
    story.object("source", "BareMetalHost", "node-1", mine, "modified")
    story.object("target", "BareMetalHost", "resident", other)
    judgement = of_host(preflight_hosts.check(story.world(final=False)))

    assert judgement.verdict == "fail"
    assert "BareMetalHost resident in the target has one" in judgement.says


def test_a_host_that_its_user_detached_is_fit():
    story = fit()
    change = {"annotations": {"baremetalhost.metal3.io/detached": ""}, "operationalStatus": "detached"}
    story.object("source", "BareMetalHost", "node-1", host_body("node-1", **change), "modified")
    judgement = of_host(preflight_hosts.check(story.world(final=False)))

    assert judgement.verdict == "pass"
    assert "was detached by its user: no Ironic manages it, as wanted" in judgement.says


def test_a_block_move_that_nobody_will_take_away_fails():
    story = fit()
    story.host("node-9", claimed=False, annotations={"clusterctl.cluster.x-k8s.io/block-move": ""})

    assert of_host(preflight_hosts.check(story.world(final=False)), None).verdict == "fail"


def relabel(story: Story) -> None:
    definition(story, HOSTS, ())


def older_provider(story: Story) -> None:
    old = {"providerName": "metal3", "type": "InfrastructureProvider", "version": "v1.13.9"}
    story.object("target", "Provider", "p", old, "modified")


def pause(story: Story) -> None:
    story.object("source", "Cluster", "lab", {"apiVersion": "cluster.x-k8s.io/v1beta2", "spec": {"paused": True}}, "modified")


def there_already(story: Story) -> None:
    story.object("target", "Cluster", "lab", {"spec": {}})


def no_node(story: Story) -> None:
    story.object("source", "Machine", "m", {"apiVersion": "cluster.x-k8s.io/v1beta2", "status": {}}, "modified")


@pytest.mark.parametrize("fault", [relabel, older_provider, pause, there_already, no_node])
def test_clusters_that_are_not_ready_fail(fault):
    story = fit()
    fault(story)

    assert verdict(preflight_objects, story) == "fail"


@pytest.mark.parametrize(
    ("name", "labels", "lacking"),
    [
        (HOSTS, (), (DISCOVERY, HIERARCHY)),
        (HOSTS, (DISCOVERY, MOVE), (HIERARCHY,)),
        (HARDWARE, (DISCOVERY,), (MOVE,)),
        ("machines.cluster.x-k8s.io", (), (DISCOVERY,)),
    ],
)
def test_a_missing_label_is_told_with_definition_label_and_cure(name, labels, lacking):
    story = fit()
    definition(story, name, labels)
    judgement = preflight_objects.definitions(story.world(final=False), "source")

    assert judgement.verdict == "fail"
    assert f"definition {name} of the source lacks the label {', '.join(lacking)} (" in judgement.says
    assert f"kubectl label crd {name} {' '.join(f'{label}=' for label in lacking)})" in judgement.says
    assert judgement.says.count("lacks") == 1


@pytest.mark.parametrize(
    ("name", "labels"), [(HOSTS, (DISCOVERY, HIERARCHY)), (HARDWARE, (DISCOVERY, HIERARCHY)), (HARDWARE, (DISCOVERY, MOVE))]
)
def test_labels_that_do_as_well_are_enough(name, labels):
    story = fit()
    definition(story, name, labels)

    assert verdict(preflight_objects, story) == "pass"


def test_what_has_an_owner_needs_to_be_found_only():
    """CAPM3 up to 1.13 makes a Metal3Machine own its host."""
    story = fit()
    definition(story, HOSTS, (DISCOVERY,))
    body = host_body("node-1")
    body["metadata"]["ownerReferences"] = [{"kind": "Metal3Machine", "name": "m-node-1"}]
    story.object("source", "BareMetalHost", "node-1", body, "modified")

    assert verdict(preflight_objects, story) == "pass"


def test_a_definition_of_which_there_is_no_object_needs_no_label():
    story = fit()
    story.object("source", "HardwareData", "node-1", {"apiVersion": "metal3.io/v1alpha1"}, "deleted")
    definition(story, HARDWARE, ())

    assert verdict(preflight_objects, story) == "pass"


def test_definitions_that_nobody_saw_are_unknown():
    story = fit()
    story.object("source", "CustomResourceDefinition", HOSTS, {}, "deleted")

    judgement = preflight_objects.definitions(story.world(final=False), "source")
    assert (judgement.verdict, judgement.says) == (
        "unknown",
        "the definition of BareMetalHost.metal3.io was not seen in the source",
    )


@pytest.mark.parametrize(
    ("labels", "says"), [((), "kamajicontrolplanes.controlplane.cluster.x-k8s.io of the source"), ((DISCOVERY,), "")]
)
def test_a_kind_that_no_list_names_needs_its_label_where_its_objects_belong_to_the_cluster(labels, says):
    story = fit()
    owner = {"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "name": "lab"}
    body = {"apiVersion": "controlplane.cluster.x-k8s.io/v1alpha1", "metadata": {"name": "cp", "ownerReferences": [owner]}}
    story.object("source", "KamajiControlPlane", "cp", body)
    definition(story, "kamajicontrolplanes.controlplane.cluster.x-k8s.io", labels)

    judgement = preflight_objects.definitions(story.world(final=False), "source")
    assert judgement.verdict == ("fail" if says else "pass")
    assert says in judgement.says


def test_a_kind_that_moves_and_cannot_be_watched_is_unknown_by_its_name():
    story = fit(all_kinds=False)
    for kind in ("Cluster", "BareMetalHost", "HardwareData", "Secret", "Machine"):
        for side in ("source", "target"):
            story.sees("kube", cluster=side, kind=kind)
    definition(story, "widgets.example.com", (DISCOVERY,))

    judgement = preflight_objects.definitions(story.world(final=False), "source")
    assert judgement.verdict == "unknown"
    assert "Widget.example.com is carried, and nobody watched" in judgement.says

    story.tell(facts.SightLost(sight="kube", cluster="source", kind="Widget.example.com", says="403 Forbidden"))
    assert "(403 Forbidden)" in preflight_objects.definitions(story.world(final=False), "source").says


@pytest.mark.parametrize(
    ("recording", "origin", "ends"), [("b-good-pivot", "source", "pass"), ("f-crd-labels-missing", "target", "fail")]
)
def test_the_definitions_of_real_clusters_are_judged_as_the_recorded_moves_ended(tmp_path, recording, origin, ends):
    import_recordings([RECORDINGS / recording], tmp_path)
    entries = list(read(tmp_path / FILE_NAME))
    begun = next(entry.at for entry in entries if isinstance(entry.fact, facts.MoverStarted))
    world = World([entry for entry in entries if entry.at < begun], final=False)

    assert preflight_objects.definitions(world, origin).verdict == ends


def test_two_ironics_that_hold_the_host_fail():
    story = fit()
    for side in ("source", "target"):
        story.tell(facts.IronicNode(ironic=side, uuid=side, name="metal3~node-1", node={"provision_state": "active"}))

    assert verdict(preflight_ironic, story) == "fail"


def test_an_ironic_that_shows_its_nodes_to_everybody_fails():
    story = fit()
    probe(story, "source", "ironic", ok=False, layer="auth", address="http://ironic", ironic="source", says="without credentials")

    assert verdict(preflight_ironic, story) == "fail"


def test_an_ironic_that_nobody_looked_at_is_unknown():
    story = Story()
    story.host()

    assert verdict(preflight_ironic, story) == "unknown"


@pytest.mark.parametrize("consumer", [None, {"kind": "HostClaim", "name": "of-somebody"}])
def test_a_host_that_runs_an_image_and_that_no_machine_claims_is_refused(consumer):
    story = fit()
    body = host_body("node-9")
    body["spec"] |= {"consumerRef": consumer, "bmc": {"address": "redfish://node-9", "credentialsName": "node-9-bmc"}}
    story.object("source", "BareMetalHost", "node-9", body)
    judgement = of_host(preflight_hosts.check(story.world(final=False)), "node-9")

    assert judgement.verdict == "fail"
    assert "no Metal3Machine claims it" in judgement.says
    assert of_host(preflight_hosts.check(story.world(final=False))).verdict == "pass"


@pytest.mark.parametrize(
    ("here", "there", "says"),
    [
        ("v1.14.0", "v1.13.9", "metal3 is older in the target (v1.13.9) than in the source (v1.14.0)"),
        ("v1.10.0", "v1.9.0", "metal3 is older in the target (v1.9.0) than in the source (v1.10.0)"),
        ("v1.9.0", "v1.10.0", ""),
        ("v1.14.0", "v1.14.0-rc.1", ""),
        ("v1.14.0+own", "1.14.0", ""),
        ("v1.14.0", "v2.0", ""),
        ("v1.14.0", None, "metal3 is not in the target"),
    ],
)
def test_versions_of_providers_are_compared_by_their_numbers(here, there, says):
    story = fit()
    for side, version in (("source", here), ("target", there)):
        body = {"providerName": "metal3", "type": "InfrastructureProvider", "version": version}
        story.object(side, "Provider", "p", body, "modified" if version else "deleted")
    found = [it for it in preflight_objects.check(story.world(final=False)) if it.verdict == "fail"]

    assert [it.says for it in found] == ([f"provider InfrastructureProvider {says}"] if says else [])


def test_a_host_that_is_elsewhere_than_the_move_begins_fails_by_its_name():
    judgement = of_host(preflight_hosts.check(fit().world(final=False), origin="target"))

    assert (judgement.verdict, judgement.says) == ("fail", "is in the source, so nothing can be moved from the target")


def unreached(story: Story, side: str, what: str, **more: str) -> None:
    probe(story, side, what, ok=False, layer="tcp", says="refused", **more)


FAULTS: dict[str, Callable[[Story], object]] = {
    "none": lambda _: None,
    "a label is missing": relabel,
    "an older provider": older_provider,
    "a paused Cluster": pause,
    "a Cluster that is there already": there_already,
    "a Machine without a Node": no_node,
    "a BMC that neither side reaches": lambda it: [
        unreached(it, side, "bmc", host="node-1", address="redfish://node-1") for side in facts.SIDES
    ],
    "a spare's BMC that is not reached": lambda it: [
        it.host("spare", claimed=False, provisioning={"state": "available"}),
        it.host("other", claimed=False, provisioning={"state": "available"}),
        unreached(it, "target", "bmc", host="spare", address="redfish://spare"),
        probe(it, "target", "bmc", host="other", address="redfish://other"),
    ],
    "images that are not reached": lambda it: unreached(it, "target", "image", address="http://images/os"),
    "an Ironic that shows its nodes to everybody": lambda it: unreached(
        it, "source", "ironic", ironic="source", address="http://ironic"
    ),
    "both Ironics answer": lambda it: it.tell(facts.IronicAnswers(ironic="target", up=True)),
    "no Ironic answers": lambda it: it.tell(facts.IronicAnswers(ironic="source", up=False)),
    "both Ironics hold it": lambda it: [
        it.tell(facts.IronicAnswers(ironic="target", up=True)),
        *(
            it.tell(facts.IronicNode(ironic=side, uuid=side, name="metal3~node-1", node={"provision_state": "active"}))
            for side in facts.SIDES
        ),
    ],
    "an Ironic that is not seen any more": lambda it: it.tell(facts.SightLost(sight="ironic", cluster="source")),
    "a host that blocks every move": lambda it: it.host(
        "spare",
        claimed=False,
        provisioning={"state": "available"},
        annotations={"clusterctl.cluster.x-k8s.io/block-move": ""},
    ),
    "two hosts of one BMC": lambda it: it.object(
        "source", "BareMetalHost", "node-2", host_body("node-2") | {"spec": host_body("node-1")["spec"]}
    ),
    "a copy in the target": lambda it: it.host(cluster="target"),
}


def test_what_the_preflight_says_of_each_lab_is_as_before():
    checks = (preflight_hosts, preflight_ironic, preflight_network, preflight_objects)
    labs = {name: fit() for name in FAULTS}
    for name, fault in FAULTS.items():
        fault(labs[name])
    labs |= {"nobody looked": Story(), "nobody looked but at a host": Story().sees("kube")}
    labs["nobody looked but at a host"].host()
    lines = [
        f"{name} | {word.__name__.rpartition('.')[2]} | {it.verdict} {it.host or 'run'} {[*it.evidence]}: {it.says}"
        for name, story in labs.items()
        for word in checks
        for origin in ("", "target")
        for it in word.check(story.world(final=False), origin=origin)
    ]

    assert_approved(Path(__file__).parent / "told" / "preflight.txt", "\n".join(dict.fromkeys(lines)) + "\n")
