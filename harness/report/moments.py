"""A journal as moments: one sentence per event, with actor, host, and earliest and latest time.

`Narrator` turns each entry into a moment, or None if nothing worth reporting changed. Terminal, picture, stories and sequence
diagram all use it, so they cannot disagree.
"""

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from harness.journal import facts
from harness.journal.entry import Entry
from harness.journal.mover_lines import phase_of
from harness.journal.wall_clock import told_wall_time
from harness.report.objects import text_of
from harness.world.bmc.evidence import harmful
from harness.world.bmc.readings import Readings
from harness.world.hosts import STEADY
from harness.world.world import ObjectKey, Version, key_of, version_after

Tone = Literal["note", "state", "pause", "reset", "write", "phase", "blind", "fault", "step", "free"]
"""What a moment is about: `reset` touches a server's power or boot, `blind` is a loss of sight, `write` is ours.

`free` is a `reset` of a server that runs nothing: upstream's own design, and nothing is promised to it.
"""

TELLING_LINE = re.compile(r"Error: |Retrying with backoff|Move blocked by")
ABOUT_A_HOST = re.compile(r'BareMetalHost/[^/\s"]+/([\w.-]+)|"Kind":"BareMetalHost".*"name":"([\w.-]+)"')
"""How clusterctl names a host in a line about it."""

BLOCKED = re.compile(r"Move blocked by (\S+) annotation")
LONGEST_TEXT = 300


class Moment(msgspec.Struct, frozen=True):
    """One sentence. `actor` acts on `receiver` (empty: on itself); both are participants such as `target`, `ironic-source`, `mover`."""

    seq: int
    since: float
    at: float
    tone: Tone
    actor: str
    text: str
    receiver: str = ""
    host: str = ""
    clock: str = ""
    """The wall-clock time, like `13:12:08`; empty where it is not known."""


def moments(entries: Iterable[Entry]) -> list[Moment]:
    """Everything worth telling, in the journal's order."""
    narrator = Narrator()
    return [moment for entry in entries if (moment := narrator.tell(entry))]


def shows_use(version: Version) -> bool:
    """Does this version of a host show that its server runs something: a consumer, an image, a state that it came to by one?"""
    imaged = version.get("status", "provisioning", "image", "url") or version.get(
        "status", "provisioning", "customDeploy", "method"
    )
    return bool(version.get("spec", "consumerRef") or imaged) or version.get("status", "provisioning", "state") in STEADY


def clocked(moment: Moment, run: facts.RunBegan | None) -> Moment:
    """The moment with its wall-clock time."""
    return msgspec.structs.replace(moment, clock=told_wall_time(run, moment.at).removesuffix(" UTC"))


def when(since: float, at: float) -> str:
    """`12.3 s`, or `11.9..12.3 s` where the instant is known only to lie between."""
    return f"{since:.1f}..{at:.1f} s" if at - since > 0.1 else f"{at:.1f} s"


