"""Another judge, written from the promise's words alone: it shares no code with the first, and knows only small histories.

A history is a list of facts about a few hosts, one move and the sights on them. Three questions are answered of each host: was its
server reset, did its state stay, did its power stay? Each answer is fail where harm was seen, unknown where it could have been missed.
"""

from collections.abc import Iterable

from harness.journal import facts
from harness.journal.entry import Entry

QUESTIONS = ("bmc_untouched", "hosts_keep_state", "hosts_keep_power")
HARMLESS_METHODS = ("GET", "HEAD", "OPTIONS")


def answers(entries: list[Entry], host: str) -> dict[str, str]:
    """fail, unknown or pass to each question about a host."""
    began = next(entry.at for entry in entries if isinstance(entry.fact, facts.MoverStarted))
    ended = move_ended(entries)
    harm = {
        "bmc_untouched": any(is_reset(entry.fact, host) for entry in entries if entry.at >= began),
        "hosts_keep_state": any(state(entry.fact, host) not in (None, "provisioned") for entry in entries if entry.at >= began),
        "hosts_keep_power": any(powered(entry.fact, host) is False for entry in entries if entry.at >= began),
    }
    blind = {
        "bmc_untouched": missed(entries, "bmc_requests", host, began, ended) or not asked_by_its_new_owner(entries, host, began),
        "hosts_keep_state": missed(entries, "kube", "", began, ended),
        "hosts_keep_power": missed(entries, "kube", "", began, ended),
    }
    return {name: "fail" if harm[name] else "unknown" if blind[name] else "pass" for name in QUESTIONS}


def move_ended(entries: Iterable[Entry]) -> float:
    """Until when every witness is needed: no adoption is ever shown in these histories."""
    return max(entry.at for entry in entries if isinstance(entry.fact, facts.MoverEnded))


def is_reset(fact: facts.AnyFact, host: str) -> bool:
    """Was something asked of its BMC that is no mere look?"""
    return isinstance(fact, facts.BmcRequest) and fact.host == host and fact.method not in HARMLESS_METHODS


def state(fact: facts.AnyFact, host: str) -> str | None:
    """The provisioning state that this version of the host shows; None where it is no living version of it."""
    if not isinstance(fact, facts.ObjectSeen) or (fact.kind, fact.name) != ("BareMetalHost", host) or fact.change == "deleted":
        return None
    return (fact.object or {})["status"].get("provisioning", {}).get("state") or None


def powered(fact: facts.AnyFact, host: str) -> bool | None:
    """Is it powered on in this version? None where it does not say."""
    return (fact.object or {})["status"].get("poweredOn") if state(fact, host) and isinstance(fact, facts.ObjectSeen) else None


def missed(entries: list[Entry], sight: str, host: str, needed_from: float, needed_until: float) -> bool:
    """Was there a moment, as long as it was needed, at which nobody looked? A look that never came to a good end is none."""
    own = [it for it in entries if isinstance(it.fact, facts.Sight) and (it.fact.sight, it.fact.host) == (sight, host)]
    begins = [entry.at for entry in own if isinstance(entry.fact, facts.SightBegan)]
    if not begins or begins[0] > needed_from:
        return True
    if any(isinstance(entry.fact, facts.SightLost) for entry in own):
        return True
    ends = [entry for entry in own if isinstance(entry.fact, facts.SightEnded)]
    return not ends or not getattr(ends[-1].fact, "complete", False) or ends[-1].at < needed_until


def asked_by_its_new_owner(entries: Iterable[Entry], host: str, began: float) -> bool:
    """Does the record show that the target's Ironic asked for this server at all? Else it is a record of something else.

    A record that names no Ironic anywhere cannot tell who asked, so there anybody's request to the server will do.
    """
    requests = [(entry.at, entry.fact) for entry in entries if isinstance(entry.fact, facts.BmcRequest)]
    names_ironics = any(fact.client.startswith("ironic-") for _, fact in requests)
    own = [fact for at, fact in requests if at >= began and fact.host == host]
    return any(fact.client == "ironic-target" or not names_ironics for fact in own)
