"""Which sights a promise of one's own needs, by the variables and the facts that its conditions read: without one of them it is unknown."""

import pytest

from harness.journal.facts import SIDES, OwnPromise
from harness.judgement import merge
from harness.verdict.promises.judge import judge_promise
from tests.checks.history import readable
from tests.checks.test_sights_needed import SIGHTS, WHEN, BlindPivot

KUBE = [(side, kind) for side, kind in SIGHTS if kind[0].isupper()]
FACTS = {
    "ObjectSeen": KUBE,
    "ApiWrite": [(side, "audit") for side in SIDES],
    "BmcRead": [("", "bmc")],
    "BmcRequest": [("", "bmc_requests")],
    "IronicNode": [(side, "ironic") for side in SIDES],
    "IronicAnswers": [(side, "ironic") for side in SIDES],
    "ProbeSeen": [(side, "probe") for side in SIDES],
    "MoverStarted": [("", "mover")],
    "StepEnded": [],
}
"""Facts of the run, and the sights that show them."""
OF_HOSTS = {
    "host.metadata.name == ''": [(side, "BareMetalHost") for side in SIDES],
    "node.metadata.name == ''": [("workload", "Node")],
    "ironic.uuid == ''": [(side, "ironic") for side in SIDES],
    "fact.fact == 'BmcRequest' && fact.at < 0.0": [("", "bmc_requests")],
    "fact.fact == 'BmcRead' && fact.at < 0.0": [("", "bmc")],
    "fact.fact == 'IronicNode' && fact.at < 0.0": [(side, "ironic") for side in SIDES],
}
OF_A_KIND = {"Machine": [(side, "Machine") for side in SIDES], "Node": [("workload", "Node")]}
PROMISES = [
    *(
        (OwnPromise(form="never", conditions=[f"fact.fact == '{it}' && fact.at < 0.0"], over="run"), them)
        for it, them in FACTS.items()
    ),
    *((OwnPromise(form="never", conditions=[it]), them) for it, them in OF_HOSTS.items()),
    *(
        (OwnPromise(form="never", conditions=["object.metadata.name == ''"], over="kind", kind=it), them)
        for it, them in OF_A_KIND.items()
    ),
]


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize(("side", "what"), SIGHTS)
def test_a_promise_whose_sight_is_lost_is_unknown_and_all_others_are_kept(side, what, when):
    pivot = BlindPivot(side, what, when)
    world = pivot.whole()
    for promise, needed in PROMISES:
        verdict = merge(it.verdict for it in readable(judge_promise(world, pivot.story.entries, promise)))
        assert verdict == ("unknown" if (side, what) in needed else "pass"), promise
