"""Of each check three stories, hand-written beside one whole pivot: kept, broken, and not known. The other files here tell more of each."""

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from harness import checks
from harness.journal import facts
from harness.judgement import Judgement, merge
from harness.metal3 import PAUSED, STATUS
from harness.verdict.judge import judge_entries
from harness.world.world import World
from tests.approved import assert_approved, news, told_of
from tests.checks.history import readable
from tests.checks.whole_pivot import FIRMWARE, NODE, OPERATOR, OPERATOR_NAME, REST, SYSTEM, WholePivot, host, host_status

TOLD = Path(__file__).parent / "told" / "three_stories.txt"
Alteration = Callable[[], WholePivot]
BLIND = facts.SightLost(sight="kube", says="the line was cut")
RESET = facts.BmcRequest(
    host="node-1", method="POST", path=f"{SYSTEM}/Actions/ComputerSystem.Reset", status=204, body='{"ResetType": "ForceRestart"}'
)
UNHEARD = facts.BmcRequest(host="node-1", method="POST", path="/redfish/v1/Unheard", status=204, body="{}")


class Stories(NamedTuple):
    """How the pivot goes on when the promise is broken, and when nobody can tell; and what is said of each."""

    broken: Alteration
    says: str
    unsure: Alteration
    why: str
    verdict: str = "fail"
    """What is said of the broken one: an order proves nothing of what was done."""


def then(*told: facts.AnyFact, **how: Any) -> Alteration:
    """The pivot, and these facts after it."""

    def altered() -> WholePivot:
        pivot = WholePivot(**how)
        pivot.tell(*told)
        return pivot

    return altered


def shown(**status: Any) -> Alteration:
    """The pivot, after which the host's status shows this."""

    def altered() -> WholePivot:
        pivot = WholePivot()
        pivot.shows(**status)
        return pivot

    return altered


def put(side: str, kind: str, name: str, body: dict[str, Any], change: str = "modified") -> Alteration:
    """The pivot, after which this object is seen."""

    def altered() -> WholePivot:
        pivot = WholePivot()
        pivot.put(side, kind, name, body, change)
        return pivot

    return altered


def node(side: str = "target", uuid: str = "uuid-target", **more: Any) -> Alteration:
    """The pivot, after which an Ironic tells this of the host."""

    def altered() -> WholePivot:
        pivot = WholePivot()
        pivot.node(side, uuid, **more)
        return pivot

    return altered


def rest(kind: str, **members: Any) -> dict[str, Any]:
    """The object of a kind, with some members replaced."""
    return REST[kind][1] | members


def spec(**members: Any) -> dict[str, Any]:
    """The host in the target, with some members of its spec replaced."""
    body = host("target")
    return body | {"spec": body["spec"] | members}


def provisioned(**members: Any) -> dict[str, Any]:
    """What the host is provisioned with, with some members replaced."""
    return {"provisioning": host_status("target")["provisioning"] | members}


def event(reason: str) -> dict[str, Any]:
    """An Event of the host."""
    about = {"kind": "BareMetalHost", "namespace": "metal3", "name": "node-1"}
    return {"apiVersion": "v1", "involvedObject": about, "reason": reason, "message": "it said so"}


def info(**members: str) -> dict[str, Any]:
    """The Node, with some of its nodeInfo replaced."""
    return NODE | {"status": NODE["status"] | {"nodeInfo": NODE["status"]["nodeInfo"] | members}}


