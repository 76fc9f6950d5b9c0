"""A rollout replaces what is not up to date, as its strategy has it, and nobody else; whatever else it does is found."""

from typing import Any

import pytest

from harness.checks import rolled_out
from harness.journal import facts
from harness.judgement import Judgement, merge
from tests.checks.history import Story

KINDS = ("KubeadmControlPlane", "Machine", "Metal3Machine", "BareMetalHost")
OWNER = [{"apiVersion": "controlplane.cluster.x-k8s.io/v1beta2", "kind": "KubeadmControlPlane", "name": "cp"}]
GOING = "2026-12-01T00:00:00Z"


class Rollout(Story):
    """A control plane of three, on the hosts a, b and c, with the spare d and a worker's host w, from v1 to v2."""

    def __init__(self, *, surge: int = 1, replicas: int = 3) -> None:
        super().__init__()
        for kind in KINDS:
            self.sees("kube", cluster="target", kind=kind)
        self.sees("kube", cluster="workload", kind="Node")
        self.surge, self.replicas = surge, replicas
        self.plane("v1")
        for name in ("a", "b", "c"):
            self.machine(name, "v1")
            self.taken(name, f"old-{name}")
        self.server("d")
        self.taken("w", "worker")
        self.tell(facts.StepBegan(step="1", word="upgrade_cluster", arguments={"cluster": "target"}))

    def plane(self, version: str) -> None:
        template = {"spec": {"infrastructureRef": {"name": "cp"}}}
        rollout = {"strategy": {"rollingUpdate": {"maxSurge": self.surge}}}
        spec = {"replicas": self.replicas, "version": version, "machineTemplate": template, "rollout": rollout}
        self.object("target", "KubeadmControlPlane", "cp", {"spec": spec}, "modified" if version == "v2" else "listed")

    def machine(self, host: str, version: str, *, phase: str = "Running", going: bool = False, change: Any = "") -> None:
        name = f"{'old' if version == 'v1' else 'new'}-{host}"
        meta: dict[str, Any] = {"name": name, "ownerReferences": OWNER}
        if going:
            meta["deletionTimestamp"] = GOING
        spec = {"version": version, "infrastructureRef": {"name": name}, "providerID": f"metal3://metal3/{host}/{name}"}
        body = {"metadata": meta, "spec": spec, "status": {"phase": "Deleting" if going else phase}}
        self.object("target", "Machine", name, body, change or ("modified" if self.entries[-1].seq > 30 else "listed"))

    def server(self, name: str, consumer: str = "", state: str = "available", *, on: bool = True) -> None:
        spec: dict[str, Any] = {"online": on}
        if consumer:
            spec |= {"consumerRef": {"name": consumer}, "image": {"url": "http://images/os"}}
        self.object(
            "target", "BareMetalHost", name, {"spec": spec, "status": {"provisioning": {"state": state}, "poweredOn": on}}
        )

    def taken(self, name: str, consumer: str) -> None:
        self.server(name, consumer, "provisioned")

    def comes(self, host: str) -> "Rollout":
        """A new Machine is made on this host, and runs."""
        self.machine(host, "v2", phase="Provisioning", change="added")
        self.server(host, f"new-{host}", "provisioning")
        self.server(host, f"new-{host}", "provisioned")
        self.machine(host, "v2", change="modified")
        return self

    def goes(self, host: str) -> "Rollout":
        """An old Machine ends, and its host is free."""
        self.machine(host, "v1", going=True, change="modified")
        self.server(host, f"old-{host}", "deprovisioning")
        self.server(host)
        self.machine(host, "v1", going=True, change="deleted")
        return self

    def done(self) -> "Rollout":
        self.tell(facts.StepEnded(step="1", word="upgrade_cluster", how="done"))
        self.ends()
        return self

    def good(self) -> "Rollout":
        self.plane("v2")
        for new, old in zip("dab", "abc", strict=True):
            self.comes(new).goes(old)
        return self


