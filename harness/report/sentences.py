"""A sentence for an entry that changes nothing worth telling by itself, but proves something: no name of a fact, and no raw value."""

from harness.journal import facts
from harness.journal.entry import Entry
from harness.report.moments import Moment
from harness.world.coverage import SightKey
from harness.world.world import key_of

CHANGES = {"listed": "is there", "added": "appears", "modified": "changes", "deleted": "is gone"}


def describe(entry: Entry) -> Moment:
    """The moment that it is."""
    fact = entry.fact
    actor = str(getattr(fact, "cluster", "") or getattr(fact, "ironic", "") or "harness")
    host, text = sentence(fact)
    return Moment(entry.seq, entry.since, entry.at, "note", actor, text, host=host or str(getattr(fact, "host", "")))


def sentence(fact: facts.AnyFact) -> tuple[str, str]:  # noqa: C901, PLR0911 - one arm a kind of fact is the clearest dispatch
    """The host that a fact is about, where only its kind tells that, and the sentence."""
    match fact:
        case facts.ObjectSeen():
            kind = key_of(fact).kind
            host = fact.name if kind in ("BareMetalHost", "Node") else ""
            return host, f"{kind} {'' if host else f'{fact.name} '}{CHANGES[fact.change]}"
        case facts.SightBegan():
            return "", f"{seen(fact)} begins"
        case facts.SightEnded():
            return "", f"{seen(fact)} ends" + ("" if fact.complete else ", and it is not known whether all was seen")
        case facts.BmcRequest():
            asker = fact.client or fact.address or "somebody"
            return "", f"{asker} asked its BMC: {fact.method} {fact.path}, answered {fact.status}"
        case facts.BmcRead():
            return "", f"its BMC was read: power {fact.power or 'not told'}"
        case facts.IronicNode():
            return fact.name.rpartition("~")[2], f"its node is {fact.node.get('provision_state') or 'there'}"
        case facts.MoverSaid():
            return "", f"the mover said: {fact.line}"
        case facts.ApiWrite():
            return "", f"{fact.user} did {fact.verb} {fact.resource} {fact.name}"
        case facts.RunBegan():
            return "", f"the run of {fact.scenario} on {fact.lab} begins"
        case facts.WriteDone():
            return "", f"a write of ours was answered: {'done' if fact.ok else 'refused'}"
        case _:
            return "", "what was seen here did not change"


def seen(fact: facts.Sight) -> str:
    """A sight, in words."""
    return f"the {SightKey(fact.sight, fact.cluster, fact.kind, fact.host)}"