UP = facts.IronicAnswers(ironic="source", up=True)
GOING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
ANOTHER = {"status": {"components": [{"component": "bmc", "currentVersion": "2.00"}]}}
OTHER_HOST = {"metadata": {"name": "node-2"}, "spec": {"bmc": {"address": f"redfish://192.0.2.10{SYSTEM}"}}}
CUT = "the line was cut"
STORIES = {
    "annotations_consumed": Stories(
        put("target", "BareMetalHost", "node-1", host("target", annotations={PAUSED: ""})), "still carries", then(BLIND), CUT
    ),
    "bmc_untouched": Stories(then(RESET), "Reset ForceRestart by", then(UNHEARD), "a write that nobody can read"),
    "clusters_reconcile": Stories(
        put("target", "Cluster", "lab", rest("Cluster", status={"phase": "Failed"})), "Cluster lab is Failed", then(BLIND), CUT
    ),
    "consumer_unchanged": Stories(
        put("target", "BareMetalHost", "node-1", spec(consumerRef=None)), "its consumer went from", then(BLIND), CUT
    ),
    "events_harmless": Stories(
        put("target", "Event", "e", event("InspectionStarted"), "added"),
        "tells InspectionStarted",
        put("target", "Event", "e", event("Unheard"), "added"),
        "tells Unheard",
    ),
    "firmware_unchanged": Stories(
        put("target", "HostFirmwareComponents", "node-1", FIRMWARE | ANOTHER),
        "the firmware of its bmc was changed",
        then(BLIND),
        CUT,
    ),
    "fit_to_run": Stories(
        shown(errorType="power management error"),
        "it has the error power management error",
        shown(operationalStatus="delayed"),
        "its operational status is delayed",
    ),
    "history_unchanged": Stories(
        shown(operationHistory={"inspect": {"start": "5", "end": "6"}}), "inspect 1..2 → 5..6", then(BLIND), CUT
    ),
    "hosts_adopted": Stories(
        then(leave_out="adoption"), "is still paused", then(facts.SightLost(sight="ironic", cluster="target")), "was lost"
    ),
    "hosts_keep_power": Stories(shown(poweredOn=False), "its server was switched off", then(BLIND), CUT),
    "hosts_keep_state": Stories(shown(**provisioned(state="inspecting")), "left `provisioned` in the target", then(BLIND), CUT),
    "image_unchanged": Stories(
        shown(**provisioned(image={"url": "http://other"})), "image went from http://images/os to http://other", then(BLIND), CUT
    ),
    "ironic_keeps_nodes": Stories(
        node(provision_state="cleaning"), "its node was `cleaning`", node(power_state=None), "does not know the power of its node"
    ),
    "lives_on": Stories(
        put("target", "Machine", "machine-1", rest("Machine", metadata=GOING)),
        "is marked for deletion",
        then(facts.ApiWrite(cluster="target", user="anna", verb="delete", resource="machines", name="machine-1", code=200)),
        "and was not seen to go",
    ),
    "machines_run": Stories(
        put("target", "Machine", "machine-1", rest("Machine", status={"phase": "Failed"})), "is Failed", then(BLIND), CUT
    ),
    "managers_run": Stories(
        put("target", "Deployment", OPERATOR_NAME, OPERATOR | {"spec": {"replicas": 0}}), "does not serve", then(BLIND), CUT
    ),
    "move_completes": Stories(
        then(facts.MoverStarted(mover=2, origin="target", destination="source"), facts.MoverEnded(mover=2, code=1)),
        "from target to source ended with exit code 1",
        then(facts.MoverStarted(mover=2, origin="target", destination="source")),
        "from target to source has not ended",
    ),
    "moved_in_order": Stories(then(leave_out="pause"), "was not paused in the source", then(BLIND), CUT),
    "network_serves": Stories(
        then(leave_out="way to the image"), "does not reach the images", then(leave_out="probes"), "nobody tried"
    ),
    "nodes_untouched": Stories(
        put("workload", "Node", "node-1", info(bootID="b2")),
        "the server booted",
        put("workload", "Node", "node-1", info(bootID="")),
        "tell",
    ),
    "nothing_ordered": Stories(
        put("target", "BareMetalHost", "node-1", host("target", annotations={"reboot.metal3.io": ""})),
        "was ordered reboot.metal3.io",
        then(BLIND),
        CUT,
        "unknown",
    ),
    "objects_arrive": Stories(
        then(Secret=rest("Secret", dataDigest={"password": "2"})), "Secret node-1-bmc differs in its data", then(BLIND), CUT
    ),
    "one_host_a_server": Stories(
        put("target", "BareMetalHost", "node-2", OTHER_HOST, "added"), "two command one server", then(BLIND), CUT
    ),
    "one_owner": Stories(
        then(
            UP, facts.IronicNode(ironic="source", uuid="u", name="metal3~node-1", node={"uuid": "u", "provision_state": "active"})
        ),
        "the Ironics of both clusters held it",
        then(facts.SightLost(sight="ironic", cluster="source")),
        "was lost",
    ),
    "run_completes": Stories(
        then(facts.StepEnded(step="3", word="reset", how="failed", says="no")),
        "step 3 (reset): no",
        then(facts.StepBegan(step="3", word="reset")),
        "has no end",
    ),
    "status_carried": Stories(then(leave_out=STATUS), "without its status annotation", then(BLIND), CUT),
}
ELSEWHERE = {
    "preflight_hosts": "test_preflight.py: before a move there is no pivot yet",
    "preflight_ironic": "test_preflight.py",
    "preflight_network": "test_preflight.py",
    "preflight_objects": "test_preflight.py",
    "rolled_out": "test_rolled_out.py: nobody rolls out in a pivot",
}


def judged(word: str, world: World) -> list[Judgement]:
    return readable(importlib.import_module(f"harness.checks.{word}").check(world))


def test_every_check_has_its_three_stories():
    assert {module.name for module in pkgutil.iter_modules(checks.__path__)} == STORIES.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("word", STORIES)
def test_kept(word):
    said = judged(word, WholePivot().whole())

    assert merge(it.verdict for it in said) == "pass", said


@pytest.mark.parametrize("word", STORIES)
def test_broken(word):
    stories = STORIES[word]
    said = judged(word, stories.broken().whole())

    assert merge(it.verdict for it in said) == stories.verdict, said
    assert [it.says for it in said if it.verdict == stories.verdict and stories.says in it.says], said


@pytest.mark.parametrize("word", STORIES)
def test_unsure(word):
    stories = STORIES[word]
    said = judged(word, stories.unsure().whole())

    assert merge(it.verdict for it in said) == "unknown", said
    assert [it.says for it in said if it.verdict == "unknown" and stories.why in it.says], said


def told(pivot: WholePivot) -> list[str]:
    """The verdict of all these checks over a pivot, line by line."""
    pivot.whole()
    return [*told_of(judge_entries(pivot.story.entries, checks=[facts.Expectation(check=word) for word in STORIES]))]


def test_what_all_checks_say_of_each_story_is_as_before():
    kept = told(WholePivot())
    told_each = {"kept": kept}
    for word, stories in STORIES.items():
        told_each |= {f"{word} broken": news(told(stories.broken()), kept), f"{word} unsure": news(told(stories.unsure()), kept)}

    assert_approved(TOLD, "".join(f"# {name}\n{it}\n\n" for name, lines in told_each.items() for it in ["\n".join(lines)]))
