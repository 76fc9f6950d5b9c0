"""Altering Ironic's nodes in a draft: what polls of an Ironic would have shown."""

import msgspec

from harness.catalogue.planting.changes import BodyChange
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import NotApplicableError
from harness.journal.entry import FOREVER, Entry
from harness.journal.facts import Body, IronicAnswers, IronicNode, IronicNodeGone, Side

POLL_SECONDS = 0.2


def of_host(draft: Draft, entry: Entry, side: Side) -> bool:
    """Is this entry a version of the drawn host's node in one Ironic?"""
    fact = entry.fact
    names = (draft.host.name, f"{draft.host.namespace}~{draft.host.name}")
    return isinstance(fact, IronicNode) and fact.ironic == side and fact.name in names


def seen(draft: Draft, side: Side) -> list[Entry]:
    """The versions of the host's node, as the draft has them now."""
    draft.run.need("ironic", cluster=side)
    return [entry for entry in draft.entries if of_host(draft, entry, side)]


def changed(entry: Entry, change: BodyChange | None) -> IronicNode:
    """The node with a changed copy of its body; its name and uuid follow the body."""
    assert isinstance(entry.fact, IronicNode)  # noqa: S101 - only entries of nodes come here
    node: Body = msgspec.json.decode(msgspec.json.encode(entry.fact.node))
    if change:
        change(node)
    return msgspec.structs.replace(entry.fact, node=node, name=str(node.get("name") or ""), uuid=str(node["uuid"]))


def rewrite(
    draft: Draft, change: BodyChange, *, side: Side | None = None, since: float | None = None, until: float = FOREVER
) -> None:
    """BodyChange the host's node from `since` to `until`; one that is born later, from its birth on."""
    side = side or draft.run.destination
    own = seen(draft, side)
    since = draft.time if since is None else since
    if not own:
        raise NotApplicableError(f"a node of the host in the Ironic of the {side}")
    if own[0].at > since:
        until = own[0].at + (until - since)
        since = own[0].at - 1e-6
    before = next((entry for entry in reversed(own) if entry.at <= since), None)
    last = next(entry for entry in reversed(own) if entry.at <= max(until, own[0].at))
    touched = {id(entry) for entry in own if since < entry.at < until}
    draft.alter(lambda entry: changed(entry, change) if id(entry) in touched else None)
    if before is not None:
        draft.tell(changed(before, change), at=since, since=since - POLL_SECONDS)
    if until < FOREVER:
        draft.tell(changed(last, None), at=until, since=until - POLL_SECONDS)


def gone(draft: Draft, *, side: Side | None = None, at: float | None = None) -> None:
    """The host's node is in this Ironic's list no more."""
    side = side or draft.run.destination
    last = seen(draft, side)[-1].fact
    at = draft.time if at is None else at
    assert isinstance(last, IronicNode)  # noqa: S101 - seen gives only nodes
    draft.drop(lambda entry: of_host(draft, entry, side) and entry.at > at)
    draft.tell(IronicNodeGone(ironic=side, uuid=last.uuid, name=last.name), at=at, since=at - POLL_SECONDS)


def answers(draft: Draft, side: Side, *, up: bool, at: float | None = None) -> None:
    """This Ironic begins or ceases to answer."""
    draft.run.need("ironic", cluster=side)
    at = draft.time if at is None else at
    draft.tell(IronicAnswers(ironic=side, up=up, says="" if up else "connection refused"), at=at, since=at - POLL_SECONDS)


def nodes_again(draft: Draft, side: Side, *, at: float) -> None:
    """An Ironic that came back tells all of its nodes again, as they were last."""
    last: dict[str, Entry] = {}
    for entry in draft.entries:
        if isinstance(entry.fact, IronicNode) and entry.fact.ironic == side and entry.at <= at:
            last[entry.fact.uuid] = entry
    for entry in last.values():
        draft.tell(entry.fact, at=at, since=at - POLL_SECONDS)
