"""The lanes of one host: ordered events of its objects, Machines, Ironic node, Kubernetes Node and BMC."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from harness.compare.roles import machine_names
from harness.compare.versions import PARTS, part, versions_in
from harness.compare.words import (
    Teller,
    condition_words,
    host_words,
    lifecycle_words,
    node_words,
    request_word,
    resource_class,
)
from harness.journal.entry import Entry
from harness.journal.facts import BmcRequest, IronicAnswers, IronicNode, IronicNodeGone
from harness.world.changes.objects import change_between
from harness.world.coverage import SightKey
from harness.world.moves import Leg
from harness.world.world import World

OURS = "harness"
NODELESS = ("nobody's", "gone")
WAITING = {"inspect wait": "inspecting", "clean wait": "cleaning", "wait call-back": "deploying"}
"""Ironic's wait states, mapped to the state they belong to: a poll may see either of the two."""

MACHINE_KINDS = ("Machine", "Metal3Machine")


class TraceEntry(msgspec.Struct, frozen=True):
    """One event: `at` seconds after the move began, from journal entry `seq`."""

    text: str
    at: float
    seq: int


class LegView(NamedTuple):
    """One leg of a run, in its world."""

    world: World
    leg: Leg


def lanes(seen: LegView, name: str) -> Iterator[tuple[str, tuple[TraceEntry, ...]]]:
    """Every lane of one host that was seen without a gap, with its words in order."""
    machines = machine_names(*seen, name)
    for side, cluster in zip(PARTS, (seen.leg.origin, seen.leg.destination), strict=True):
        if saw(seen, SightKey("kube", cluster, "BareMetalHost")):
            yield f"{side} host", words_of(seen, cluster, "BareMetalHost", {name}, host_words)
            yield f"{side} host conditions", words_of(seen, cluster, "BareMetalHost", {name}, condition_words)
        if saw(seen, SightKey("kube", cluster, "Event")):
            yield f"{side} events", events(seen, cluster, name)
        for kind in MACHINE_KINDS:
            if saw(seen, SightKey("kube", cluster, kind)):
                yield f"{side} {kind}", words_of(seen, cluster, kind, machines[kind], lifecycle_words)
                yield f"{side} {kind} conditions", words_of(seen, cluster, kind, machines[kind], condition_words)
        if saw(seen, SightKey("ironic", cluster)):
            yield f"{side} Ironic", ironic(seen, cluster, name)
    if saw(seen, SightKey("kube", "workload", "Node")):
        yield "Node", words_of(seen, "workload", "Node", {name}, node_words)
    if saw(seen, SightKey("bmc_requests", host=name)):
        yield "BMC writes", writes(seen, name)
        yield "BMC reads", reads(seen, name)


def saw(seen: LegView, key: SightKey) -> bool:
    """Was this watched during the leg without a gap?"""
    sight, leg = seen.world.coverage, seen.leg
    gaps = [gap for gap in sight.gaps(key) if gap.until > leg.since and gap.since < leg.until]
    return sight.began(key) and not gaps


def words_of(seen: LegView, cluster: str, kind: str, names: set[str], teller: Teller) -> tuple[TraceEntry, ...]:
    """What happened to the objects of these names."""
    found = [
        word(text, version.entry, seen.leg)
        for key in seen.world.keys(cluster, kind)
        if key.name in names
        for version, before in versions_in(seen.world.objects[key], seen.leg)
        for text in teller(change_between(kind, before, version))
    ]
    return tuple(sorted(found, key=lambda each: each.seq))


def word(text: str, entry: Entry, leg: Leg) -> TraceEntry:
    """A word of an entry."""
    return TraceEntry(text, entry.at - leg.began, entry.seq)


def events(seen: LegView, cluster: str, name: str) -> tuple[TraceEntry, ...]:
    """The reasons of the Events about a host in the leg, one for each time that they were sent."""
    found: list[TraceEntry] = []
    for key in seen.world.keys(cluster, "Event"):
        for version, before in versions_in(seen.world.objects[key], seen.leg):
            about = version.get("involvedObject") or {}
            told_now = version.alive and seen.leg.holds(version.entry) and version.change != "listed"
            repeated = before is None or version.get("count") != before.get("count")
            if (about.get("kind"), about.get("name")) == ("BareMetalHost", name) and told_now and repeated:
                found.append(word(str(version.get("reason")), version.entry, seen.leg))
    return tuple(sorted(found, key=lambda each: each.seq))


def ironic(seen: LegView, cluster: str, name: str) -> tuple[TraceEntry, ...]:
    """The changes of provision state of the host's Ironic node, and its end, also if its Ironic went away."""
    found: list[TraceEntry] = []
    known: TraceEntry | None = None
    for entry in seen.world.ironic[cluster]:
        last = found[-1].text if found else known.text if known else ""
        text = node_state(entry.fact, name, last)
        if not text or text == last:
            continue
        if seen.leg.holds(entry):
            found += [known] if known and not found and known.text not in NODELESS else []
            found.append(word(text, entry, seen.leg))
        elif entry.at <= seen.leg.since:
            known = word(text, entry, seen.leg)
    return tuple(found) or ((known,) if known and known.text not in NODELESS else ())


def node_state(fact: object, name: str, last: str) -> str:
    """The state of a host's node that this fact reports; empty if none."""
    if isinstance(fact, IronicAnswers):
        return "nobody's" if last and last not in NODELESS and not fact.up else ""
    if not isinstance(fact, IronicNode | IronicNodeGone) or fact.name.rpartition("~")[2] != name:
        return ""
    if isinstance(fact, IronicNodeGone):
        return "" if last in NODELESS else "gone"
    state = str(fact.node.get("provision_state"))
    return WAITING.get(state, state)


def asker(fact: BmcRequest, leg: Leg) -> str:
    """Who asked a BMC: the Ironic of a side, or a third party."""
    client = fact.client.partition("-")
    return f"{part(leg, client[2])} Ironic" if client[0] == "ironic" else fact.client or "third party"


def requests(seen: LegView, name: str) -> Iterator[tuple[Entry, BmcRequest]]:
    """What anybody but us asked the host's BMC in the leg."""
    for entry in seen.world.requests[name]:
        if seen.leg.holds(entry) and isinstance(entry.fact, BmcRequest) and entry.fact.client != OURS:
            yield entry, entry.fact


def writes(seen: LegView, name: str) -> tuple[TraceEntry, ...]:
    """Every request that was not a read, in order."""
    return tuple(
        word(request_word(fact, asker(fact, seen.leg)), entry, seen.leg) for entry, fact in requests(seen, name) if writing(fact)
    )


def writing(fact: BmcRequest) -> bool:
    """May the request change something?"""
    return fact.method not in ("GET", "HEAD", "OPTIONS")


def reads(seen: LegView, name: str) -> tuple[TraceEntry, ...]:
    """The classes of resources that each asker read, each once, in order of name: how often is a matter of polling."""
    first: dict[str, TraceEntry] = {}
    for entry, fact in requests(seen, name):
        if not writing(fact):
            text = f"{asker(fact, seen.leg)} reads {resource_class(fact.path)}"
            first.setdefault(text, word(text, entry, seen.leg))
    return tuple(first[text] for text in sorted(first))