def judged(story: Story) -> tuple[str, list[str], list[str | None]]:
    said: list[Judgement] = list(rolled_out.check(story.world()))
    return merge([it.verdict for it in said]), [it.says for it in said], [it.host for it in said]


def test_a_rollout_that_keeps_its_strategy_passes():
    verdict, says, _ = judged(Rollout().good().done())
    assert (verdict, says) == (
        "pass",
        ["the rollout of KubeadmControlPlane cp replaced what was not up to date, as its strategy has it"],
    )


def test_a_rollout_without_a_surge_ends_a_machine_before_the_next_comes():
    story = Rollout(surge=0)
    story.plane("v2")
    for host in "abc":
        story.goes(host).comes(host)
    assert judged(story.done())[0] == "pass"


def test_too_many_machines_at_once_are_told():
    story = Rollout()
    story.plane("v2")
    story.comes("d").machine("x", "v2", change="added")
    verdict, says, _ = judged(story.done())
    assert verdict == "fail"
    assert any("has 5 Machines, and may have 4" in each for each in says)


def test_a_machine_that_goes_before_its_successor_runs_is_told():
    story = Rollout()
    story.plane("v2")
    story.goes("a").comes("d")
    assert any("has 2 Machines that run, and must have 3" in each for each in judged(story.done())[1])


def test_two_machines_that_go_at_once_are_told():
    story = Rollout(surge=2)
    story.plane("v2")
    story.comes("d").comes("e")
    for host in "ab":
        story.machine(host, "v1", going=True, change="modified")
    assert any("makes 0 Machines and ends 2 at once" in each for each in judged(story.done())[1])


def test_a_new_machine_that_goes_is_told_with_its_host():
    story = Rollout().good()
    story.machine("d", "v2", going=True, change="modified")
    verdict, says, hosts = judged(story.done())
    assert verdict == "fail"
    assert hosts[0] == "d", says
    assert "Machine new-d was deleted" in says[0]
    assert "was up to date" in says[0]


def test_a_rollout_that_leaves_an_old_machine_is_told():
    story = Rollout()
    story.plane("v2")
    story.comes("d").goes("a")
    assert any("old-b, old-c is not up to date" in each for each in judged(story.done())[1])


@pytest.mark.parametrize("state", ["deprovisioning", "inspecting", "provisioning"])
def test_a_host_that_the_rollout_does_not_take_and_that_changes_is_told(state):
    story = Rollout().good()
    story.server("w", "worker", state)
    verdict, says, hosts = judged(story.done())
    assert (verdict, hosts) == ("fail", ["w"])
    assert f"its state became {state}" in says[0]


def test_a_host_that_is_provisioned_twice_for_one_machine_is_told():
    story = Rollout().good()
    story.server("d", "new-d", "provisioning")
    story.server("d", "new-d", "provisioned")
    verdict, says, hosts = judged(story.done())
    assert (verdict, hosts) == ("fail", ["d"])
    assert "was provisioned 2 times, and got 1 Machine" in says[0]


def test_a_new_node_that_boots_again_is_told():
    story = Rollout().good()
    for boot in ("one", "two"):
        node = {"spec": {"providerID": "metal3://metal3/d/new-d"}, "status": {"nodeInfo": {"bootID": boot}}}
        story.object("workload", "Node", "d", node)
    verdict, says, hosts = judged(story.done())
    assert (verdict, hosts) == ("fail", ["d"])
    assert "its Node booted again" in says[0]


@pytest.mark.parametrize("kind", [*KINDS, "Node"])
def test_what_was_not_seen_is_no_pass(kind):
    story = Rollout()
    story.tell_lost("kube", cluster="workload" if kind == "Node" else "target", kind=kind)
    assert judged(story.good().done())[0] == "unknown"


def test_a_rollout_that_did_not_end_is_no_pass():
    story = Rollout().good()
    story.ends(how="interrupted")
    assert judged(story)[0] == "unknown"
