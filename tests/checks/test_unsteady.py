"""hosts_keep_state of a host that was on its way when the move began: going on is not known, turning back fails."""

import pytest

from harness.checks import hosts_keep_state
from tests.checks.history import Story, of_host


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ("preparing", "available", "unknown"),
        ("registering", "provisioned", "unknown"),
        ("preparing", "preparing", "unknown"),
        ("unmanaged", "registering", "unknown"),
        ("preparing", "inspecting", "fail"),
        ("provisioning", "registering", "fail"),
        ("preparing", "deprovisioning", "fail"),
        ("unmanaged", "deprovisioning", "fail"),
        ("provisioned", "provisioning", "fail"),
    ],
)
def test_a_host_on_its_way_may_go_on(before, after, verdict):
    story = Story().sees("kube")
    story.host(provisioning={"state": before, "ID": "1"})
    story.move()
    story.host(cluster="target", change="added", provisioning={"state": after, "ID": "1"})
    judgement = of_host(hosts_keep_state.check(story.ends().world()))

    assert judgement.verdict == verdict
    assert ("was not in a steady state when the move began" in judgement.says) is (verdict == "unknown")
