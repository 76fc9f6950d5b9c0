"""Altering the objects of a draft: what the API servers' watches would have shown."""

from typing import NamedTuple

import msgspec

from harness.catalogue.planting.changes import BodyChange, marked_for_deletion, put
from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import NotApplicableError
from harness.journal.entry import FOREVER, Entry
from harness.journal.facts import AnyFact, ApiWrite, Body, ClusterName, FieldManager, ObjectSeen
from harness.world.world import ObjectKey, dig, key_of

LATENESS_SECONDS = 0.02
_PLURALS = {"HardwareData": "hardwaredata", "IPAddress": "ipaddresses", "HostFirmwareSettings": "hostfirmwaresettings"}


class Writer(NamedTuple):
    """Somebody who writes to a cluster: the user, and the program as it calls itself."""

    user: str
    agent: str

    @property
    def manager(self) -> str:
        """The field manager that an API server makes of the program's name."""
        return self.agent.partition("/")[0]


CLUSTERCTL = Writer("clusterctl", "clusterctl/v1.14.2 (linux/amd64)")
USER = Writer("kubernetes-admin", "kubectl/v1.36.3 (linux/amd64)")
BMO = Writer("bmo", "bmo/v0.0.0 (linux/amd64) kubernetes/$Format")
CAPM3 = Writer("capm3", "cluster-api-provider-metal3-manager")
CAPI = Writer("capi", "capi-core/v1.14.2 cluster-api-controller-manager (linux/amd64)")
IPAM = Writer("ipam", "ipam/v0.0.0 (linux/amd64) kubernetes/$Format")


def actor(draft: Draft, writer: Writer, *, deletes: bool = False) -> str:
    """The user's name where the run has an audit log, else the field manager's where managedFields were told; else empty.

    No object tells who `deletes` it.
    """
    if draft.run.sees("audit"):
        return writer.user
    return f"field manager {writer.manager}" if draft.run.tells_managers and not deletes else ""


# --- timelines -----------------------------------------------------------------------------------------------------------


def is_of(entry: Entry, key: ObjectKey) -> bool:
    """Is this entry a version of that object?"""
    fact = entry.fact
    return isinstance(fact, ObjectSeen) and key_of(fact) == key


def versions(draft: Draft, key: ObjectKey) -> list[Entry]:
    """The entries of an object, as the draft has them now."""
    return [entry for entry in draft.entries if is_of(entry, key)]


def exists(entry: Entry | None) -> bool:
    """Is there an object after this entry?"""
    return entry is not None and isinstance(entry.fact, ObjectSeen) and entry.fact.change != "deleted"


def changed(fact: AnyFact, change: BodyChange | None, *, bump: bool = True) -> ObjectSeen:
    """The fact with a changed copy of its body; `bump` gives it a version of its own."""
    assert isinstance(fact, ObjectSeen)  # noqa: S101 - only entries of objects come here
    body: Body = msgspec.json.decode(msgspec.json.encode(fact.object or {}))
    if change:
        change(body)
    number = str(int(fact.resource_version) + 1) if bump and fact.resource_version.isdigit() else fact.resource_version
    metadata = body.setdefault("metadata", {})
    metadata["resourceVersion"] = number
    uid = str(metadata.get("uid") or fact.uid)
    kind = "modified" if bump else fact.change
    made = msgspec.structs.replace(fact, object=body, resource_version=number, change=kind, uid=uid, inferred=False, digest="")
    return msgspec.structs.replace(made, managers=[]) if bump else made


def signed(draft: Draft, fact: ObjectSeen, by: Writer | None, *, status: bool = False) -> ObjectSeen:
    """The fact with its writer as managedFields would tell it, if the run was told of any."""
    if by is None or not draft.run.tells_managers:
        return fact
    part = "status" if status else ""
    return msgspec.structs.replace(fact, managers=[FieldManager(manager=by.manager, operation="Update", subresource=part)])


