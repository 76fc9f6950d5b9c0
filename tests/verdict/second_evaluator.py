"""Another judge, written from the promises' words alone: it shares no code with the first, and knows only small histories.

A history is a list of facts about a few hosts, one move and the sights on them. To each question about a host the answer is fail where
harm was seen, unknown where it could have been missed, else pass.
"""

from collections.abc import Iterable
from typing import Any

from harness.journal import facts
from harness.journal.entry import Entry

OF_ITS_VERSIONS = (
    "hosts_keep_state",
    "hosts_keep_power",
    "history_unchanged",
    "image_unchanged",
    "consumer_unchanged",
    "nothing_ordered",
)
QUESTIONS = ("bmc_untouched", *OF_ITS_VERSIONS, "nodes_untouched", "events_harmless")
HARMLESS_METHODS = ("GET", "HEAD", "OPTIONS")
WORK = ("InspectionStarted", "ProvisioningStarted", "DeprovisioningStarted", "PowerOff")
NO_WORK = ("Registered", "BMCAccessValidated")
OPERATIONS = ("inspect", "provision", "deprovision")
ORDERS = ("reboot.metal3.io", "inspect.metal3.io", "baremetalhost.metal3.io/detached")
Body = dict[str, Any]


def answers(entries: list[Entry], host: str) -> dict[str, str]:
    """fail, unknown or pass to each question about a host."""
    began = next(entry.at for entry in entries if isinstance(entry.fact, facts.MoverStarted))
    ended = move_ended(entries)
    blind = missed(entries, "kube", "", began, ended)
    found = of_versions(entries, host, began, blind=blind)
    was_reset = any(is_reset(entry.fact, host) for entry in entries if entry.at >= began)
    unheard = missed(entries, "bmc_requests", host, began, ended) or not asked_by_its_new_owner(entries, host, began)
    found["bmc_untouched"] = verdict(was_reset, unheard)
    nodes = [body for at, body in bodies(entries, "Node", f"{host}-as-node")]
    found["nodes_untouched"] = verdict(any(info(it) != info(nodes[0]) for it in nodes), blind or not nodes)
    told = [body for at, body in bodies(entries, "Event") if at > began and body["involvedObject"]["name"] == host]
    strange = any(it["reason"] not in (*WORK, *NO_WORK) for it in told)
    found["events_harmless"] = verdict(any(it["reason"] in WORK for it in told), blind or strange)
    return found


def of_versions(entries: list[Entry], host: str, began: float, *, blind: bool) -> dict[str, str]:
    """The answers to what its own versions tell: each since the move began is held beside the last one before."""
    versions = list(bodies(entries, "BareMetalHost", host))
    before = [body for at, body in versions if at < began][-1]
    later = [body for at, body in versions if at >= began]
    unknown_history = history(before) is None
    harm = {
        "hosts_keep_state": any(it["status"]["provisioning"]["state"] != "provisioned" for it in later),
        "hosts_keep_power": any(not it["status"]["poweredOn"] or not it["spec"]["online"] for it in later),
        "history_unchanged": not unknown_history and any(history(it) not in (None, history(before)) for it in later),
        "image_unchanged": any(image(it) != image(before) for it in later),
        "consumer_unchanged": any(it["spec"].get("consumerRef") != before["spec"]["consumerRef"] for it in later),
        "nothing_ordered": False,
    }
    ordered = any(orders(it) - orders(before) for it in later)
    unseen = {"history_unchanged": blind or unknown_history, "nothing_ordered": blind or ordered}
    return {name: verdict(harm[name], unseen.get(name, blind)) for name in OF_ITS_VERSIONS}


def verdict(harmed: bool, blind: bool) -> str:
    """Harm that was seen counts, whatever else was not seen."""
    return "fail" if harmed else "unknown" if blind else "pass"


def bodies(entries: Iterable[Entry], kind: str, name: str = "") -> Iterable[tuple[float, Body]]:
    """When each living version of this kind, or of this object, was seen, and what it was."""
    for entry in entries:
        fact = entry.fact
        if isinstance(fact, facts.ObjectSeen) and fact.kind == kind and name in ("", fact.name) and fact.change != "deleted":
            yield entry.at, fact.object or {}


def history(body: Body) -> list[Body | None] | None:
    """What was done to it, but for its registration; None where it tells nothing of what was done."""
    told = body["status"].get("operationHistory")
    return [told.get(name) for name in OPERATIONS] if told else None


def image(body: Body) -> Any:
    """What runs on it."""
    return body["status"]["provisioning"].get("image")


def orders(body: Body) -> set[str]:
    """The orders to its operator that it carries."""
    return {
        name
        for name, value in body["metadata"]["annotations"].items()
        if name in ORDERS and (name, value) != (ORDERS[1], "disabled")
    }


def info(node: Body) -> tuple[Any, ...]:
    """Which Node, which server, which boot and which system this is."""
    return (node["metadata"]["uid"], *(node["status"]["nodeInfo"][name] for name in ("bootID", "machineID", "systemUUID")))


def move_ended(entries: Iterable[Entry]) -> float:
    """Until when every witness is needed: no adoption is ever shown in these histories."""
    return max(entry.at for entry in entries if isinstance(entry.fact, facts.MoverEnded))


def is_reset(fact: facts.AnyFact, host: str) -> bool:
    """Was something asked of its BMC that is no mere look?"""
    return isinstance(fact, facts.BmcRequest) and fact.host == host and fact.method not in HARMLESS_METHODS


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
