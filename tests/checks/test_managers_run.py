"""managers_run and events_harmless: who manages the hosts at the end, and what the operators told of them."""

from typing import Any

import pytest

from harness.checks import events_harmless, managers_run
from harness.journal.facts import Body, SightEnded
from harness.judgement import Judgement
from tests.checks.history import Story, of_host

BMO, CAPM3 = "baremetal-operator-controller-manager", "capm3-controller-manager"


def deployment(replicas: int, available: int | None = None) -> Body:
    served = replicas if available is None else available
    return {"spec": {"replicas": replicas}, "status": {"availableReplicas": served} if served else {}}


def story(*, kube: bool = True, before: int = 0) -> Story:
    made = Story().sees("mover", *(["kube"] if kube else []))
    made.object("source", "Deployment", BMO, deployment(before))
    made.object("target", "Deployment", BMO, deployment(1))
    made.object("target", "Deployment", CAPM3, deployment(1))
    made.object("target", "Deployment", "of-a-user", deployment(1) | {"metadata": {"namespace": "elsewhere"}})
    made.object("target", "Provider", "infrastructure-metal3", {})
    made.host()
    made.move()
    return made


def ended(made: Story, *, seconds_after: float = 100.0) -> Judgement:
    made.time += seconds_after
    return of_host(managers_run.check(made.ends().world()))


DOWN = {"at zero": deployment(0), "unavailable": deployment(1, available=0)}


def test_managers_that_serve_are_well_and_so_are_those_that_were_restarted():
    assert ended(story()).verdict == "pass"
    made = story()
    made.object("target", "Deployment", BMO, deployment(1, available=0), "modified")
    made.object("target", "Deployment", BMO, deployment(1), "modified")

    assert ended(made).verdict == "pass"


@pytest.mark.parametrize("name", [BMO, CAPM3])
@pytest.mark.parametrize("body", DOWN.values(), ids=DOWN)
def test_a_manager_that_is_down_at_the_end_fails_every_host(name, body):
    made = story()
    made.object("target", "Deployment", name, body, "modified")
    said = ended(made)

    assert said.verdict == "fail"
    assert f"{name} of the target does not serve since" in said.says


def test_one_that_may_come_back_is_unsure_and_so_is_what_was_not_seen():
    made = story()
    made.object("target", "Deployment", BMO, deployment(1, available=0), "modified")

    assert ended(made, seconds_after=5).verdict == "unknown"
    made = story(kube=False)
    made.object("target", "Deployment", BMO, deployment(0), "modified")
    assert ended(made).verdict == "unknown"


@pytest.mark.parametrize(("before", "again", "verdict"), [(0, 1, "unknown"), (0, 0, "pass"), (1, 1, "pass")])
def test_an_operator_of_the_origin_that_is_started_again_while_copies_are_left(before, again, verdict):
    made = story(before=before)
    made.object("source", "Deployment", BMO, deployment(again), "modified")

    assert ended(made).verdict == verdict


def test_an_operator_of_the_origin_that_is_started_when_all_is_gone_harms_nobody():
    made = story()
    made.host(change="deleted")
    made.object("source", "Deployment", BMO, deployment(1), "modified")

    assert ended(made).verdict == "pass"


@pytest.mark.parametrize(("side", "kind"), [("target", "Provider"), ("source", "BareMetalHost")])
def test_which_managers_there_are_and_whether_a_copy_is_left_must_have_been_seen(side, kind):
    made = story().tell_lost("kube", cluster=side, kind=kind)
    assert ended(made).verdict == "unknown"

    made = story().tell_lost("kube", cluster=side, kind=kind)
    made.object("target", "Deployment", CAPM3, deployment(0), "modified")
    assert ended(made).verdict == "fail"


EVENTS = {
    "BMCAccessValidated": "pass",
    "Registered": "pass",
    "RegistrationError": "pass",
    "InspectionStarted": "fail",
    "ProvisioningStarted": "fail",
    "PowerOff": "fail",
    "ProvisioningError": "unknown",
    "PowerManagementError": "unknown",
    "SomethingNew": "unknown",
}


def event(reason: str, **more: Any) -> Body:
    return {"involvedObject": {"kind": "BareMetalHost", "namespace": "metal3", "name": "node-1"} | more, "reason": reason}


