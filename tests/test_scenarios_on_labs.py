"""Each story on each lab, whatever wire its BMCs are reached by: the same exit code, the same verdict for the same hosts."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
RUN_SECONDS = 400
HOSTS = ("node-0", "node-1", "node-2")
PASS, FAIL, UNKNOWN = (dict.fromkeys(HOSTS, verdict) for verdict in ("pass", "fail", "unknown"))
ONE_FAILS = PASS | {"node-1": "fail"}

LABS = {
    "redfish": "embedded: {hosts: 3, spares: 1}",
    "ipmi": "embedded: {hosts: 3, spares: 1, bmc: {protocol: ipmi}}",
    "redfish through the recorder": "embedded: {hosts: 3, spares: 1, bmc: {recorder: true}}",
    "ipmi through the recorder": "embedded: {hosts: 3, spares: 1, bmc: {protocol: ipmi, recorder: true}}",
    "sushy-emulator": "embedded: {hosts: 3, spares: 1, speed: 10, bmc: {kind: sushy-emulator}}",
}
WITHOUT_RECORDER = ("redfish", "ipmi")


class Story(NamedTuple):
    """How a scenario ends: exit code, verdict of each host, and for one check of node-1 what it says."""

    code: int
    hosts: dict[str, str]
    check: str = ""
    says: str = ""


STORIES = {
    "pivot": Story(0, PASS),
    "pivot_and_back": Story(0, PASS),
    "pivot_watch_cut": Story(0, PASS),
    "pivot_bmc_busy": Story(0, PASS),
    "move_killed": Story(0, PASS),
    "pivot_status_lost": Story(1, ONE_FAILS, "bmc_untouched", "Reset ForceOff by the Ironic of the target"),
    "pivot_third_party_reset": Story(1, ONE_FAILS, "bmc_untouched", "Reset ForceRestart by a third party"),
    "pivot_source_ironic_left": Story(1, FAIL, "one_owner", "the Ironics of both clusters held it"),
    "pivot_target_cut_off": Story(
        1, UNKNOWN | {"node-1": "fail"}, "preflight_network", "the target does not reach the BMC of node-1 ("
    ),
    "pivot_bmc_silent": Story(3, UNKNOWN, "bmc_untouched", "the BMC did not answer for"),
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(RUN_SECONDS)]


def told(scenario: str, text: str, place: Path) -> tuple[int, dict[str, Any]]:
    """Exit code and verdict of this scenario on the lab of this text."""
    lab, out = place / "lab.yaml", place / "run"
    lab.write_text(text + "\n")
    command = [sys.executable, "-m", "harness", "run", scenario, "--lab", str(lab), "--out", str(out)]
    environment = os.environ | {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    assert (out / "verdict.json").exists(), done.stdout + done.stderr
    return done.returncode, json.loads((out / "verdict.json").read_text())


def hosts_of(verdict: dict[str, Any]) -> dict[str, str]:
    return {name: host["verdict"] for name, host in verdict["hosts"].items()}


def cases() -> list[Any]:
    able = [
        (scenario, lab) for scenario in STORIES for lab in LABS if scenario != "pivot_bmc_busy" or lab not in WITHOUT_RECORDER
    ]
    real = {"sushy-emulator": [pytest.mark.real]}
    return [pytest.param(scenario, lab, marks=real.get(lab, []), id=f"{scenario} on {lab}") for scenario, lab in able]


@pytest.mark.parametrize(("scenario", "lab"), cases())
def test_a_story_ends_alike_on_every_lab(tmp_path, scenario, lab):
    story = STORIES[scenario]
    code, verdict = told(scenario, LABS[lab], tmp_path)
    said = [item["says"] for item in verdict["checks"] if (item["check"], item["host"]) == (story.check, "node-1")]

    unproven = [item for item in verdict["checks"] if item["verdict"] != "pass"]
    assert (code, hosts_of(verdict)) == (story.code, story.hosts), unproven
    assert not story.says or story.says in said[0]


@pytest.mark.parametrize("lab", WITHOUT_RECORDER)
def test_what_only_a_recorder_can_do_is_refused_without_one(tmp_path, lab):
    code, verdict = told("pivot_bmc_busy", LABS[lab], tmp_path)

    assert code == 2
    assert any("`hosts.node-1.recorder` is missing" in item["says"] for item in verdict["checks"])


def test_plain_ipmi_proves_no_good_pivot_and_does_tell_of_a_reset(tmp_path):
    """Nothing in IPMI latches every reset; but a new record of a boot, and the Node's new bootID, are proof of one."""
    text = "embedded: {hosts: 3, spares: 0, bmc: {protocol: ipmi, personality: plain}}"
    places = [tmp_path / "good", tmp_path / "reset"]
    for place in places:
        place.mkdir()
    good, reset = (
        told(scenario, text, place) for scenario, place in zip(("pivot", "pivot_third_party_reset"), places, strict=True)
    )

    assert (good[0], hosts_of(good[1])) == (3, UNKNOWN)
    assert {item["check"] for item in good[1]["checks"] if item["verdict"] != "pass"} == {"bmc_untouched"}
    assert (reset[0], hosts_of(reset[1])) == (1, UNKNOWN | {"node-1": "fail"})
