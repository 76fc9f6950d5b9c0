"""Each story on each lab, whatever wire its BMCs are reached by: the same exit code, the same verdict for the same hosts."""

from pathlib import Path
from typing import Any

import pytest

from tests.run_on_lab import Run, run
from tests.stories import STORIES, UNKNOWN

RUN_SECONDS = 400
LABS = {
    "redfish": "embedded: {hosts: 3, spares: 1}",
    "ipmi": "embedded: {hosts: 3, spares: 1, bmc: {protocol: ipmi}}",
    "redfish through the recorder": "embedded: {hosts: 3, spares: 1, bmc: {recorder: true}}",
    "ipmi through the recorder": "embedded: {hosts: 3, spares: 1, bmc: {protocol: ipmi, recorder: true}}",
    "sushy-emulator": "embedded: {hosts: 3, spares: 1, speed: 10, bmc: {kind: sushy-emulator}}",
}
WITHOUT_RECORDER = ("redfish", "ipmi")


pytestmark = [pytest.mark.slow, pytest.mark.timeout(RUN_SECONDS)]


def told(scenario: str, text: str, place: Path) -> Run:
    """The run of this scenario on the lab of this text."""
    lab = place / "lab.yaml"
    lab.write_text(text + "\n")
    return run(scenario, lab, place / "run", RUN_SECONDS)


def cases() -> list[Any]:
    able = [
        (scenario, lab) for scenario in STORIES for lab in LABS if scenario != "pivot_bmc_busy" or lab not in WITHOUT_RECORDER
    ]
    real = {"sushy-emulator": [pytest.mark.real]}
    return [pytest.param(scenario, lab, marks=real.get(lab, []), id=f"{scenario} on {lab}") for scenario, lab in able]


@pytest.mark.parametrize(("scenario", "lab"), cases())
def test_a_story_ends_alike_on_every_lab(tmp_path, scenario, lab):
    story = STORIES[scenario]
    done = told(scenario, LABS[lab], tmp_path)

    unproven = [item for item in done.verdict["checks"] if item["verdict"] != "pass"]
    assert (done.code, done.hosts) == (story.code, story.hosts), unproven
    assert not story.says or story.says in done.said(story.check, "node-1")


@pytest.mark.parametrize("lab", [pytest.param(lab, marks=pytest.mark.real if lab == "sushy-emulator" else ()) for lab in LABS])
@pytest.mark.parametrize("scenario", ["provision_and_pivot", "empty_to_empty"])
def test_a_cluster_is_provisioned_from_zero_and_moved_on_every_lab(tmp_path, scenario, lab):
    done = told(scenario, LABS[lab].replace("spares: 1", "spares: 1, provisioned: false"), tmp_path)

    assert (done.code, done.hosts) == (0, STORIES["pivot"].hosts), [
        item for item in done.verdict["checks"] if item["verdict"] != "pass"
    ]


@pytest.mark.parametrize("lab", WITHOUT_RECORDER)
def test_what_only_a_recorder_can_do_is_refused_without_one(tmp_path, lab):
    done = told("pivot_bmc_busy", LABS[lab], tmp_path)

    assert done.code == 2
    assert any("`hosts.node-1.recorder` is missing" in item["says"] for item in done.verdict["checks"])


def test_plain_ipmi_proves_no_good_pivot_and_does_tell_of_a_reset(tmp_path):
    """Nothing in IPMI latches every reset; but a new record of a boot, and the Node's new bootID, are proof of one."""
    text = "embedded: {hosts: 3, spares: 0, bmc: {protocol: ipmi, personality: plain}}"
    places = [tmp_path / "good", tmp_path / "reset"]
    for place in places:
        place.mkdir()
    good, reset = (
        told(scenario, text, place) for scenario, place in zip(("pivot", "pivot_third_party_reset"), places, strict=True)
    )

    assert (good.code, good.hosts) == (3, UNKNOWN)
    assert {item["check"] for item in good.verdict["checks"] if item["verdict"] != "pass"} == {"bmc_untouched"}
    assert (reset.code, reset.hosts) == (1, UNKNOWN | {"node-1": "fail"})