class Narrator:
    """Describes entries in order, beside the world that they make."""

    def __init__(self) -> None:
        """Nothing told yet."""
        self._run: facts.RunBegan | None = None
        self._movers: dict[int, facts.MoverStarted] = {}
        self._last: dict[ObjectKey, Version] = {}
        self._nodes: dict[tuple[str, str], dict[str, object]] = {}
        self._reads: dict[str, Readings] = {}
        self._unseen: dict[str, dict[str, str]] = {}
        self._writes: dict[str, facts.WriteIntended] = {}
        self._answering: set[str] = set()
        self._free: dict[str, bool] = {}

    def tell(self, entry: Entry) -> Moment | None:
        """The moment of this entry, or None."""
        moment = self._told(entry)
        if moment is None:
            return None
        is_free = moment.tone == "reset" and self._free.get(moment.host)
        return clocked(msgspec.structs.replace(moment, tone="free") if is_free else moment, self._run)

    def _told(self, entry: Entry) -> Moment | None:  # noqa: PLR0911 - one arm a kind of fact is the clearest dispatch
        match entry.fact:
            case facts.ObjectSeen() as fact:
                return self._object(entry, fact)
            case facts.BmcRequest() as fact:
                return self._request(entry, fact)
            case facts.BmcRead() as fact:
                return self._read(entry, fact)
            case facts.IronicAnswers() | facts.IronicNode() | facts.IronicNodeGone() as fact:
                return self._ironic(entry, fact)
            case facts.MoverStarted() | facts.MoverSaid() | facts.MoverEnded() as fact:
                return self._mover(entry, fact)
            case facts.WriteIntended() | facts.WriteDone() | facts.WriteUndone() as fact:
                return self._write(entry, fact)
            case facts.RunBegan() as fact:
                self._run = self._run or fact
                return None
            case _:
                return _plain(entry)

    def _object(self, entry: Entry, fact: facts.ObjectSeen) -> Moment | None:
        key = key_of(fact)
        before = self._last.get(key)
        after = self._last[key] = version_after(before, entry, fact)
        if fact.kind == "BareMetalHost":
            # Who ran something once is no free host any more, whatever becomes of it.
            protected = self._run is not None and self._run.unclaimed == "protect"
            self._free[fact.name] = self._free.get(fact.name, True) and not protected and not shows_use(after)
        said = text_of(fact, before, after)
        return said and _moment(entry, said.tone, fact.cluster, said.text, host=said.host)

    def _request(self, entry: Entry, fact: facts.BmcRequest) -> Moment | None:
        owners = self._run.owners if self._run else {}
        name = fact.client or owners.get(fact.address, "") or fact.address or "unknown party"
        asked = harmful(fact)
        if asked:
            return _moment(entry, "reset", name, f"{asked}, asked by {name}", receiver="bmc", host=fact.host)
        if fact.method in ("GET", "HEAD", "OPTIONS") or "/Sessions" in fact.path:
            return None
        tail = "/".join(fact.path.rstrip("/").split("/")[-2:])
        return _moment(entry, "note", name, f"{fact.method} {tail} answered {fact.status}", receiver="bmc", host=fact.host)

    def _read(self, entry: Entry, fact: facts.BmcRead) -> Moment | None:
        first = fact.host not in self._reads
        changed = self._reads.setdefault(fact.host, Readings()).take(entry)
        says = "; ".join(change.says for change in changed)
        if says:
            return _moment(entry, "reset", "bmc", f"the BMC says: {says}", host=fact.host)
        new = {part: it for part, it in fact.unseen.items() if part not in self._unseen.get(fact.host, {})}
        self._unseen[fact.host] = fact.unseen
        hidden = "; ".join(f"it does not show its {part} ({it})" for part, it in new.items())
        power = f"the BMC says: power {fact.power or 'not told'}" if first else ""
        text = "; ".join(filter(None, (power, hidden)))
        return _moment(entry, "note", "bmc", text, host=fact.host) if text else None

    def _ironic(self, entry: Entry, fact: facts.IronicAnswers | facts.IronicNode | facts.IronicNodeGone) -> Moment | None:
        actor = f"ironic-{fact.ironic}"
        if isinstance(fact, facts.IronicAnswers):
            silent = "ceased to answer" if fact.ironic in self._answering else "does not answer"
            (self._answering.add if fact.up else self._answering.discard)(fact.ironic)
            return _moment(entry, "note", actor, ("answers" if fact.up else silent) + _because(fact.says))
        host = fact.name.rpartition("~")[2]
        key = fact.ironic, fact.uuid
        if isinstance(fact, facts.IronicNodeGone):
            self._nodes.pop(key, None)
            return _moment(entry, "note", actor, "its node is gone", host=host)
        before, self._nodes[key] = self._nodes.get(key), fact.node
        words = _node_words(before, fact.node)
        return _moment(entry, "state", actor, words, host=host) if words else None

    def _mover(self, entry: Entry, fact: facts.MoverStarted | facts.MoverSaid | facts.MoverEnded) -> Moment | None:
        if isinstance(fact, facts.MoverStarted):
            self._movers[fact.mover] = fact
            return _moment(entry, "phase", "mover", f"move from {fact.origin} to {fact.destination} starts")
        if isinstance(fact, facts.MoverEnded):
            how = f"exit code {fact.code}" if fact.code >= 0 else f"killed by signal {-fact.code}"
            return _moment(entry, "phase", "mover", f"the move ended: {how}, after {fact.seconds:.1f} s")
        phase = fact.phase or phase_of(fact.line)
        if not phase and not TELLING_LINE.match(fact.line):
            return None
        started = self._movers.get(fact.mover)
        receiver = _addressed(phase, started) if started and phase else ""
        named = ABOUT_A_HOST.search(fact.line)
        host, blocked = (named[1] or named[2] if named else ""), BLOCKED.search(fact.line)
        text = f"the move waits until {blocked[1]} is gone from BareMetalHost {host}" if blocked and host else fact.line
        return _moment(entry, "phase", "mover", text, receiver=receiver, host=host)

    def _write(self, entry: Entry, fact: facts.WriteIntended | facts.WriteDone | facts.WriteUndone) -> Moment | None:
        if isinstance(fact, facts.WriteIntended):
            self._writes[fact.write] = fact
            return _moment(entry, "write", "harness", f"writes: {fact.what}", receiver=fact.system, host=fact.host)
        intended = self._writes.get(fact.write)
        what = intended.what if intended else fact.write
        if isinstance(fact, facts.WriteUndone):
            return _moment(entry, "write", "harness", f"undone: {what}", host=intended.host if intended else "")
        return None if fact.ok else _moment(entry, "write", "harness", f"refused: {what} ({fact.says})")


