"""lives_on: an object that arrived is not deleted, marked, or made anew; who did it is told."""

import pytest

from harness.checks import lives_on
from harness.journal import facts
from tests.checks.history import Story, of_host


def lived(**last: object) -> Story:
    """A move of a Cluster and a host, and what became of the Cluster."""
    story = Story().sees("kube", "mover", "audit")
    story.object("source", "Cluster", "lab", {})
    story.host()
    story.tell(facts.MoverStarted(mover=1, origin="source", destination="target"))
    story.object("target", "Cluster", "lab", {}, "added")
    story.host(cluster="target", change="added")
    story.object("source", "Cluster", "lab", {}, "deleted")
    story.host(change="deleted")
    story.tell(facts.MoverEnded(mover=1, code=0))
    story.object("target", "Cluster", "lab", {"metadata": dict(last)}, "modified")
    return story


def test_what_lives_on_passes():
    assert of_host(lives_on.check(lived().ends().world()), None).verdict == "pass"


@pytest.mark.parametrize(
    ("last", "says"),
    [({"deletionTimestamp": "2026-01-01T00:00:00Z"}, "is marked for deletion"), ({"uid": "another"}, "was made anew")],
)
def test_the_end_of_a_life_fails_and_names_who_ended_it(last, says):
    story = lived(**last)
    story.tell(
        facts.ApiWrite(cluster="target", user="anna", verb="patch", resource="clusters", name="lab", code=200), at=story.time
    )
    judgement = of_host(lives_on.check(story.ends().world()), None)
    assert judgement.verdict == "fail"
    assert says in judgement.says
    assert "by anna" in judgement.says


def test_under_a_gap_nothing_is_said():
    story = lived()
    story.tell(facts.SightLost(sight="kube"))
    story.tell(facts.SightRegained(sight="kube", complete=False))
    assert of_host(lives_on.check(story.ends().world()), None).verdict == "unknown"


DEFINITION = {"spec": {"group": "cluster.x-k8s.io", "names": {"kind": "Cluster"}}}
GOING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("kind", "name", "body", "expected"),
    [
        ("CustomResourceDefinition", "clusters.cluster.x-k8s.io", DEFINITION, "fail"),
        ("CustomResourceDefinition", "others.example.com", {"spec": {"names": {"kind": "Other"}}}, "pass"),
        ("Namespace", "metal3", {}, "fail"),
        ("Namespace", "elsewhere", {}, "pass"),
    ],
)
def test_what_all_rests_on_must_not_be_deleted_either(kind, name, body, expected):
    story = lived()
    story.object("target", kind, name, body)
    story.object("target", kind, name, {**body, "metadata": GOING}, "modified")
    assert of_host(lives_on.check(story.ends().world()), None).verdict == expected


def test_what_was_not_seen_to_leave_may_have_died_unseen():
    story = Story().sees("kube", cluster="source", kind="BareMetalHost").sees("kube", cluster="target").sees("mover")
    story.host()
    story.tell(facts.MoverStarted(mover=1, origin="source", destination="target"))
    story.object("target", "HardwareData", "node-1", {}, "added")
    story.host(cluster="target", change="added")
    story.tell(facts.MoverEnded(mover=1, code=0))
    story.object("target", "HardwareData", "node-1", {}, "deleted")

    assert of_host(lives_on.check(story.ends().world())).verdict == "unknown"