def rewrite(  # noqa: PLR0913 - what is changed, from when to when, by whom
    draft: Draft,
    key: ObjectKey,
    change: BodyChange,
    *,
    since: float | None = None,
    until: float = FOREVER,
    by: Writer | None = None,
) -> None:
    """BodyChange an object from `since` (default: the draft's time) to `until`; one that is born later, from its birth on and as long.

    A `since` before the run means from its first version on, whenever that was.
    """
    own = versions(draft, key)
    since = draft.time if since is None else since
    if not own or (own[-1].at <= since and not exists(own[-1])):
        raise NotApplicableError(f"a {key.kind} in the {key.cluster} at that time")
    if own[0].at > since:
        until = max(until, own[0].at + (until - since)) if since >= 0 and until < FOREVER else until
        since = own[0].at - 1e-6
    before = next((entry for entry in reversed(own) if entry.at <= since), None)
    last = next(entry for entry in reversed(own) if entry.at <= until)
    touched = {id(entry) for entry in own if since < entry.at < until}
    draft.alter(lambda entry: changed(entry.fact, change, bump=False) if id(entry) in touched else None)
    if before is not None and exists(before):
        status = isinstance(before.fact, ObjectSeen) and touches_status(before.fact, change)
        tell(draft, signed(draft, changed(before.fact, change), by, status=status), at=since)
    if until < FOREVER and exists(last):
        tell(draft, changed(last.fact, None), at=until)


def write(draft: Draft, key: ObjectKey, change: BodyChange, by: Writer, *, until: float = FOREVER) -> None:
    """Somebody changes an object, from the draft's time to `until`: also a line of the audit log."""
    before = next((entry.fact for entry in reversed(versions(draft, key)) if entry.at <= draft.time), None)
    status = isinstance(before, ObjectSeen) and touches_status(before, change)
    rewrite(draft, key, change, until=until, by=by)
    audit(draft, key, by, "patch status" if status else "patch")


def touches_status(fact: ObjectSeen, change: BodyChange) -> bool:
    """Does this change write the status, and nothing but the status?"""
    before, after = fact.object or {}, changed(fact, change, bump=False).object or {}
    return [name for name in before | after if before.get(name) != after.get(name)] == ["status"]


def tell(draft: Draft, fact: ObjectSeen, *, at: float) -> None:
    """Add a version of an object, as late as a watch may be."""
    draft.tell(fact, at=at, since=at - LATENESS_SECONDS)


def audit(draft: Draft, key: ObjectKey, writer: Writer, verb: str, *, at: float | None = None) -> None:
    """Add the line of the audit log of one write (`patch`, `patch status`, ...), if the run has one."""
    if not draft.run.sees("audit"):
        return
    cluster: ClusterName = "source" if key.cluster == "source" else "target" if key.cluster == "target" else "workload"
    draft.tell(
        ApiWrite(
            cluster=cluster,
            user=writer.user,
            user_agent=writer.agent,
            verb=verb.partition(" ")[0],
            resource=_PLURALS.get(key.kind, key.kind.lower() + "s"),
            name=key.name,
            namespace=key.namespace,
            subresource=verb.partition(" ")[2],
            code=200,
        ),
        at=draft.time if at is None else at,
    )


def lose(draft: Draft, key: ObjectKey) -> None:
    """The object never came into this cluster."""
    if not versions(draft, key):
        raise NotApplicableError(f"a {key.kind} in the {key.cluster}")
    draft.drop(lambda entry: is_of(entry, key))


def delete(draft: Draft, key: ObjectKey, *, at: float | None = None, by: Writer | None = None) -> None:
    """The object is deleted for good."""
    at = max(draft.time if at is None else at, versions(draft, key)[0].at + 1e-6) if versions(draft, key) else draft.time
    before = next((entry for entry in reversed(versions(draft, key)) if entry.at <= at), None)
    if before is None or not exists(before):
        raise NotApplicableError(f"a {key.kind} in the {key.cluster} at that time")
    draft.drop(lambda entry: is_of(entry, key) and entry.at > at)
    going = changed(before.fact, marked_for_deletion(draft, at))
    tell(draft, going, at=at)
    tell(draft, msgspec.structs.replace(going, change="deleted"), at=at + LATENESS_SECONDS)
    if by:
        audit(draft, key, by, "delete", at=at)


def delay_deletion(draft: Draft, key: ObjectKey, seconds: float = 0.0, *, to: float = 0.0) -> None:
    """The object's deletion is told some seconds later, but not after the run's end, or at the time `to`."""
    gone = versions(draft, key)[-1]
    draft.drop(lambda entry: entry is gone)
    draft.tell(gone.fact, at=to or min(gone.at + seconds, draft.run.ends), since=gone.since)


