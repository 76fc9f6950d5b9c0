"""Small makers of hand-written histories for checks."""

import re
from collections.abc import Iterable
from typing import Any

from harness.journal import facts
from harness.journal.entry import Entry
from harness.judgement import Judgement
from harness.world.world import World

PAUSED = "baremetalhost.metal3.io/paused"
NOTHING = re.compile(r"\b(None|nan|inf)\b|\(\)|  |, ,")
"""What no sentence holds that was made of what is there."""


class Story:
    """Facts in order, one second apart unless told otherwise."""

    def __init__(self, *, speed: float = 1.0, mode: Any = "run", unclaimed: Any = "report", namespace: str = "metal3") -> None:
        self.entries: list[Entry] = []
        self.time = 0.0
        self.versions = 0
        self.tell(
            facts.RunBegan(
                scenario="s",
                lab="l",
                started="",
                mode=mode,
                expectations=[],
                speed=speed,
                unclaimed=unclaimed,
                namespace=namespace,
            )
        )

    def tell(self, fact: facts.AnyFact, *, since: float | None = None, at: float | None = None) -> Entry:
        self.time = self.time + 1 if at is None else at
        entry = Entry(len(self.entries), self.time if since is None else since, self.time, fact)
        self.entries.append(entry)
        return entry

    def sees(self, *sights: facts.SightName, **where: str) -> "Story":
        for sight in sights:
            self.tell(facts.SightBegan(sight=sight, **where))
        return self

    def tell_lost(self, sight: facts.SightName, **where: str) -> "Story":
        """A sight is lost for good."""
        self.tell(facts.SightLost(sight=sight, says="the line was cut", **where))
        return self

    def object(
        self, cluster: Any, kind: str, name: str, body: dict[str, Any], change: Any = "listed", *, managers: Any = ()
    ) -> Entry:
        self.versions += 1
        body = {"metadata": {"name": name, "uid": f"{cluster}-{name}"}} | body
        body["metadata"] = {"uid": f"{cluster}-{name}"} | body["metadata"]
        fact = facts.ObjectSeen(
            cluster=cluster,
            change=change,
            kind=kind,
            name=name,
            uid=body["metadata"]["uid"],
            resource_version=str(self.versions),
            api_version=body.get("apiVersion", ""),
            namespace="" if kind in ("Node", "CustomResourceDefinition") else body["metadata"].get("namespace", "metal3"),
            object=body,
            managers=list(managers),
        )
        return self.tell(fact)

    def host(
        self, name: str = "node-1", *, cluster: Any = "source", change: Any = "listed", namespace: str = "metal3", **more: Any
    ) -> Entry:
        body = host_body(name, **more)
        body["metadata"]["namespace"] = namespace
        return self.object(cluster, "BareMetalHost", name, body, change)

    def begins_move(self) -> "Story":
        """The mover starts; `move` ends it. What is told in between is told during the move."""
        self.tell(facts.MoverStarted(mover=1, origin="source", destination="target"))
        return self

    def move(self, *, seconds: float = 20.0, code: int = 0, adopts: bool = True) -> "Story":
        """A move; a record of requests shows that the target's Ironic asks for each server, unless it `adopts` none."""
        recorded = [fact.host for fact in (it.fact for it in self.entries) if isinstance(fact, facts.SightBegan)
                    and fact.sight == "bmc_requests" and fact.host]  # fmt: skip
        if not any(isinstance(entry.fact, facts.MoverStarted) for entry in self.entries):
            self.begins_move()
        began = self.time
        for name in recorded if adopts else ():
            path = "/redfish/v1/Systems/1"
            fact = facts.BmcRequest(host=name, method="GET", path=path, status=200, client="ironic-target")
            self.tell(fact, at=began + seconds / 2)
        self.time = began
        self.tell(facts.MoverEnded(mover=1, code=code, seconds=seconds), at=self.time + seconds)
        return self

    def ends(self, *, how: Any = "done") -> "Story":
        began = [entry.fact for entry in self.entries if isinstance(entry.fact, facts.SightBegan)]
        for fact in began:
            where = {"cluster": fact.cluster, "kind": fact.kind, "host": fact.host}
            self.tell(facts.SightEnded(sight=fact.sight, complete=True, **where))
        self.tell(facts.RunEnded(how=how))
        return self

    def world(self, *, final: bool = True) -> World:
        return World(self.entries, final=final)


def host_body(name: str, *, annotations: dict[str, str] | None = None, claimed: bool = True, **status: Any) -> dict[str, Any]:
    """A provisioned host; status members may be replaced."""
    return {
        "apiVersion": "metal3.io/v1alpha1",
        "metadata": {"name": name, "namespace": "metal3", "annotations": annotations or {}},
        "spec": {
            "online": True,
            "bmc": {"address": f"redfish://{name}", "credentialsName": f"{name}-bmc"},
            "image": {"url": "http://images/os"},
            **({"consumerRef": {"kind": "Metal3Machine", "name": f"m-{name}"}} if claimed else {}),
        },
        "status": {
            "operationalStatus": "OK",
            "poweredOn": True,
            "provisioning": {"state": "provisioned" if claimed else "available", "ID": "1", "image": {"url": "http://images/os"}},
            **status,
        },
    }


def of_host(judgements: Any, host: str | None = "node-1") -> Judgement:
    """The only judgement about a host; all of them are such that people can read them."""
    (found,) = [judgement for judgement in readable(judgements) if judgement.host == host]
    return found


def readable(judgements: Iterable[Judgement]) -> list[Judgement]:
    """The judgements, each of which says something, of somebody that is there, by entries that are there."""
    found = list(judgements)
    for it in found:
        assert it.verdict in ("pass", "fail", "unknown"), it
        assert it.says, it
        assert not NOTHING.search(it.says), it
        assert all(isinstance(seq, int) for seq in it.evidence), it
    return found
