"""Is it known that a user did it: somebody who is told by name, and who is none of the programs that keep the clusters?

Who writes a status, of whatever object, is a controller; so is whoever logs in as a service account or as a part of Kubernetes itself.
"""

from bmc.names import USER_AGENT
from harness.journal.facts import ApiWrite, ObjectSeen
from harness.world.changes.authors import (
    DELETED_SECONDS,
    DELETIONS,
    LATE_SECONDS,
    deleter,
    program,
    shown_by,
    writers_of,
    writes_of,
)
from harness.world.world import ObjectKey, Version, World, answered_once, version_at

SCALED = ("MachineDeployment", "MachineSet", "KubeadmControlPlane", "MachinePool")
"""What makes Machines, in the number of its replicas."""
PROGRAMS = ("system:serviceaccount:", "system:node:", "system:kube-", "system:apiserver")
"""How the names begin that Kubernetes gives to programs."""


@answered_once
def controllers(world: World) -> frozenset[str]:
    """The users, programs and field managers of this run that wrote a status."""
    told = [fact for entry in world.api_writes if isinstance(fact := entry.fact, ApiWrite) and fact.subresource == "status"]
    seen = [it.entry.fact for timeline in world.objects.values() for it in timeline if isinstance(it.entry.fact, ObjectSeen)]
    managers = {one.manager for fact in seen for one in fact.managers if one.subresource == "status"}
    return frozenset({name for fact in told for name in (fact.user, program(fact)) if name} | managers)


def is_user(world: World, name: str) -> bool:
    """Is this the name of somebody who is no controller?"""
    return bool(name) and not name.startswith(PROGRAMS) and name not in controllers(world)


def is_made_by_user(world: World, first: Version) -> bool:
    """Is it known that a user made the object of which this is the first version?

    The audit log tells it, by who asked for its creation; else its field managers do.
    """
    fact = shown_by(first)
    writes = [it.fact for it in writes_of(world, first, first.entry.since - LATE_SECONDS, first.entry.at)]
    written = [it for it in writes if it.verb not in DELETIONS and it.cluster == fact.cluster]
    made = [it for it in written if it.verb == "create"] or written
    if made:
        return all(is_user(world, it.user) and program(it) not in controllers(world) for it in made)
    names = {one.manager for one in writers_of(first, "")} - {USER_AGENT}
    return bool(names) and all(is_user(world, name) for name in names)


def is_deleted_by_user(world: World, version: Version) -> bool:
    """Is it known that a user, or a step of this run, deleted the object that this version shows to be gone, or on its way?"""
    if not deleter(world, version):
        return False
    writes = writes_of(world, version, version.entry.since - DELETED_SECONDS, version.entry.at + LATE_SECONDS)
    users = {it.fact.user for it in writes if it.fact.verb == "delete"}
    return all(is_user(world, user) for user in users)


def is_given_up(world: World, consumer: ObjectKey, since: float) -> bool:
    """Is it known that a user gave up, since that time (seconds), the Machine whose server a host is, by its consumer?

    He deleted the Machine, or wants fewer of them, so that a controller deletes one.
    """
    side, _, namespace, name = consumer
    own = [consumer] if consumer in world.objects else []
    for key in world.keys(side, "Machine"):
        named = (it.get("spec", "infrastructureRef", "name") == name for it in world.objects[key])
        own += [key] if key.namespace == namespace and any(named) else []
    going = [it for key in own for it in world.objects[key] if it.entry.at > since and (it.deleting or not it.alive)]
    return any(is_deleted_by_user(world, it) for it in going) or (bool(going) and is_scaled_down(world, side, namespace, since))


def is_scaled_down(world: World, side: str, namespace: str, since: float) -> bool:
    """Does anything that makes Machines there want fewer than at that time (seconds)?"""
    for key in (key for kind in SCALED for key in world.keys(side, kind) if key.namespace == namespace):
        before = version_at(world.objects[key], since)
        wanted = before.get("spec", "replicas") if before else None
        counts = [it.get("spec", "replicas") for it in world.objects[key] if it.entry.at > since]
        if isinstance(wanted, int) and any(isinstance(count, int) and count < wanted for count in counts):
            return True
    return False
