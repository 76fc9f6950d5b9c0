"""Every witness has a reader: each field of a fact is read by a check (or by what checks ask), else it stands here with the reason."""

import typing
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from harness.files.words import words_without_directories
from harness.journal import facts
from harness.journal.entry import Entry
from harness.journal.journal import read
from harness.run.importer import import_recordings
from harness.sight.ironic import FIELDS
from harness.verdict.judge import judge_entries, run_check
from harness.verdict.preflight import preflight_expectations
from harness.world.world import World
from tests.checks.history import PAUSED, Story
from tests.recorded import RECORDINGS

UNREAD = {
    "RunBegan.version": "which harness wrote the journal; told where another cannot read it",
    "RunBegan.lab_file": "where `harness recover` finds the lab again",
    "RunBegan.backup": "where `harness recover` finds what the move had deleted",
    "RunBegan.machine": "the mark of where it was made, for `harness recover`",
    "StepBegan.arguments": "for people; what a step did is seen in the systems",
    "FaultBegan.arguments": "for people; what a fault did is told by `FaultHealed.effect`",
    "WriteIntended.system": "for `harness recover`",
    "WriteIntended.undo": "for `harness recover`",
    "WriteDone.*": "for `harness recover`; what a write did is seen in the systems",
    "WriteUndone.*": "for `harness recover`",
    "SightRegained.says": "for people; why a sight was lost is told",
    "SightEnded.says": "for people; when it ended is told",
    "HarnessStalled.seconds": "the same as the times of its entry; what was missed by it is told by the sights",
    "ObjectSeen.uid": "the same as metadata.uid of the body, which is read",
    "ObjectSeen.inferred": "told in the gap that every inferred change comes from",
    "MoverStarted.pid": "finds the mover again, for `harness recover`",
    "MoverStarted.pid_began": "the same",
    "ObjectSeen.digest": "of older journals: it found the raw body in a file beside it",
    "BmcRequest.id": "the number in its record, for people",
    "IronicAnswers.says": "for people; why it does not answer",
    "MoverSaid.phase": "for people and for faults that wait for a phase; checks read the lines",
    "MoverEnded.seconds": "the same as the times of its two entries",
}
NODE_UNREAD = {
    "reservation": "comes and goes with every step of Ironic, also of a healthy adoption",
}
KINDS = typing.get_args(facts.AnyFact)


class Readers:
    """Facts that note which of their fields are read, and bodies of nodes that note which of their members are."""

    def __init__(self) -> None:
        self.fields: dict[str, set[str]] = defaultdict(set)
        self.members: set[str] = set()
        self.watched = {kind: self._watched(kind) for kind in KINDS}

    def _watched(self, kind: type[facts.Fact]) -> type[facts.Fact]:
        read_of, names = self.fields[kind.__name__], set(kind.__struct_fields__)

        def noted(self: facts.Fact, name: str) -> Any:
            if name in names:
                read_of.add(name)
            return object.__getattribute__(self, name)

        return type(kind.__name__, (kind,), {"__getattribute__": noted, "__module__": __name__}, tag=kind.__name__)  # type: ignore[call-overload, no-any-return]

    def noting(self, entry: Entry) -> Entry:
        """The entry with a fact that notes who reads it."""
        fact = entry.fact
        values = {name: getattr(fact, name) for name in fact.__struct_fields__}
        if isinstance(fact, facts.IronicNode):
            values["node"] = NotingBody(self.members, fact.node)
        return Entry(entry.seq, entry.since, entry.at, self.watched[type(fact)](**values))  # type: ignore[arg-type]


class NotingBody(dict[str, Any]):
    """A node's JSON that notes which members are read."""

    def __init__(self, members: set[str], body: dict[str, Any]) -> None:
        super().__init__(body)
        self.members = members

    def get(self, name: str, default: Any = None) -> Any:  # type: ignore[override]
        self.members.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self.members.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.members.add(str(name))
        return super().__contains__(name)