def _moment(  # noqa: PLR0913 - the fields of a moment
    entry: Entry, tone: Tone, actor: str, text: str, *, receiver: str = "", host: str = ""
) -> Moment:
    short = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
    return Moment(entry.seq, entry.since, entry.at, tone, actor, short, receiver, host)


def _plain(entry: Entry) -> Moment | None:  # noqa: PLR0911 - one arm a kind of fact is the clearest dispatch
    match entry.fact:
        case facts.StepBegan() as fact:
            return _moment(entry, "step", "harness", f"step {fact.step} {fact.word} begins")
        case facts.StepEnded() as fact:
            return _moment(entry, "step", "harness", f"step {fact.step} {fact.word} {fact.how}" + _because(fact.says))
        case facts.FaultBegan() as fact:
            return _moment(entry, "fault", "harness", f"fault {fact.word} goes in")
        case facts.FaultHealed() as fact:
            effect = "it had an effect" if fact.effect else "it had no effect"
            return _moment(entry, "fault", "harness", f"fault {fact.word} is out again, {effect}" + _because(fact.says))
        case facts.SightLost() as fact:
            return _moment(entry, "blind", "harness", f"lost sight of {_seen_thing(fact)}" + _because(fact.says), host=fact.host)
        case facts.SightRegained() as fact:
            missed = "nothing was missed" if fact.complete else "what happened meanwhile is not known"
            return _moment(entry, "blind", "harness", f"sees {_seen_thing(fact)} again, {missed}", host=fact.host)
        case facts.HarnessStalled() as fact:
            return _moment(entry, "blind", "harness", f"stood still for {fact.seconds:.1f} s, and looked at nothing")
        case facts.ProbeSeen() as fact:
            met = "answers" if fact.ok else f"cannot be reached ({fact.layer})"
            return _moment(entry, "note", fact.vantage, f"{fact.what} {fact.address} {met}", host=fact.host)
        case facts.RunEnded() as fact:
            return _moment(entry, "step", "harness", f"the run ended: {fact.how}" + _because(fact.says))
    return None


def _because(says: str) -> str:
    return f": {says}" if says else ""


def _seen_thing(fact: facts.SightLost | facts.SightRegained) -> str:
    # Its host stands before the sentence, as before every other.
    return " ".join(part for part in (fact.sight, fact.cluster, fact.kind) if part)


def _addressed(phase: str, started: facts.MoverStarted) -> str:
    # The creates and the resumption go to the destination; all before, and the deletes, concern the origin.
    return started.destination if phase in ("create", "resume") else started.origin


def _node_words(before: dict[str, object] | None, after: dict[str, object]) -> str:
    if before is None:
        return f"its node is {after.get('provision_state')}, {_told('power_state', after)}"
    words = [f"{_told(name, before)} → {_told(name, after)}" for name in _NODE_FIELDS if before.get(name) != after.get(name)]
    if after.get("last_error") and before.get("last_error") != after.get("last_error"):
        words.append(f"error: {after['last_error']}")
    return ", ".join(words)


_NODE_FIELDS = ("provision_state", "power_state", "maintenance", "fault")


def _told(name: str, node: dict[str, object]) -> str:
    nothing = "power not known" if name == "power_state" else "none"
    return nothing if node.get(name) in (None, "") else str(node[name])