def make_anew(draft: Draft, key: ObjectKey, *, by: Writer | None = None) -> None:
    """The object is deleted, and made anew with the same content: only its uid differs from then on."""
    own = versions(draft, key)
    at = max(draft.time, own[0].at + 1e-6) if own else draft.time
    before = next((entry for entry in reversed(own) if entry.at <= at), None)
    later = [entry for entry in own if entry.at > at]
    if before is None or not exists(before):
        raise NotApplicableError(f"a {key.kind} in the {key.cluster} at that time")
    delete(draft, key, at=at, by=by)
    renewed = put("metadata", "uid", value="00000000-0000-4000-8000-00000000beef")
    tell(draft, msgspec.structs.replace(changed(before.fact, renewed), change="added"), at=at + 3 * LATENESS_SECONDS)
    for entry in later:
        tell(draft, changed(entry.fact, renewed, bump=False), at=max(entry.at, at + 4 * LATENESS_SECONDS))


def add(  # noqa: PLR0913 - what appears, when, how, by whom
    draft: Draft, key: ObjectKey, body: Body, *, at: float | None = None, listed: bool = False, by: Writer | None = None
) -> None:
    """A new object appears (or was there when watching began: `listed`); where it is told who made it, also in the audit log."""
    at = draft.time if at is None else at
    metadata = {"name": key.name, "uid": f"new-{key.kind}-{key.name}", "resourceVersion": "999999", **body.get("metadata", {})}
    if key.namespace:
        metadata["namespace"] = key.namespace
    cluster: ClusterName = "source" if key.cluster == "source" else "target" if key.cluster == "target" else "workload"
    bare = key.kind.partition(".")[0]
    fact = ObjectSeen(
        cluster=cluster,
        change="listed" if listed else "added",
        kind=bare,
        name=key.name,
        uid=metadata["uid"],
        resource_version="999999",
        api_version=str(body.get("apiVersion") or ""),
        namespace=key.namespace,
        object={"kind": bare, **body, "metadata": metadata},
    )
    tell(draft, signed(draft, fact, by), at=at)
    if by:
        audit(draft, key, by, "create", at=at)


def leave_behind(draft: Draft, key: ObjectKey, *, terminating: bool = False) -> None:
    """The object is never deleted from the origin, or hangs there, marked for deletion."""
    own = versions(draft, key)
    if not own:
        raise NotApplicableError(f"a {key.kind} in the {key.cluster}")
    going = {
        id(entry)
        for entry in own
        if isinstance(entry.fact, ObjectSeen)
        and (entry.fact.change == "deleted" or (not terminating and dig(entry.fact.object, "metadata", "deletionTimestamp")))
    }
    draft.drop(lambda entry: id(entry) in going)


def event(draft: Draft, reason: str, message: str, *, cluster: ClusterName | None = None, warning: bool = False) -> None:
    """An Event of the Baremetal Operator about the host, if the run watches Events."""
    cluster = cluster or draft.run.destination
    if not draft.run.sees("kube", cluster=cluster, kind="Event"):
        return
    host = draft.host
    involved = {"apiVersion": "metal3.io/v1alpha1", "kind": "BareMetalHost", "name": host.name, "namespace": host.namespace}
    body = {
        "apiVersion": "v1",
        "involvedObject": involved,
        "reason": reason,
        "message": message,
        "type": "Warning" if warning else "Normal",
        "source": {"component": "metal3-baremetal-controller"},
    }
    add(draft, ObjectKey(cluster, "Event", host.namespace, f"{reason}-{draft.random.randrange(10**5):05}"), body)


def owned_here(draft: Draft, metadata: Body) -> Body:
    """Metadata whose owners are the destination's: a mover writes their uids anew."""
    run = draft.run
    renewed = []
    for owner in metadata.get("ownerReferences") or []:
        own = run.world.timeline(run.destination, str(owner.get("kind")), draft.host.namespace, str(owner.get("name")))
        renewed.append({**owner, "uid": own[0].metadata.get("uid") if own else owner.get("uid")})
    return {**metadata, "ownerReferences": renewed} if renewed else metadata


def carry(draft: Draft, kind: str, name: str, body: Body, *, arrives: bool = True) -> tuple[ObjectKey, ObjectKey]:
    """An object that was there before the move, and is carried by it (or left, where it never `arrives`): its keys in both clusters."""
    run = draft.run
    there, here = (ObjectKey(side, kind, draft.host.namespace, name) for side in (run.origin, run.destination))
    add(draft, there, body, at=run.interval("before", draft.host)[0], listed=True)
    if arrives:
        uid = {"metadata": {**owned_here(draft, body.get("metadata") or {}), "uid": f"copy-{kind}-{name}"}}
        add(draft, here, {**body, **uid}, at=sum(run.interval("creating", draft.host)) / 2)
        delete(draft, there, at=sum(run.interval("deleting", draft.host)) / 2)
    return there, here
