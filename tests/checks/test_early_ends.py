"""What is not there yet fails only if it was looked for long enough, by each sight that would have shown it."""

import pytest

from harness.checks import hosts_adopted, machines_run
from harness.journal import facts
from harness.metal3 import PAUSED
from tests.checks.history import of_host
from tests.checks.whole_pivot import AFTER, REST, WholePivot

MACHINE = ("target", "Machine", "machine-1")


def ended_early(pivot: WholePivot, side: str, what: str, seconds: float = 10.0) -> WholePivot:
    """The pivot, in which one sight ends so soon after the move."""
    story, kube = pivot.story, what[0].isupper()
    where = {"sight": "kube" if kube else what, "cluster": side, "kind": what if kube else ""}
    at = story.time - AFTER
    if kube:
        story.tell(facts.SightBegan(**where), at=at)
    story.tell(facts.SightEnded(complete=True, **where), at=at + seconds)
    story.time = at + AFTER
    return pivot


def machine(**status: object) -> dict[str, object]:
    return REST["Machine"][1] | {"status": REST["Machine"][1]["status"] | status}


@pytest.mark.parametrize(
    ("side", "what", "verdict"),
    [
        ("target", "BareMetalHost", "unknown"),
        ("target", "Secret", "unknown"),
        ("target", "ironic", "unknown"),
        ("target", "Machine", "fail"),
        ("source", "BareMetalHost", "fail"),
        ("source", "Secret", "fail"),
    ],
)
def test_an_adoption_is_missed_by_who_would_have_seen_it(side, what, verdict):
    pivot = ended_early(WholePivot(leave_out="adoption"), side, what)
    pivot.marked(**{PAUSED: "metal3.io/capm3"})
    judgement = of_host(hosts_adopted.check(pivot.whole()))

    assert judgement.verdict == verdict
    assert ("it was watched for less than 60 s after the move, too early to judge" in judgement.says) is (verdict == "unknown")


@pytest.mark.parametrize(
    ("body", "verdict", "says"),
    [
        (machine(), "pass", "its Machine runs in the target"),
        (machine(phase="Provisioning"), "fail", "its Machine is Provisioning in the target"),
        (machine(phase=""), "fail", "its Machine is without a phase in the target"),
    ],
)
def test_a_machine_runs_with_its_node_at_the_end(body, verdict, says):
    pivot = WholePivot()
    last = pivot.put(*MACHINE, body)
    judgement = of_host(machines_run.check(pivot.whole()))

    assert (judgement.verdict, judgement.says, judgement.evidence) == (verdict, says, (last.seq,))


@pytest.mark.parametrize(
    ("side", "what", "verdict"),
    [("target", "Machine", "unknown"), ("target", "Metal3Machine", "unknown"), ("target", "Secret", "fail")],
)
def test_a_machine_may_run_yet_where_it_was_not_looked_at_for_long(side, what, verdict):
    pivot = WholePivot()
    pivot.story.time -= AFTER
    pivot.put(*MACHINE, machine(phase="Provisioning"))
    pivot.story.time += AFTER
    judgement = of_host(machines_run.check(ended_early(pivot, side, what).whole()))

    assert judgement.verdict == verdict
    assert ("the run ended too early to judge that" in judgement.says) is (verdict == "unknown")
