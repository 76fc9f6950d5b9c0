"""Finding the objects of the drawn host in a draft's run, each with the cure where there is none."""

from typing import Any

from harness.catalogue.planting.draft import Draft
from harness.catalogue.planting.expected import NotApplicableError
from harness.journal.facts import ObjectSeen
from harness.world.moved_objects import owner_host
from harness.world.nodes import node_timeline
from harness.world.world import ObjectKey, key_of

MOVED_KINDS = (
    "Cluster",
    "Machine",
    "MachineSet",
    "MachineDeployment",
    "Metal3Cluster",
    "Metal3Machine",
    "Metal3MachineTemplate",
    "Metal3DataTemplate",
    "Metal3DataClaim",
    "Metal3Data",
    "IPPool",
    "IPClaim",
    "IPAddress",
    "BareMetalHost",
    "HardwareData",
    "Secret",
)
"""What a move carries of a Metal3 cluster, and good runs show."""


def host_copy(draft: Draft, cluster: str | None = None) -> ObjectKey:
    """The host's BareMetalHost, in the destination unless told otherwise."""
    return ObjectKey(cluster or draft.run.destination, "BareMetalHost", draft.host.namespace, draft.host.object_name)


def own(draft: Draft, kind: str, cluster: str | None = None) -> ObjectKey:
    """The object of a kind that belongs to the drawn host, else the first of its kind that was carried."""
    place = cluster or draft.run.destination
    keys = [key.in_cluster(place) for key in draft.run.carried(kind)]
    names = set(names_of(draft))
    found = (
        [key for key in keys if key.name in names] or [key for key in keys if any(key.name.startswith(n) for n in names)] or keys
    )
    if not found:
        raise NotApplicableError(f"a {kind} that moves")
    return found[0]


def names_of(draft: Draft) -> list[str]:
    """Names that the host's objects bear: its own, its credentials', its Machine's, Metal3Machine's and what these name."""
    world, host = draft.run.world, draft.host
    spec = host.baseline.get("spec") or {}
    consumer = str((spec.get("consumerRef") or {}).get("name") or "")
    machines = [
        key.name
        for key, version in world.living(host.origin, "Machine", at=draft.run.move.since)
        if consumer and version.get("spec", "infrastructureRef", "name") == consumer
    ]
    claimed = [
        str(version.get("status", "renderedData", "name"))
        for key, version in world.living(host.origin, "Metal3DataClaim", at=draft.run.move.since)
        if key.name == consumer
    ]
    credentials = str((spec.get("bmc") or {}).get("credentialsName") or "")
    return [name for name in (host.name, credentials, consumer, *machines, *claimed) if name]


def node(draft: Draft) -> ObjectKey:
    """The host's Node in the workload cluster."""
    timeline = node_timeline(draft.run.world, draft.host)
    fact = timeline[0].entry.fact if timeline else None
    if not isinstance(fact, ObjectSeen):
        raise NotApplicableError("the host's Node")
    return key_of(fact)


def cluster(draft: Draft, place: str | None = None) -> ObjectKey:
    """The Cluster that was moved."""
    return own(draft, "Cluster", place)


def deployment(draft: Draft, name: str, place: str | None = None) -> ObjectKey:
    """A Deployment whose name contains a text."""
    place = place or draft.run.destination
    found = [key for key in draft.run.world.keys(place, "Deployment") if name in key.name]
    if not found:
        raise NotApplicableError(f"the Deployment of {name} in the {place}")
    return found[0]


def without_preflight(draft: Draft) -> None:
    """The run has no pre-flight, which would refuse a host that runs something and that nobody claims."""
    run = draft.run.world.run
    if run and any(item.check == "preflight_hosts" for item in run.expectations):
        raise NotApplicableError("a run without a pre-flight")


def hosts(draft: Draft) -> list[str]:
    """The names of all promised hosts."""
    return [host.name for host in draft.run.hosts]


def whose(draft: Draft, key: ObjectKey) -> dict[str, Any]:
    """What a finding about this object must name: its host, where it is a promised host's own; else the run, or whom it concerns."""
    owner = owner_host(draft.run.world, key)
    return {"hosts": (owner,)} if owner in hosts(draft) else {"anywhere": True}
