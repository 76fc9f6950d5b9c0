"""A host's Machine, and its Node in the workload cluster: which they are, and what became of the Node."""

from collections import defaultdict

from harness.metal3 import CAPI
from harness.world.changes.objects import conditions
from harness.world.hosts import Host
from harness.world.world import ObjectKey, Timeline, Version, World, answered_once, version_at

HOST_PARTS = 4
"""So many parts of a providerID, between its slashes, name the host."""
_INFO = ("status", "nodeInfo")
KEPT = {
    "uid": (("metadata", "uid"), "the Node was made anew"),
    "bootID": ((*_INFO, "bootID"), "the server booted"),
    "machineID": ((*_INFO, "machineID"), "it runs another image"),
    "systemUUID": ((*_INFO, "systemUUID"), "it is another server"),
    "providerID": (("spec", "providerID"), "it names another host"),
}
"""What a Node keeps as long as its server runs on: name -> path, and what another value means."""
BELONGS = ("machine", "cluster-name", "cluster-namespace")
"""By the end of an annotation of Cluster API's: whose Node it is."""
FREE_INFO = ("kubeletVersion", "kubeProxyVersion", "containerRuntimeVersion", "swap")
"""What may be renewed without a boot."""


def node_baseline(timeline: Timeline, host: Host) -> Version | None:
    """The Node at the host's baseline, or its first version after that if the server had not booted yet.

    A host is `provisioned` before its server has come up, so that its Node may come later, but not after the promise was made.
    """
    then = version_at(timeline, host.begins) or (timeline[0] if timeline else None)
    if then is None or is_booted(then):
        return then
    return next((version for version in timeline if then.entry.at <= version.entry.at <= host.since and is_booted(version)), then)


def is_booted(version: Version) -> bool:
    """Does the Node tell which boot it is of?"""
    return bool(version.get("status", "nodeInfo", "bootID"))


@answered_once
def node_timeline(world: World, host: Host) -> Timeline:
    """The Node whose providerID names the host; else the Node that its Machine names."""
    own = provided(world).get(("metal3:", "", host.namespace, host.object_name))
    if own:
        return world.objects[own]
    machine = machine_timeline(world, host, host.origin)
    name = machine and machine[-1].get("status", "nodeRef", "name")
    return world.timeline("workload", "Node", "", str(name)) if name else []


@answered_once
def provided(world: World) -> dict[tuple[str, ...], ObjectKey]:
    """The first Node whose providerID ever named a host (`metal3://namespace/name/...`), by the parts of that name."""
    found: dict[tuple[str, ...], ObjectKey] = {}
    for key in world.keys("workload", "Node"):
        for version in world.objects[key]:
            parts = str(version.get("spec", "providerID") or "").split("/")
            if len(parts) > HOST_PARTS:
                found.setdefault(tuple(parts[:HOST_PARTS]), key)
    return found


@answered_once
def machine_keys(world: World, cluster: str) -> dict[tuple[str, str], list[ObjectKey]]:
    """The Machines of a cluster that ever named an infrastructure, by their namespace and its name."""
    found: dict[tuple[str, str], dict[ObjectKey, None]] = defaultdict(dict)
    for key in world.keys(cluster, "Machine"):
        for version in world.objects[key]:
            found[key.namespace, str(version.get("spec", "infrastructureRef", "name"))][key] = None
    return {place: list(keys) for place, keys in found.items()}


@answered_once
def machine_timeline(world: World, host: Host, cluster: str) -> Timeline:
    """The versions, while the promise held, of the Machine in a cluster whose infrastructure is the host's consumer."""
    consumer = host.baseline.get("spec", "consumerRef", "name")
    for key in machine_keys(world, cluster).get((host.namespace, str(consumer)), ()) if consumer else ():
        held = [it for it in world.objects[key] if it.entry.at <= host.until]
        if held and held[-1].get("spec", "infrastructureRef", "name") == consumer:
            return held
    return []


def node_change(before: Version, after: Version) -> str:
    """What became of the Node, in words; empty where it is the same."""
    if not after.alive:
        return "its Node was deleted"
    if after.deleting and not before.deleting:
        return "its Node is marked for deletion"
    return next((f"{name} of its Node changed: {KEPT[name][1]}" for name in changed(before, after)), "")


def changed(before: Version, after: Version) -> list[str]:
    """The names of what a Node has to keep and tells otherwise; empty as well where it was deleted."""
    # Hexadecimal names are written in either case, by one kubelet and the next.
    values = [(name, before.get(*path), after.get(*path)) for name, (path, _) in KEPT.items()]
    return [name for name, old, new in values if after.alive and old and new and str(old).lower() != str(new).lower()]


def another_owner(before: Version, version: Version, machine: str) -> str:
    """Whose Node this version says that it is, where that is somebody else's than before, or than that of the Machine that names it.

    A Node without such an annotation belongs to whoever names it.
    """
    known = {"machine": machine} | {name: told for name in BELONGS if (told := before.annotations.get(f"{CAPI}/{name}"))}
    for name, mine in known.items():
        now = version.annotations.get(f"{CAPI}/{name}")
        if mine and now and now != mine:
            return f"its Node says that it is of {name} {now}, not of {mine}"
    return ""


def tells_owner(version: Version) -> bool:
    """Does this version of a Node say of which Machine it is?"""
    return bool(version.annotations.get(f"{CAPI}/machine"))


def evictions(before: Version, version: Version) -> list[str]:
    """What drives all work from this Node that did not before; of a Node that is not ready its cluster does so by itself."""
    old, new = (
        {str(one.get("key")) for one in told if isinstance(one, dict) and one.get("effect") == "NoExecute"}
        for told in (it.get("spec", "taints") or [] for it in (before, version))
    )
    return sorted(new - old) if is_ready(version) is not False else []


def lost_addresses(before: Version, version: Version) -> list[str]:
    """The addresses of its server that the Node does not tell any more; more may have come."""
    old, new = (
        {str(one.get("address")) for one in told if isinstance(one, dict) and one.get("type") == "InternalIP"}
        for told in (it.get("status", "addresses") or [] for it in (before, version))
    )
    return sorted(old - new)


def contradiction(before: Version, after: Version) -> str:
    """What a Node tells that cannot be true beside its boot, or does not tell any more; empty where all agrees."""
    for name, (path, _) in KEPT.items():
        if before.get(*path) and not after.get(*path):
            return f"its Node does not tell its {name} any more"
    old, new = (version.get("status", "nodeInfo") or {} for version in (before, after))
    for name in sorted(old):
        if name not in FREE_INFO and str(new.get(name)).lower() != str(old[name]).lower():
            return f"{name} of its Node changed from {old[name]} to {new.get(name)}, with the same boot"
    return ""


def is_ready(version: Version) -> bool | None:
    """Is the Node ready? None where it does not say."""
    state = conditions(version).get("Ready")
    return state.status == "True" if state else None
