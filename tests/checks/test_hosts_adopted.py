"""hosts_adopted: each way in which a host is not, or not yet, managed by its new owner."""

from typing import Any

import pytest

from harness.checks import fit_to_run, hosts_adopted
from harness.journal import facts
from harness.judgement import Judgement
from harness.metal3 import DETACHED
from tests.checks.history import PAUSED, Story, host_body, of_host


def moving(
    *, code: int = 0, stays: dict[str, Any] | None = None, seconds_after: float = 100.0, arrives: bool = False
) -> Judgement:
    """A host whose move ended with this code; its copy in the origin stays, with some members replaced, or goes."""
    story = Story().sees("kube", "mover").sees("ironic", cluster="source").sees("ironic", cluster="target")
    story.tell(facts.IronicAnswers(ironic="target", up=True))
    story.host()
    story.move(code=code)
    if arrives:
        story.host(cluster="target", change="added")
        story.host(cluster="target", change="deleted")
    if stays is None:
        story.host(change="deleted")
    elif stays:
        body = host_body("node-1")
        story.object("source", "BareMetalHost", "node-1", body | {"metadata": body["metadata"] | stays}, "modified")
    story.time += seconds_after
    return of_host(hosts_adopted.check(story.ends().world()))


LEFT = "was left behind: it is not in the target, and nobody manages it there"
EARLY = f"{LEFT}; it was watched for less than 60 s after the move, too early to judge"
WITH_ITS_OWNER = "no move came to its end; it is still with its owner, the source"
MISSING: dict[str, tuple[dict[str, Any], str, str]] = {
    "it went": ({}, "fail", LEFT),
    "it went just now": ({"seconds_after": 5.0}, "unknown", EARLY),
    "it stayed, though the move was well": ({"stays": {}}, "fail", LEFT),
    "it arrived, and went": ({"arrives": True}, "fail", LEFT),
    "the move failed": ({"code": 1, "stays": {}}, "unknown", WITH_ITS_OWNER),
    "the move failed, and it went": ({"code": 1}, "fail", LEFT),
    "the move failed, and it is paused": ({"code": 1, "stays": {"annotations": {PAUSED: ""}}}, "fail", LEFT),
    "the move failed, and it is going": ({"code": 1, "stays": {"deletionTimestamp": "now"}}, "fail", LEFT),
}


@pytest.mark.parametrize(("how", "verdict", "says"), MISSING.values(), ids=MISSING)
def test_a_host_that_is_not_there_was_left_behind_unless_its_owner_has_it(how, verdict, says):
    judgement = moving(**how)

    assert (judgement.verdict, judgement.says) == (verdict, says)


def test_a_host_that_is_missing_is_shown_by_the_begin_and_the_end_of_its_move():
    assert moving().evidence == (7, 8)


@pytest.mark.parametrize("lost", [False, True])
def test_who_is_not_in_the_new_cluster_cannot_be_fit_there(lost):
    story = Story().sees("kube", "mover")
    story.host()
    story.move()
    seq = story.tell(facts.SightLost(sight="kube", cluster="target")).seq if lost else 0
    judgement = of_host(fit_to_run.check(story.ends().world()))

    assert (judgement.verdict, judgement.says) == ("unknown", "is not in the target")
    assert judgement.evidence == ((seq,) if lost else ())


def test_whether_an_ironic_manages_a_detached_host_must_have_been_seen():
    def detached(**more: Any) -> Any:
        return {"annotations": {DETACHED: ""}, "operationalStatus": "detached"} | more

    story = Story().sees("kube", "mover").sees("ironic", cluster="source")
    story.host(**detached())
    story.move()
    story.host(cluster="target", change="added", **detached())
    judgement = of_host(hosts_adopted.check(story.ends().world()))

    assert (judgement.verdict, "the Ironic of target" in judgement.says) == ("unknown", True), judgement.says