def eventful() -> list[Entry]:
    """A run in which there is something of everything that recordings do not hold: probes, readings, steps, faults, writes."""
    story = Story().sees("kube", "mover", "audit").sees("ironic", cluster="source").sees("ironic", cluster="target")
    story.sees("bmc", "bmc_requests", host="node-1").sees("probe", cluster="target")
    story.host()
    story.tell(
        facts.BmcRead(host="node-1", power="On", boot={"target": "None"}, signals={"LastResetTime": "2026-01-01T00:00:00Z"})
    )
    story.tell(facts.SightLost(sight="bmc_requests", host="node-1", says="cut"))
    story.tell(facts.SightRegained(sight="bmc_requests", host="node-1", complete=False))
    story.tell(facts.HarnessStalled(seconds=0.5))
    story.tell(facts.WireUnverified(wire="BMC of node-1", why="plain HTTP"))
    story.tell(facts.LabLagged(lost_seconds=0.1), since=story.time)
    story.tell(facts.StepBegan(step="1", word="move"))
    story.tell(facts.FaultBegan(fault="2", word="cut_off"))
    story.tell(facts.FaultBegan(fault="1", word="status_lost"))
    story.tell(facts.FaultHealed(fault="1", word="status_lost", effect=False, says="nothing"))
    story.tell(facts.WriteIntended(write="1", system="source", what="delete node-1", host="node-1"))
    story.tell(facts.WriteDone(write="1", ok=True))
    story.tell(facts.WriteUndone(write="1"))
    story.move()
    story.host(cluster="target", change="added", annotations={PAUSED: ""})
    story.tell(facts.ApiWrite(cluster="target", user="anna", verb="patch", resource="baremetalhosts", name="node-1"))
    story.host(cluster="target", change="modified", poweredOn=False)
    story.tell(facts.IronicAnswers(ironic="target", up=True))
    story.tell(facts.IronicNode(ironic="target", uuid="1", name="metal3~node-1", node={"uuid": "1", "provision_state": "active"}))
    story.tell(facts.IronicNodeGone(ironic="target", uuid="1", name="metal3~node-1"))
    for what in ("bmc", "ironic", "image"):
        probe = facts.ProbeSeen(
            vantage="target", what=what, address="a", ok=False, layer="tcp", host="node-1", ironic="target", says="no"
        )
        story.tell(probe)
    story.tell(facts.BmcRead(host="node-1", power="Off", media={"cd": "x"}, bmc_time="2026-01-01T00:00:09Z", final=True))
    story.tell(facts.StepEnded(step="1", word="move", how="failed", says="no"))
    return story.ends(how="failed").entries


def doubtful() -> list[Entry]:
    """A run whose record of requests has a hole, with a stranger's reset of another host, a changed Secret and a step without an end."""
    story = Story().sees("kube", "mover").sees("bmc", "bmc_requests", host="node-1").sees("bmc_requests", host="node-2")
    story.host()
    story.host("node-2")
    story.object("source", "Secret", "node-1-bmc", {"dataDigest": {"password": "1"}})
    story.tell(facts.StepBegan(step="1", word="move"))
    for final in (False, True):
        story.tell(facts.SightLost(sight="bmc_requests", host="node-1"))
        story.tell(facts.SightRegained(sight="bmc_requests", host="node-1", complete=False))
        story.tell(facts.BmcRead(host="node-1", power="On", signals={"LastResetTime": "2026-01-01T00:00:00Z"}, final=final))
        if not final:
            story.move()
    path = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset"
    story.tell(
        facts.BmcRequest(host="node-2", method="POST", path=path, status=204, body="{}", address="192.0.2.1", user_agent="x")
    )
    story.object("target", "Secret", "node-1-bmc", {"dataDigest": {"password": "1"}}, "added")
    secret = {"cluster": "target", "kind": "Secret", "name": "node-1-bmc", "namespace": "metal3", "uid": "target-node-1-bmc"}
    story.tell(facts.ObjectSeen(change="modified", resource_version="9", patch={"dataDigest": {"password": "2"}}, **secret))
    story.host(cluster="target", change="added")
    return story.ends().entries


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Readers:
    found = Readers()
    journals = [eventful(), doubtful()]
    for name in ("b-good-pivot", "d-status-annotation-lost", "h-deprovision-after-repivot"):
        out = tmp_path_factory.mktemp(name)
        import_recordings([RECORDINGS / name], out)
        journals.append(list(read(out / "journal.jsonl")))
    for entries in journals:
        judge_all([found.noting(entry) for entry in entries])
    return found


def judge_all(entries: list[Entry]) -> None:
    """Every check, also those of the pre-flight, over the entries."""
    judge_entries(entries)
    world, words = World(entries, final=True), words_without_directories()
    for expectation in (*(facts.Expectation(check=word) for word in words.names("check")), *preflight_expectations(words)):
        for judgement in run_check(expectation, world, entries, words):
            assert "crashed" not in judgement.says, (expectation.check, judgement.says)


def fields() -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        yield from ((kind.__name__, name) for name in kind.__struct_fields__)


def test_every_field_of_a_fact_is_read_or_stands_here_with_the_reason(readers):
    unread = {f"{kind}.{name}" for kind, name in fields() if name not in readers.fields[kind]}
    excused = {it for it in unread if it in UNREAD or f"{it.partition('.')[0]}.*" in UNREAD}

    assert unread - excused == set()


def test_no_exception_is_needed_any_more_for_a_field_that_is_read(readers):
    known = {f"{kind}.{name}" for kind, name in fields()} | {f"{kind.__name__}.*" for kind in KINDS}

    assert set(UNREAD) <= known
    assert {f"{kind}.{name}" for kind, name in fields() if name in readers.fields[kind]} & set(UNREAD) == set()


def test_every_field_that_is_asked_of_ironic_is_read_or_stands_here_with_the_reason(readers):
    assert set(FIELDS) - readers.members - {"uuid", "name"} == set(NODE_UNREAD)


def test_a_field_that_nobody_reads_would_be_found():
    found = Readers()
    entry = found.noting(Entry(0, 0.0, 0.0, facts.MoverEnded(mover=1, code=3)))

    assert getattr(entry.fact, "code", 0) == 3
    assert found.fields["MoverEnded"] == {"code"}
    assert isinstance(entry.fact, facts.MoverEnded)
    assert msgspec.structs.asdict(entry.fact)["mover"] == 1
