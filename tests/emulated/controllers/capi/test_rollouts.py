"""What a KubeadmControlPlane and a MachineDeployment do next, by upstream's rules: one Machine at a time, by surge or without."""

from typing import Any

import pytest

from harness.emulated.controllers.capi import rolling
from harness.emulated.controllers.kubeadm.rollout import Act, is_up_to_date, next_act

Json = dict[str, Any]


def plane(*, surge: int = 1, replicas: int = 3) -> Json:
    strategy = {"rollingUpdate": {"maxSurge": surge}}
    template = {"spec": {"infrastructureRef": {"name": "new"}}}
    return {"spec": {"replicas": replicas, "version": "v2", "rollout": {"strategy": strategy}, "machineTemplate": template}}


def machine(name: str, *, version: str = "v2", well: bool = True, going: bool = False) -> Json:
    meta = {"name": name, "creationTimestamp": name, **({"deletionTimestamp": "now"} if going else {})}
    healthy = {"type": "NodeHealthy", "status": "True" if well else "False"}
    return {"metadata": meta, "spec": {"version": version}, "status": {"phase": "Running", "conditions": [healthy]}}


def old(count: int) -> list[Json]:
    return [machine(f"a{number}", version="v1") for number in range(count)]


def acted(of: Json, machines: list[Json]) -> Act:
    return next_act(of, machines, [each for each in machines if not is_up_to_date(of, each, None)])


def test_a_rollout_makes_one_machine_more_and_deletes_the_oldest_only_when_that_one_is_well():
    three = old(3)
    assert acted(plane(), three) == Act(create=True)
    assert acted(plane(), [*three, machine("b", well=False)]) == Act()
    assert acted(plane(), [*three, machine("b")]) == Act(delete=three[0])
    assert acted(plane(), [machine("a0", version="v1", going=True), *three[1:], machine("b")]) == Act()


def test_without_a_surge_the_oldest_ends_first_and_the_next_is_made_when_it_has():
    three = old(3)
    assert acted(plane(surge=0), three) == Act(delete=three[0])
    assert acted(plane(surge=0), three[1:]) == Act(create=True)
    assert acted(plane(surge=0), [*three[1:], machine("b", well=False)]) == Act()


@pytest.mark.parametrize("machines", [[], [machine("a")], [machine("a"), machine("b")]])
def test_what_is_missing_is_made_one_after_the_other(machines):
    assert acted(plane(), machines) == Act(create=True)


def test_another_template_makes_a_machine_outdated_and_nothing_is_done_where_none_is():
    of_old = {"metadata": {"annotations": {"cluster.x-k8s.io/cloned-from-name": "old"}}}
    assert not is_up_to_date(plane(), machine("a"), of_old)
    assert acted(plane(), [machine("a"), machine("b"), machine("c")]) == Act()


def deployment(*, surge: int | str, missing: int, replicas: int = 1) -> Json:
    strategy = {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": missing}}
    return {"spec": {"replicas": replicas, "rollout": {"strategy": strategy}, "template": {"spec": {"version": "v2"}}}}


def machine_set(name: str, wanted: int, there: int, ready: int) -> Json:
    return {"metadata": {"name": name}, "spec": {"replicas": wanted}, "status": {"replicas": there, "availableReplicas": ready}}


def test_a_deployment_without_surge_ends_a_machine_and_waits_until_it_is_gone():
    of = deployment(surge=0, missing=1)
    before, new = machine_set("a", 1, 1, 1), machine_set("b", 0, 0, 0)
    assert rolling.new_size(of, new, [before]) == 0
    assert rolling.old_sizes(of, new, [before]) == {"a": 0}
    assert rolling.new_size(of, new, [machine_set("a", 0, 1, 0)]) == 0
    assert rolling.new_size(of, new, [machine_set("a", 0, 0, 0)]) == 1


def test_a_deployment_with_a_surge_ends_a_machine_only_when_its_successor_is_available():
    of = deployment(surge="50%", missing=0, replicas=2)
    before = machine_set("a", 2, 2, 2)
    assert rolling.new_size(of, machine_set("b", 0, 0, 0), [before]) == 1
    assert rolling.old_sizes(of, machine_set("b", 1, 1, 0), [before]) == {"a": 2}
    assert rolling.old_sizes(of, machine_set("b", 1, 1, 1), [before]) == {"a": 1}
    assert rolling.new_size(of, machine_set("b", 1, 1, 1), [machine_set("a", 1, 2, 2)]) == 1
