"""consumer_unchanged: a Metal3Machine has one host, and owners are there."""

import pytest

from harness.checks import consumer_unchanged
from harness.journal import facts
from tests.checks.history import Story, host_body, of_host


@pytest.mark.parametrize(("claimed_by", "expected"), [("m-node-1", "fail"), ("m-spare", "pass")])
def test_a_second_host_of_its_consumer_fails(claimed_by, expected):
    story = Story().sees("kube")
    story.host()
    story.host("spare", claimed=False)
    story.move()
    for name in ("node-1", "spare"):
        story.host(name, cluster="target", change="added", claimed=name == "node-1")
    body = host_body("spare", claimed=False)
    body["spec"]["consumerRef"] = {"kind": "Metal3Machine", "name": claimed_by}
    story.object("target", "BareMetalHost", "spare", body, "modified")
    judgement = of_host(consumer_unchanged.check(story.ends().world()))

    assert judgement.verdict == expected
    if expected == "fail":
        assert "its consumer m-node-1 has got BareMetalHost spare too" in judgement.says


def owned(*, there: str = "u1", kind: str = "Metal3Machine", gone: bool = False) -> Story:
    """A host whose owner in the target, a Metal3Machine of uid u1, is there under some uid and kind, and may have gone again."""
    story = Story().sees("kube")
    story.host()
    story.move()
    owner = {"metadata": {"name": "m", "uid": there}}
    story.object("target", kind, "m", owner, "added")
    if gone:
        story.object("target", kind, "m", owner, "deleted")
    body = host_body("node-1")
    body["metadata"]["ownerReferences"] = [{"kind": "Metal3Machine", "name": "m", "uid": "u1"}]
    story.object("target", "BareMetalHost", "node-1", body, "added")
    return story


def test_an_owner_that_lived_there_is_none_that_does_not_exist():
    assert of_host(consumer_unchanged.check(owned().ends().world())).verdict == "pass"
    assert of_host(consumer_unchanged.check(owned(gone=True).ends().world())).verdict == "pass"


@pytest.mark.parametrize("story", [owned(there="u2"), owned(kind="Machine")])
def test_an_owner_of_another_uid_or_kind_does_not_exist(story):
    judgement = of_host(consumer_unchanged.check(story.ends().world()))

    assert judgement.verdict == "fail"
    assert judgement.says.startswith(
        "is owned by Metal3Machine m, which does not exist: it would be collected as garbage (in the"
    )


@pytest.mark.parametrize(("lost", "verdict"), [("Metal3Machine", "unknown"), ("Machine", "fail")])
def test_an_owner_that_nobody_would_have_seen_is_not_known(lost, verdict):
    story = Story().sees("kube")
    story.host()
    story.tell(facts.SightLost(sight="kube", cluster="target", kind=lost, says="cut"))
    story.move()
    body = host_body("node-1")
    body["metadata"]["ownerReferences"] = [{"kind": "Metal3Machine", "name": "m", "uid": "u1"}]
    story.object("target", "BareMetalHost", "node-1", body, "added")

    assert of_host(consumer_unchanged.check(story.ends().world())).verdict == verdict
