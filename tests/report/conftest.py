"""A small run, written by hand: one host is wiped by the target's Ironic while one is never looked at."""

import pytest

from harness.journal import facts
from harness.journal.journal import Journal

SYSTEM = "/redfish/v1/Systems/1"
PAUSED = "baremetalhost.metal3.io/paused"


class Writer:
    """Writes a journal at times of our choice."""

    def __init__(self, directory):
        self.journal = Journal(directory)

    def __call__(self, at, fact, since=None):
        return self.journal.record(fact, since=at if since is None else since, at=at)

    def host(self, at, place, change, state, *, annotations=(), **how):
        cluster, name = place
        body = {
            "metadata": {"name": name, "namespace": "metal3", "annotations": dict.fromkeys(annotations, "x")},
            "spec": {"consumerRef": {"name": "m"}},
            "status": {"provisioning": {"state": state}},
        }
        fact = facts.ObjectSeen(
            cluster=cluster,
            change=change,
            kind="BareMetalHost",
            name=name,
            namespace="metal3",
            uid=f"{cluster}-{name}",
            resource_version="1",
            object=body,
        )
        return self(at, fact, **how)


def write_run(directory, *, host="node-1", silent=False):
    """The journal of the small run; answers its entries. `silent`: the BMC's record was told afterwards, for a second."""
    write = Writer(directory)
    write(
        0.0,
        facts.RunBegan(
            scenario="pivot",
            lab="embedded",
            started="2026-01-01T00:00:00Z",
            mode="run",
            expectations=[],
            owners={"10.0.0.2": "ironic-target"},
        ),
    )
    write(0.0, facts.SightBegan(sight="kube"))
    write(0.0, facts.SightBegan(sight="bmc_requests", host=host))
    write.host(0.1, ("source", host), "listed", "provisioned")
    write(1.0, facts.StepBegan(step="1", word="move"))
    write(1.0, facts.WriteIntended(write="w1", system="source", what="clusterctl move", undo={}))
    write(1.1, facts.MoverStarted(mover=1, origin="source", destination="target", command="clusterctl move"))
    for at, line, phase in (
        (1.2, "Performing move...", "contact"),
        (1.5, "Pausing the source cluster", "pause"),
        (2.0, "Creating objects in the target cluster", "create"),
        (2.4, 'Retrying with backoff cause="Authorization: Bearer hunter2"', ""),
        (3.0, "Deleting objects from the source cluster", "delete"),
    ):
        write(at, facts.MoverSaid(mover=1, line=line, phase=phase))
    write.host(2.2, ("target", host), "added", "", annotations=[PAUSED], since=1.9)
    if silent:
        write(2.5, facts.SightLost(sight="bmc_requests", host=host, says="no answer"), since=2.0)
        write(3.0, facts.SightRegained(sight="bmc_requests", host=host, complete=True))
    write(4.0, facts.MoverEnded(mover=1, code=0, seconds=2.9))
    write(4.0, facts.WriteDone(write="w1", ok=True))
    write(4.0, facts.StepEnded(step="1", word="move", how="done"))
    write(4.5, facts.IronicAnswers(ironic="target", up=True))
    write.host(5.0, ("target", host), "modified", "inspecting", since=4.7)
    write(
        5.2, facts.IronicNode(ironic="target", uuid="u", name=f"metal3~{host}", node={"provision_state": "inspecting"}), since=4.8
    )
    write(5.5, facts.BmcRequest(host=host, method="GET", path=SYSTEM, status=200, address="10.0.0.2"))
    write(
        5.6,
        facts.BmcRequest(
            host=host,
            method="POST",
            path=f"{SYSTEM}/Actions/ComputerSystem.Reset",
            status=204,
            address="10.0.0.2",
            body='{"ResetType": "ForceOff"}',
        ),
    )
    write(6.0, facts.SightLost(sight="kube", cluster="target", kind="BareMetalHost", says="connection reset"), since=5.8)
    write(7.0, facts.SightRegained(sight="kube", cluster="target", kind="BareMetalHost", complete=False))
    write(9.0, facts.SightEnded(sight="kube", complete=True))
    write(9.0, facts.SightEnded(sight="bmc_requests", host=host, complete=True))
    write(9.5, facts.RunEnded(how="done"))
    write.journal.close()
    return write.journal.entries


@pytest.fixture
def make_run():
    """`make_run(directory, host=...)` -> the entries and the verdict of the small run."""

    def make(directory, *, host="node-1"):
        entries = write_run(directory, host=host)
        return entries, verdict_of(entries, host=host)

    return make


def verdict_of(entries, *, host="node-1"):
    reset = next(entry.seq for entry in entries if isinstance(entry.fact, facts.BmcRequest) and entry.fact.method == "POST")
    states = {"BareMetalHost state": "changed", "BMC requests": "changed", "Node boot": "lost"}
    return {
        "verdict": "fail",
        "scenario": "pivot",
        "lab": "embedded",
        "started": "2026-01-01T00:00:00Z",
        "hosts": {
            "node-0": {"verdict": "unknown", "witnesses": [{"witness": "Node boot", "state": "lost"}]},
            host: {"verdict": "fail", "witnesses": [{"witness": key, "state": state} for key, state in states.items()]},
        },
        "unclaimed": {"node-9": {"states": {"source": ["available"], "target": []}, "requests": [], "evidence": []}},
        "checks": [
            {"check": "bmc_untouched", "host": "node-0", "verdict": "unknown", "says": "there was no sight", "evidence": []},
            {"check": "bmc_untouched", "host": host, "verdict": "fail", "says": "Reset ForceOff", "evidence": [reset]},
            {"check": "move_completes", "host": None, "verdict": "pass", "says": "exit code 0", "evidence": []},
        ],
    }


@pytest.fixture
def entries(tmp_path):
    return write_run(tmp_path / "run")


@pytest.fixture
def verdict(entries):
    return verdict_of(entries)