@pytest.mark.parametrize(("reason", "verdict"), EVENTS.items())
def test_what_an_operator_tells_of_a_host(reason, verdict):
    made = story()
    made.object("target", "Event", "e1", event(reason), "added")

    assert of_host(events_harmless.check(made.ends().world())).verdict == verdict


def test_what_it_told_before_or_of_another_one_does_not_matter():
    made = Story().sees("kube", "mover")
    made.object("source", "Event", "e0", event("ProvisioningStarted"), "added")
    made.host()
    made.move()
    made.object("target", "Event", "e1", event("PowerOff", name="spare"), "added")

    assert of_host(events_harmless.check(made.ends().world())).verdict == "pass"
    assert of_host(events_harmless.check(story(kube=False).ends().world())).verdict == "unknown"


@pytest.mark.parametrize(("seconds", "verdict"), [(59.0, "unknown"), (60.0, "fail")])
def test_a_manager_has_a_minute_to_come_back(seconds, verdict):
    made = story()
    down = made.object("target", "Deployment", BMO, deployment(0), "modified")
    made.sees("kube", cluster="target", kind="Deployment")
    made.tell(SightEnded(sight="kube", cluster="target", kind="Deployment", complete=True), at=down.at + seconds)

    assert ended(made).verdict == verdict


@pytest.mark.parametrize("about", ["involvedObject", "regarding"])
@pytest.mark.parametrize(("reason", "verdict"), [("Rebooted", "unknown"), ("Shutdown", "unknown"), ("NodeReady", "pass")])
def test_an_event_of_its_node_that_tells_of_a_boot_is_a_doubt_whatever_the_node_shows(about, reason, verdict):
    made = story()
    made.object("workload", "Node", "n-1", {"spec": {"providerID": "metal3://metal3/node-1/m-node-1"}})
    told = made.object("workload", "Event", "e", {about: {"kind": "Node", "name": "n-1"}, "reason": reason}, "added")
    made.object("workload", "Event", "of-another", {about: {"kind": "Node", "name": "n-2"}, "reason": "Rebooted"}, "added")
    judgement = of_host(events_harmless.check(made.ends().world()))

    assert judgement.verdict == verdict
    if verdict == "unknown":
        assert judgement.says.startswith(f"an Event of its Node tells {reason} ({told.at:.1f} s)")
        assert judgement.evidence == (told.seq,)


def test_of_what_an_operator_tells_the_first_harm_is_named_and_all_of_it_shown():
    made = story()
    bodies = [event("SomethingNew"), event("PowerOff") | {"message": "it said so"}, event("InspectionStarted")]
    told = [made.object("target", "Event", f"e{number}", body, "added") for number, body in enumerate(bodies)]
    judgement = of_host(events_harmless.check(made.ends().world()))

    assert judgement.says == f"the Baremetal Operator of the target tells PowerOff: it said so ({told[1].at:.1f} s)"
    assert judgement.evidence == (told[1].seq, told[2].seq)


TOLD_ANEW: dict[str, tuple[Body, Any, str]] = {
    "again": (event("PowerOff") | {"count": 2}, "modified", "fail"),
    "the same once more": (event("PowerOff"), "modified", "pass"),
    "it expired": (event("PowerOff") | {"count": 2}, "deleted", "pass"),
    "listed": (event("PowerOff") | {"count": 2}, "listed", "pass"),
}


@pytest.mark.parametrize(("body", "change", "verdict"), TOLD_ANEW.values(), ids=TOLD_ANEW)
def test_an_event_from_before_the_move_counts_where_it_is_told_anew(body, change, verdict):
    made = Story().sees("kube", "mover")
    made.object("source", "Event", "e0", event("PowerOff"), "added")
    made.host()
    made.move()
    made.object("source", "Event", "e0", body, change)

    assert of_host(events_harmless.check(made.ends().world())).verdict == verdict


def test_without_a_move_an_event_harms_no_promise():
    made = Story().sees("kube", "mover")
    made.host()
    made.object("source", "Event", "e", event("PowerOff"), "added")

    assert of_host(events_harmless.check(made.ends().world())).says == "no move took place"
