"""clusters_reconcile and machines_run: every version of what controllers reconcile in the new cluster, and its end."""

from typing import Any

import pytest

from harness.checks import clusters_reconcile, machines_run
from harness.journal.facts import Body
from harness.judgement import Judgement, merge
from tests.checks.history import Story, of_host

READY = [{"type": "Ready", "status": "True"}, {"type": "Paused", "status": "False"}]
OBJECTS: dict[str, Body] = {
    "Cluster": {"status": {"phase": "Provisioned", "initialization": {"infrastructureProvisioned": True}, "conditions": READY}},
    "IPPool": {"status": {"indexes": {"c-1": "192.0.2.10"}, "lastUpdated": "a"}},
    "IPClaim": {"status": {"address": {"name": "a-10"}}},
    "Metal3DataTemplate": {"status": {"indexes": [{"index": 0, "name": "m"}]}},
    "MachineDeployment": {"status": {"phase": "Running", "replicas": 2, "conditions": READY}},
    "Machine": {
        "spec": {"infrastructureRef": {"name": "m-node-1"}},
        "status": {"phase": "Running", "nodeRef": {"name": "node-1"}, "conditions": READY},
    },
    "Metal3Machine": {"status": {"initialization": {"provisioned": True}, "userData": {"name": "once"}, "conditions": READY}},
}
OWN = {"Metal3Machine": "m-node-1"}


def put(story: Story, side: str, kind: str, body: Body, change: str) -> None:
    story.object(side, kind, OWN.get(kind, "it"), body, change)


def judged(kind: str, *versions: Body, seconds_after: float = 100.0, blind: bool = False, release: str = "v1") -> list[Judgement]:
    """A good move, and then these versions of one object, each the whole of it with some members replaced.

    `release`: that of the controllers in the target; the source has v1.
    """
    story = Story().sees("mover", *([] if blind else ["kube"]))
    for side, version in (("source", "v1"), ("target", release)):
        story.object(side, "Provider", "infrastructure-metal3", {"version": version})
    for each, body in OBJECTS.items():
        put(story, "source", each, body, "listed")
    story.host()
    story.move()
    for each, body in OBJECTS.items():
        lost = {name: value for name, value in body["status"].items() if name != "userData"}
        put(story, "target", each, {name: value for name, value in body.items() if name != "status"}, "added")
        put(story, "target", each, body | {"status": lost}, "modified")
    for version in versions:
        put(story, "target", kind, OBJECTS[kind] | version, "modified")
    story.time += seconds_after
    check = machines_run if kind in ("Machine", "Metal3Machine") else clusters_reconcile
    said = list(check.check(story.ends().world()))
    assert len(said) == 1
    return said


def status(kind: str, **members: Any) -> Body:
    return {"status": OBJECTS[kind]["status"] | members}


def marked(*annotations: str) -> Body:
    return {"metadata": {"annotations": dict.fromkeys(annotations, "")}}


def condition(kind: str, word: str) -> list[Body]:
    return [it for it in READY if it["type"] != kind] + [{"type": kind, "status": word}]


PAUSED, DELETE, REMEDIATE = (f"cluster.x-k8s.io/{it}" for it in ("paused", "delete-machine", "remediate-machine"))
KEPT: dict[str, tuple[str, list[Body]]] = {
    "nothing happens": ("Cluster", []),
    "the same again": ("Machine", [{}]),
    "pending for a while": ("Machine", [status("Machine", phase="Pending"), {}]),
    "paused for a while": ("Cluster", [marked(PAUSED), {}]),
    "a condition flaps": ("Cluster", [status("Cluster", conditions=condition("Ready", "False")), {}]),
    "scaled by its user": ("MachineDeployment", [status("MachineDeployment", phase="ScalingUp", replicas=3)]),
    "one more address": ("IPPool", [status("IPPool", indexes={"c-1": "192.0.2.10", "c-2": "192.0.2.11"}, lastUpdated="b")]),
    "an index more": ("Metal3DataTemplate", [status("Metal3DataTemplate", indexes=[{"index": 1}, {"index": 0, "name": "m"}])]),
    "in another version of its API": (
        "Cluster",
        [
            {
                "apiVersion": "cluster.x-k8s.io/v1beta2",
                "status": {"phase": "Provisioned", "ready": True, "conditions": [{"type": "Available", "status": "True"}]},
            }
        ],
    ),
    "cloned": ("Metal3Machine", [marked("cluster.x-k8s.io/cloned-from-name")]),
}
BROKEN: dict[str, tuple[str, list[Body], str]] = {
    "failed for a moment": ("Cluster", [status("Cluster", phase="Failed"), {}], "Cluster it is Failed in the target"),
    "deleting for a moment": ("Machine", [status("Machine", phase="Deleting"), {}], "Machine it is Deleting"),
    "another Node": ("Machine", [status("Machine", nodeRef={"name": "other"}), {}], "another status.nodeRef.name"),
    "ordered away": ("Machine", [marked(REMEDIATE), {}], "bears cluster.x-k8s.io/remediate-machine"),
    "marked to go": ("Machine", [marked(DELETE)], "by whom was not seen"),
    "another address": ("IPPool", [status("IPPool", indexes={"c-1": "192.0.2.99"}), {}], "another status.indexes.c-1"),
    "addresses lost": ("IPPool", [status("IPPool", indexes={})], "no status.indexes.c-1"),
    "unbound": ("IPClaim", [{"status": {}}], "no status.address.name"),
    "indexes lost": ("Metal3DataTemplate", [status("Metal3DataTemplate", indexes=[])], "no status.indexes"),
    "paused": ("MachineDeployment", [marked(PAUSED)], "is paused in the target by its annotation"),
    "paused by its spec": ("Cluster", [{"spec": {"paused": True}}], "is paused in the target by its spec"),
    "no infrastructure": (
        "Cluster",
        [status("Cluster", initialization={"infrastructureProvisioned": False})],
        "no status.initialization.infrastructureProvisioned",
    ),
    "not ready": ("Machine", [status("Machine", conditions=condition("Ready", "False"))], "its condition Ready is False"),
    "still paused": ("Metal3Machine", [status("Metal3Machine", conditions=condition("Paused", "True"))], "Paused is True"),
    "in error": ("IPClaim", [status("IPClaim", errorMessage="none is free")], "errorMessage none is free"),
    "not provisioned": (
        "Metal3Machine",
        [status("Metal3Machine", initialization={"provisioned": False})],
        "no status.initialization.provisioned",
    ),
}


