"""consumer_unchanged: a Metal3Machine has one host."""

import pytest

from harness.checks import consumer_unchanged
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
