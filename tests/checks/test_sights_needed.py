"""Which sights each check needs: without one of them it says unknown, without any other it still passes what is well."""

import pytest

from harness.journal import facts
from harness.judgement import merge
from tests.checks.test_three_stories import STORIES, judged
from tests.checks.whole_pivot import WholePivot

CARRIED = ("Cluster", "Machine", "Metal3Machine")
BOTH = {
    "clusters_reconcile": (*CARRIED, "MachineHealthCheck"),
    "consumer_unchanged": ("BareMetalHost",),
    "events_harmless": ("Event",),
    "firmware_unchanged": ("HostFirmwareComponents", "HostFirmwareSettings"),
    "history_unchanged": ("BareMetalHost",),
    "hosts_keep_power": ("BareMetalHost",),
    "hosts_keep_state": ("BareMetalHost",),
    "image_unchanged": ("BareMetalHost",),
    "ironic_keeps_nodes": ("BareMetalHost", "ironic"),
    "lives_on": (*CARRIED, "Secret", "BareMetalHost", "HardwareData", "MachineHealthCheck", "ConfigMap"),
    "machines_run": ("Machine", "Metal3Machine"),
    "managers_run": ("Deployment",),
    "move_completes": ("Cluster",),
    "moved_in_order": (*CARRIED, "Secret", "BareMetalHost"),
    "network_serves": ("ironic",),
    "nothing_ordered": ("BareMetalHost",),
    "objects_arrive": (
        *(*CARRIED, "Secret", "BareMetalHost", "HardwareData", "MachineHealthCheck", "ConfigMap"),
        *("HostFirmwareComponents", "HostFirmwareSettings"),
    ),
    "one_host_a_server": ("BareMetalHost",),
    "one_owner": ("BareMetalHost", "ironic"),
    "status_carried": ("BareMetalHost",),
}
"""In both clusters."""
OWNER = {
    "annotations_consumed": ("BareMetalHost",),
    "fit_to_run": ("BareMetalHost", "ironic"),
    "hosts_adopted": ("BareMetalHost", "Secret", "ironic"),
    "lives_on": ("CustomResourceDefinition", "Namespace"),
    "managers_run": ("Provider",),
    "network_serves": ("probe",),
}
"""In the cluster that the hosts were moved to."""
LEFT = {"managers_run": ("BareMetalHost",)}
"""In the cluster that the hosts were moved from."""
ELSEWHERE = {"nodes_untouched": ("workload", "Node"), "events_harmless": ("workload", "Event"), "move_completes": ("", "mover")}
UNTIL_ADOPTED = {"bmc_untouched": ("bmc", "bmc_requests")}
"""Of the server itself, until its new owner has it."""
KINDS = (
    *sorted({it for kinds in BOTH.values() for it in kinds if it != "ironic"}),
    "Node",
    "Pod",
    "Namespace",
    "Provider",
    "CustomResourceDefinition",
)
SIGHTS = [(side, it) for side in facts.SIDES for it in (*KINDS, "ironic", "audit", "probe")]
SIGHTS += [("workload", it) for it in KINDS] + [("", it) for it in ("mover", "bmc", "bmc_requests")]
WHEN = ("before the move", "during the move", "at the end")


class BlindPivot(WholePivot):
    """The pivot, in which one sight is lost: for good before the move, or when all has settled, or for the time of the move."""

    def __init__(self, side: str, what: str, when: str) -> None:
        kube, of_server = what[0].isupper(), what.startswith("bmc")
        where = {"cluster": side, "kind": what if kube else "", "host": "node-1" if of_server else ""}
        self.when, self.where = when, {"sight": "kube" if kube else what, **where}
        super().__init__()
        if when == "at the end":
            self.lose()

    def lose(self) -> None:
        """From now on nobody looks."""
        self.tell(facts.SightLost(says="the line was cut", **self.where))

    def move(self) -> None:
        """The move, through which nobody looks."""
        if self.when != "at the end":
            self.lose()
        super().move()
        if self.when == "during the move":
            self.tell(facts.SightRegained(complete=False, **self.where))


def needing(side: str, what: str, when: str) -> set[str]:
    """The checks that need this sight."""
    found = {word for word, kinds in BOTH.items() if side in facts.SIDES and what in kinds}
    found |= {word for word, kinds in OWNER.items() if side == "target" and what in kinds}
    found |= {word for word, kinds in LEFT.items() if side == "source" and what in kinds}
    found |= {word for word, sight in ELSEWHERE.items() if sight == (side, what)}
    return found | {word for word, kinds in UNTIL_ADOPTED.items() if when != "at the end" and what in kinds}


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize(("side", "what"), SIGHTS)
def test_who_needs_a_sight_that_is_lost_does_not_know_and_all_others_do(side, what, when):
    world = BlindPivot(side, what, when).whole()
    verdicts = {word: merge(it.verdict for it in judged(word, world)) for word in STORIES}

    needing_it = needing(side, what, when)
    assert verdicts == {word: "unknown" if word in needing_it else "pass" for word in STORIES}
