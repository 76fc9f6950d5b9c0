"""image_unchanged: work that a Baremetal Operator tells of in one version only is work on a server that runs."""

from typing import Any

import pytest

from harness.checks import image_unchanged
from tests.checks.history import Story, of_host

FAILED = {"operationalStatus": "error", "errorType": "provisioning error", "errorMessage": "no image"}


def verdict(*versions: dict[str, Any], before: dict[str, Any] | None = None) -> str:
    story = Story().sees("kube")
    story.host(**(before or {}))
    story.move()
    story.host(cluster="target", change="added")
    for more in versions:
        story.host(cluster="target", change="modified", **more)
    story.host(cluster="target", change="modified")
    return of_host(image_unchanged.check(story.ends().world())).verdict


@pytest.mark.parametrize("work", [FAILED, {"operationalStatus": "servicing"}, {"errorType": "inspection error"}])
def test_work_that_is_told_of_for_a_moment_fails(work):
    assert verdict(work) == "fail"


@pytest.mark.parametrize(
    "heals", [{"errorType": "registration error"}, {"errorType": "power management error"}, {"operationalStatus": "OK"}]
)
def test_what_heals_by_itself_does_not(heals):
    assert verdict(heals) == "pass"


def test_what_was_told_before_the_move_is_no_news():
    assert verdict(FAILED, before=FAILED) == "pass"


FOUND = {"ramMebibytes": 4096, "nics": [{"mac": "a", "ip": "1"}]}


@pytest.mark.parametrize(
    ("hardware", "expected"),
    [
        (FOUND, "pass"),
        ({**FOUND, "newer": 1}, "pass"),
        ({"ramMebibytes": 4096, "nics": [{"mac": "a", "ip": "1", "newer": 1}]}, "pass"),
        ({**FOUND, "ramMebibytes": 1024}, "fail"),
        ({**FOUND, "nics": []}, "fail"),
        ({**FOUND, "nics": [{"mac": "b"}]}, "fail"),
    ],
)
def test_hardware_that_is_told_otherwise_was_inspected_anew(hardware, expected):
    assert verdict({"hardware": hardware}, before={"hardware": FOUND}) == expected