@pytest.mark.parametrize(("kind", "versions"), KEPT.values(), ids=KEPT)
def test_kept(kind, versions):
    said = judged(kind, *versions)

    assert merge(it.verdict for it in said) == "pass", said


@pytest.mark.parametrize(("kind", "versions", "says"), BROKEN.values(), ids=BROKEN)
def test_broken(kind, versions, says):
    (said,) = judged(kind, *versions)

    assert (said.verdict, says in said.says) == ("fail", True), said.says


@pytest.mark.parametrize("release", ["v1", "v2"])
def test_a_condition_that_has_another_name_is_no_worse(release):
    renamed = status("Machine", conditions=[{"type": "NewlyNamed", "status": "True"}])

    assert judged("Machine", renamed, release=release)[0].verdict == "pass"


@pytest.mark.parametrize(("release", "verdict"), [("v1", "fail"), ("v2", "pass")])
def test_a_condition_that_newer_controllers_do_not_tell_any_more_is_no_worse(release, verdict, monkeypatch):
    fewer = status("Metal3Machine", conditions=[{"type": "Known", "status": "True"}])
    more = status("Metal3Machine", conditions=[*READY, {"type": "Known", "status": "True"}])
    monkeypatch.setitem(OBJECTS, "Metal3Machine", OBJECTS["Metal3Machine"] | more)

    assert judged("Metal3Machine", fewer, release=release)[0].verdict == verdict


def test_newer_controllers_that_tell_no_condition_that_holds_are_told():
    (said,) = judged("Machine", status("Machine", conditions=[]), release="v2")

    assert (said.verdict, "its condition Ready is absent" in said.says) == ("fail", True), said.says


def test_what_may_be_well_again_soon_is_unsure():
    flapping = status("Cluster", conditions=condition("Ready", "Unknown"))

    assert judged("Cluster", flapping, seconds_after=5)[0].verdict == "unknown"


def test_blind_what_was_seen_is_told_and_what_is_missing_is_not():
    assert judged("Cluster", status("Cluster", phase="Failed"), blind=True)[0].verdict == "fail"
    assert judged("IPPool", status("IPPool", indexes={}), blind=True)[0].verdict == "unknown"
    assert judged("Machine", status("Machine", phase="Failed"), blind=True)[0].verdict == "fail"


def test_without_a_move_nothing_is_promised():
    story = Story().sees("kube", "mover")
    story.host()

    assert merge(it.verdict for it in clusters_reconcile.check(story.ends().world())) == "unknown"
    assert of_host(machines_run.check(story.world())).verdict == "unknown"


@pytest.mark.parametrize(("seconds_after", "verdict"), [(5.0, "unknown"), (40.0, "fail")])
def test_a_machine_that_stops_running_for_a_moment_at_the_end_proves_nothing(seconds_after, verdict):
    steady = status("Machine", phase="Running")
    (said,) = judged("Machine", *[steady] * 50, status("Machine", phase="Pending"), seconds_after=seconds_after)
    assert said.verdict == verdict
    assert "its Machine is Pending in the target" in said.says


def test_where_nothing_that_controllers_reconcile_was_seen_nothing_is_proven():
    story = Story().sees("kube", "mover")
    story.host()
    move = story.move().entries[-2:]
    judgement = of_host(clusters_reconcile.check(story.ends().world()), None)

    assert judgement.verdict == "unknown"
    assert judgement.says == "nothing that controllers reconcile was seen before the move"
    assert judgement.evidence == tuple(it.seq for it in move)
