"""Requests to BMCs: who asks, and what."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import Expected, NotApplicableError
from harness.journal.facts import BmcRequest

ROUND_TRIP_SECONDS = 0.02


class Requester(NamedTuple):
    """Who sends a request to a BMC; `words` is how a finding must name it."""

    address: str
    client: str
    agent: str
    words: str


class Request(NamedTuple):
    """One request: `POST {system}/Actions/ComputerSystem.Reset`, its body, and the status of its answer."""

    line: str
    body: Any = None
    status: int = 204


THIRD_PARTY = Requester("192.0.2.66", "", "curl/8.5.0", "192.0.2.66")


def ironic_of(draft: Draft, side: str) -> Requester:
    """The Ironic of one side, as the run's own record names it."""
    client = f"ironic-{side}"
    seen = next(
        (entry.fact for entry in draft.run.entries if isinstance(entry.fact, BmcRequest) and entry.fact.client == client), None
    )
    address, agent = (seen.address, seen.user_agent) if seen else ("192.0.2.17", "sushy/5.14.0")
    return Requester(address, client, agent, f"the Ironic of the {side}")


def paths(draft: Draft, host: str) -> dict[str, str]:
    """`system` and `manager`: the resources of this host's BMC, as the run's record shows them."""
    found: dict[str, str] = {}
    for entry in draft.run.world.requests[host]:
        path = getattr(entry.fact, "path", "")
        for name, collection in (("system", "Systems"), ("manager", "Managers")):
            seen = re.match(rf"/redfish/v1/{collection}/[^/?]+", path)
            if seen:
                found.setdefault(name, seen[0])
    if "system" not in found:
        raise NotApplicableError("a record of Redfish requests")
    return {"manager": found["system"].replace("Systems", "Managers"), **found}


def ask(draft: Draft, by: Requester, request: Request, *, at: float | None = None) -> None:
    """One request to the host's BMC."""
    host = draft.host.name
    draft.run.need("bmc_requests", host=host)
    method, _, path = request.line.partition(" ")
    at = draft.time if at is None else at
    for name, value in (paths(draft, host) if "{" in path else {}).items():
        path = path.replace("{" + name + "}", value)
    body = request.body
    fact = BmcRequest(
        host=host,
        method=method,
        path=path,
        status=request.status,
        address=by.address,
        client=by.client,
        user_agent=by.agent,
        body=body if isinstance(body, str) else "" if body is None else msgspec.json.encode(body).decode(),
    )
    draft.tell(fact, at=at, since=at - ROUND_TRIP_SECONDS)


def plant_of(
    forms: Mapping[str, Request], expects: Callable[..., Expected], *, then: Callable[[Draft], None] | None = None
) -> Callable[[Draft], Expected]:
    """The `plant` of a class that is one request of a third party to the host's BMC, in the form that was drawn.

    `then` is what the request does to the server.
    """

    def plant(draft: Draft) -> Expected:
        ask(draft, THIRD_PARTY, forms[draft.variant])
        if then:
            then(draft)
        return expects("bmc_untouched", hosts=[draft.host.name], actor=THIRD_PARTY.words)

    return plant


def twin_of(forms: Mapping[str, Request]) -> Callable[[Draft], None]:
    """The `twin` of such a class: a third party sends one of its harmless requests."""
    return lambda draft: ask(draft, THIRD_PARTY, forms[draft.variant])


def reset(draft: Draft, by: Requester, kind: str, *, status: int = 204, at: float | None = None) -> None:
    """`ComputerSystem.Reset`."""
    ask(draft, by, Request("POST {system}/Actions/ComputerSystem.Reset", {"ResetType": kind}, status), at=at)


def drop_requests(draft: Draft, host: str) -> None:
    """The record shows no request to this host's BMC at all."""
    draft.drop(lambda entry: isinstance(entry.fact, BmcRequest) and entry.fact.host == host)
