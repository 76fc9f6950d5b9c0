"""A second judge, written by itself, agrees with the first on generated histories. `make properties` tries ten thousand of them."""

import importlib
import os
from collections import Counter
from random import Random
from typing import Any

import pytest

from harness.journal import facts
from tests.checks.history import PAUSED, Story, host_body
from tests.verdict.second_evaluator import NO_WORK, ORDERS, QUESTIONS, WORK, answers

HISTORIES = int(os.environ.get("GENERATED_HISTORIES", "2000"))
CHECKS = {name: importlib.import_module(f"harness.checks.{name}") for name in QUESTIONS}
HARMS = ("state", "power", "wanted off", "history", "image", "consumer")
OTHER_STATES = ("deprovisioning", "provisioning", "inspecting", "registering", "available", "error")


class Generated:
    """A history of one to three hosts, one move and what befell them, drawn from a seed."""

    def __init__(self, seed: int) -> None:
        """Tell it from its begin to its end."""
        self.random = Random(seed)
        self.story = Story()
        self.hosts = [f"node-{number}" for number in range(self.random.randint(1, 3))]
        self.lost: set[tuple[str, str]] = set()
        self.open_sights: dict[tuple[str, str], None] = {}
        self.with_history = {host for host in self.hosts if self.chance(0.9)}
        self.tell_all()

    def chance(self, share: float) -> bool:
        """Does something happen that happens so often?"""
        return self.random.random() < share

    def begin(self, sight: str, host: str = "") -> None:
        """A sight begins."""
        self.story.sees(sight, host=host)
        self.open_sights[sight, host] = None

    def tell_all(self) -> None:
        """Sights and hosts, what came before the move, the move, what came after it, the ends of the sights."""
        late = [host for host in self.hosts if self.chance(0.1)]
        self.begin("mover")
        self.begin("kube")
        for host in self.hosts:
            if host not in late and not self.chance(0.05):
                self.begin("bmc_requests", host)
        for host in self.hosts:
            self.show(host, "source", change="listed")
            if not self.chance(0.05):
                self.node(host, "b1")
        self.befall(0.1, before=True)
        self.story.begins_move()
        for host in late:
            self.begin("bmc_requests", host)
        for host in self.hosts:
            self.show(host, "target", change="added", annotations={PAUSED: ""})
        self.befall(0.3)
        for host in self.hosts:
            if not self.chance(0.1):
                look = facts.BmcRequest(host=host, method="GET", path="/redfish/v1/Systems/1", status=200, client="ironic-target")
                self.story.tell(look)
        self.close(0.05)
        self.story.tell(facts.MoverEnded(mover=1, code=0, seconds=9))
        self.befall(0.3)
        self.close(1.0)
        self.story.tell(facts.RunEnded(how="done"))

    def befall(self, share: float, *, before: bool = False) -> None:
        """What may happen to each host, and to each sight; before the move it is not harmed, or nothing would be promised."""
        for host in self.hosts:
            if self.chance(share):
                self.ask(host)
            if not before:
                self.harm(host, share)
            side = "source" if before else self.random.choice(("source", "target"))
            if self.chance(share):
                self.show(host, side)
            if self.chance(share / 3):
                self.show(host, side, annotations={self.random.choice(ORDERS): self.random.choice(("", "disabled"))})
            if self.chance(share / 3):
                self.tell_of(host, side)
        for sight, host in self.open_sights:
            if sight != "mover" and self.chance(share / 6):
                self.story.tell_lost(sight, host=host)  # type: ignore[arg-type]
                if self.chance(0.5):
                    self.story.tell(facts.SightRegained(sight=sight, host=host, complete=False, says="again"))  # type: ignore[arg-type]

    def harm(self, host: str, share: float) -> None:
        """What no host may suffer, each rather seldom."""
        for harm in HARMS:
            if self.chance(share / 6):
                self.show(host, self.random.choice(("source", "target")), **{harm: True})
        if self.chance(share / 6):
            self.node(host, "b2")

    def show(self, host: str, side: str, *, change: str = "modified", annotations: Any = None, **harms: bool) -> None:
        """A version of the host, as it was, or harmed in one way."""
        history = {"provision": {"start": "1", "end": "2"}} | ({"inspect": {"start": "5"}} if harms.get("history") else {})
        state = self.random.choice(OTHER_STATES) if harms.get("state") else "provisioned"
        provisioning = {"state": state, "ID": "1", "image": {"url": "http://other" if harms.get("image") else "http://images/os"}}
        more = (
            {"operationHistory": history} if host in self.with_history and not self.chance(0.1 * (change == "modified")) else {}
        )
        body = host_body(host, annotations=annotations, provisioning=provisioning, poweredOn=not harms.get("power"), **more)
        body["spec"]["online"] = not harms.get("wanted off")
        if harms.get("consumer"):
            body["spec"]["consumerRef"] = self.random.choice((None, {"kind": "Metal3Machine", "name": "m-other"}))
        self.story.object(side, "BareMetalHost", host, body, change)

    def node(self, host: str, boot: str) -> None:
        """Its Node shows this boot; a second one is of another system."""
        told = {"bootID": boot, "machineID": f"m-{boot}", "systemUUID": "s1"}
        body = {"spec": {"providerID": f"metal3://metal3/{host}/m-{host}"}, "status": {"nodeInfo": told}}
        self.story.object("workload", "Node", f"{host}-as-node", body, "listed" if boot == "b1" else "modified")

    def tell_of(self, host: str, side: str) -> None:
        """An Event of an operator about it."""
        about = {"kind": "BareMetalHost", "namespace": "metal3", "name": host}
        reason = self.random.choice((*WORK, *NO_WORK, "TeaTime"))
        self.story.object(side, "Event", f"e-{self.story.versions}", {"involvedObject": about, "reason": reason}, "added")

    def ask(self, host: str) -> None:
        """Something is asked of the BMC: a look, or a reset."""
        client = self.random.choice(("ironic-source", "ironic-target", "192.0.2.7"))
        if self.chance(0.6):
            self.story.tell(facts.BmcRequest(host=host, method="GET", path="/redfish/v1/Systems/1", status=200, client=client))
            return
        path, body = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset", '{"ResetType": "ForceRestart"}'
        self.story.tell(facts.BmcRequest(host=host, method="POST", path=path, status=204, client=client, body=body))

    def close(self, share: float) -> None:
        """Some of the open sights end, most of them in good order."""
        for sight, host in list(self.open_sights):
            if share == 1.0 or (sight != "mover" and self.chance(share)):
                del self.open_sights[sight, host]
                self.story.tell(facts.SightEnded(sight=sight, host=host, complete=not self.chance(0.03)))  # type: ignore[arg-type]


def judged(history: Generated) -> dict[tuple[str, str], str]:
    """What the first judge says, by question and host."""
    world = history.story.world()
    return {(name, str(said.host)): said.verdict for name in QUESTIONS for said in CHECKS[name].check(world)}


@pytest.mark.timeout(1800)
def test_both_judges_agree():
    seen: Counter[tuple[str, str]] = Counter()
    for seed in range(HISTORIES):
        history = Generated(seed)
        expected = {(name, host): answers(history.story.entries, host)[name] for host in history.hosts for name in QUESTIONS}
        assert judged(history) == expected, f"seed {seed}"
        seen.update((name, verdict) for (name, _), verdict in expected.items())
    possible = {(name, each) for name in QUESTIONS for each in ("pass", "fail", "unknown")} - {("nothing_ordered", "fail")}
    assert set(seen) == possible, f"each answer to each question was right at least once: {seen}"
