"""Delete a Cluster with all that is left of it, workers and control plane too, and wait until its servers are free again.

Done when every host that it had is available, cleaned and powered as asked, and nothing of the Cluster is there any more; what the lab
file's `manifests` had brought besides, as templates and pools, is deleted then. The hosts stay. What upstream leaves on them is told. A
deletion cannot be undone.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from harness.bench.bench import Bench, step_error
from harness.errors import StepFailedError, UndoError, UsageError
from harness.journal.facts import SIDES, IronicNode, IronicNodeGone, ObjectSeen, Side
from harness.kube.absent import get_if_there
from harness.kube.errors import ClusterError
from harness.lab.discovery import forget_kubeconfig, holds, text_of
from harness.lab.manifests import Manifest, manifests_of
from harness.lab.undo import Undo, UndoAccess
from harness.metal3 import BLOCK_MOVE, CLUSTER_NAME, CONTROL_PLANE
from harness.steps import settle
from harness.steps.provision import path_of, unrest
from harness.world.ironic.told import about
from harness.world.world import ObjectKey, Version, World

DEPROVISION_SECONDS = 3000.0
"""Each server is cleaned by an agent that boots on it.

Shorter than the limit of a step, so that the message names what is left.
"""
MADE = ("Machine", "Metal3Machine", "Metal3Data", "Metal3DataClaim", "IPClaim", "IPAddress")
"""What goes with a Machine."""
OF_A_CLUSTER = ("Cluster", "Metal3Cluster", "KubeadmControlPlane", "MachineDeployment", "MachineSet", *MADE)
FIELDS = ("userData", "metaData", "networkData")
"""What a host keeps of the Machine that it ran, by upstream's own doing."""

Part = Literal["worker", "control_plane", "cluster"]
Found = tuple[ObjectKey, Version]


class MadeAgain(Undo, frozen=True, kw_only=True, tag="made-again"):
    """What was deleted is not there any more; that cannot be taken back."""

    what: str

    @property
    def touches_no_owner(self) -> bool:
        """It is told at any time, and nothing is done."""
        return True

    async def undo(self, access: UndoAccess) -> None:
        """Say so."""
        del access
        raise UndoError(f"{self.what} was being deleted when the run ended, and cannot be brought back; provision it again")


async def step(bench: Bench, *, cluster: Side = "source") -> str:
    """Delete it in the cluster that has it."""
    said = await deprovision(bench, cluster, "cluster")
    for manifest in manifests_of(bench.lab):
        if manifest.kind not in ("BareMetalHost", "Cluster"):
            await sweep(bench, cluster, manifest)
    return said


async def deprovision(bench: Bench, side: Side, part: Part) -> str:
    """Delete what makes this part, wait for its end, and tell what stays on the hosts. UsageError where there is no such part."""
    name = cluster_name(bench.world, side)
    makers = list(made_by_user(bench.world, side, name, part))
    if not makers:
        raise UsageError(f"Cluster {name} has no {WORDS[part]} in the {side}, or none any more; this stage is done already")
    if part == "control_plane" and (workers := [key.name for key, _ in made_by_user(bench.world, side, name, "worker")]):
        cure = "`deprovision_worker` comes first; `deprovision_cluster` takes all with it"
        raise UsageError(f"Cluster {name} still has its workers ({', '.join(workers)}); {cure}")
    hosts = [key for key, version in bench.world.living(side, "BareMetalHost") if is_of(bench.world, side, version, part)]
    ending = [] if part == "worker" else await seen_off(bench, side, name)
    writes = [await delete(bench, side, *found) for found in makers]

    def left(world: World) -> Iterator[str]:
        return still_there(world, side, name, part, hosts)

    try:
        await bench.until(lambda world: not any(left(world)), DEPROVISION_SECONDS, "every server to be free again")
    except StepFailedError as error:
        raise StepFailedError(f"{error}: {'; '.join(left(bench.world))}") from None
    for write in writes:
        bench.undone(write, "it is gone, as was wanted")
    for each in ending:
        forget_kubeconfig(each.path, each.text)
    await settle.pause(bench, bench.journal.now(), 0.0)
    return "; ".join(kept(bench.world, side, hosts))


class OwnKubeconfig(NamedTuple):
    """A file that appeared with a cluster, and the text of the kubeconfig that goes with it."""

    path: Path
    text: str


async def seen_off(bench: Bench, side: Side, name: str) -> list[OwnKubeconfig]:
    """Look a last time at the clusters whose API server ends with this Cluster's control plane; the kubeconfigs that came with them.

    UsageError, with nothing touched, where that is the cluster in which it would be deleted.
    """
    text = await bench.ask(text_of(bench.clusters[side], bench.namespace, name))
    own = [each for each in bench.clusters if is_own(bench, side, each, name, text)]
    if side in own:
        cure = f"it would end with its own control plane; move it to the {SIDES[1 - SIDES.index(side)]} first"
        raise UsageError(f"the {side} is Cluster {name} itself, and cannot deprovision itself: {cure}")
    for each in own:
        await bench.see_off(each, f"the control plane of Cluster {name} is deprovisioned now, and this API server ends with it")
    return [OwnKubeconfig(bench.clusters[each].place.kubeconfig, text) for each in own]


def is_own(bench: Bench, side: Side, cluster: str, name: str, text: str) -> bool:
    """Does this cluster's API server run on the control plane of that Cluster?"""
    place = bench.clusters[cluster].place
    endpoints = [
        version.get("spec", "controlPlaneEndpoint") or {}
        for key, version in bench.world.living(side, "Cluster")
        if key.name == name
    ]
    named = [f"{each.get('host')}:{each.get('port')}" for each in endpoints]
    return place.address.partition("://")[2] in named or holds(place.kubeconfig, text)


WORDS = {"worker": "workers", "control_plane": "control plane", "cluster": "parts"}


def cluster_name(world: World, side: Side) -> str:
    """The one Cluster of this side. UsageError where there is none, or more than one."""
    names = [key.name for key, _ in world.living(side, "Cluster")]
    if len(names) == 1:
        return names[0]
    if names:
        raise UsageError(
            f"the {side} has the Clusters {', '.join(names)}, and which of them is meant nobody tells; delete it by hand"
        )
    other = SIDES[1 - SIDES.index(side)]
    elsewhere = [key.name for key, _ in world.living(other, "Cluster")]
    cure = (
        f"it is in the {other} ({', '.join(elsewhere)}): move it back first, or name that cluster"
        if elsewhere
        else "it is gone already"
    )
    raise UsageError(f"there is no Cluster in the {side} that could be deprovisioned; {cure}")


def made_by_user(world: World, side: Side, name: str, part: Part) -> Iterator[Found]:
    """What a user deletes to be rid of this part."""
    if part == "cluster":
        yield from ((key, version) for key, version in world.living(side, "Cluster") if not version.deleting)
        return
    makers = ("KubeadmControlPlane",) if part == "control_plane" else ("MachineDeployment", "MachineSet")
    for kind in (*makers, "Machine"):
        for key, version in world.living(side, kind):
            alone = not any(owner.get("kind") in OWNERS for owner in version.metadata.get("ownerReferences") or [])
            if alone and not version.deleting and role(version, kind) == part and belongs(version, name):
                yield key, version


OWNERS = ("MachineDeployment", "MachineSet", "KubeadmControlPlane")


def role(version: Version, kind: str) -> Part:
    """Is it, or does it make, control plane or workers?"""
    return "control_plane" if kind == "KubeadmControlPlane" or CONTROL_PLANE in version.labels else "worker"


def belongs(version: Version, name: str) -> bool:
    """Is it of the Cluster of this name?"""
    return name in (version.get("spec", "clusterName"), version.labels.get(CLUSTER_NAME))


def is_of(world: World, side: Side, host: Version, part: Part) -> bool:
    """Does a Machine of this part run on the host?"""
    consumer = host.get("spec", "consumerRef", "name")
    machines = (version for _, version in world.living(side, "Machine"))
    mine = [it for it in machines if consumer and it.get("spec", "infrastructureRef", "name") == consumer]
    return bool(mine) and part in ("cluster", role(mine[0], "Machine"))


async def delete(bench: Bench, side: Side, key: ObjectKey, version: Version) -> str:
    """Delete one object; the write's name. What cannot be undone is told by `harness recover` while it goes on."""
    fact = version.entry.fact
    api = fact.api_version if isinstance(fact, ObjectSeen) else ""
    group, _, number = (api or str(version.get("apiVersion") or "")).rpartition("/")
    manifest = Manifest(group, number, key.kind.partition(".")[0], key.namespace, key.name, {})
    path = await path_of(bench, side, manifest)
    async with bench.writing(f"cluster {side}", f"delete {manifest}", undo=MadeAgain(what=str(manifest))) as write:
        await bench.ask(bench.clusters[side].delete(path))
    return write


async def sweep(bench: Bench, side: Side, manifest: Manifest) -> None:
    """Delete what was applied and went with nobody, but for the credentials of a host that stays."""
    path = await path_of(bench, side, manifest)
    try:
        found = await get_if_there(bench.clusters[side], path)
    except ClusterError as error:
        raise step_error(error) from error
    owners = [each.get("kind") for each in (found or {}).get("metadata", {}).get("ownerReferences") or []]
    if found is None or "BareMetalHost" in owners:
        return
    async with bench.writing(f"cluster {side}", f"delete {manifest}"):
        await bench.ask(bench.clusters[side].delete(path))


def still_there(world: World, side: Side, name: str, part: Part, hosts: list[ObjectKey]) -> Iterator[str]:
    """What is not over yet, one text each."""
    for kind in OF_A_CLUSTER if part == "cluster" else ("Machine",):
        for key, version in world.living(side, kind):
            if part == "cluster" or (role(version, kind) == part and belongs(version, name)):
                yield f"{kind} {key.name} is still there"
    for key in hosts:
        host = world.last(side, "BareMetalHost", key.namespace, key.name)
        if host is None:
            yield f"host {key.name} is gone, and should have stayed"
        elif host.get("spec", "consumerRef") or host.get("status", "provisioning", "image", "url"):
            yield f"host {key.name} is `{host.get('status', 'provisioning', 'state')}`, and not free yet"
        elif wrong := unrest(host):
            yield f"host {key.name} is {wrong}"
        elif (state := node_state(world, side, host)) not in ("available", ""):
            yield f"the node of host {key.name} in the Ironic of the {side} is `{state}`"


def node_state(world: World, side: Side, host: Version) -> str:
    """What that side's Ironic last told of the host's node; empty where it told nothing."""
    uuid = str(host.get("status", "provisioning", "ID") or "")
    last = next((entry.fact for entry in reversed(list(about(world, side, uuids=(uuid,))))), None)
    if isinstance(last, IronicNodeGone):
        return "gone"
    return str(last.node.get("provision_state") or "") if isinstance(last, IronicNode) else ""


def kept(world: World, side: Side, hosts: list[ObjectKey]) -> Iterator[str]:
    """What released hosts keep of their Machine, and would bring into the next move."""
    for key in hosts:
        host = world.last(side, "BareMetalHost", key.namespace, key.name)
        stays = [field for field in FIELDS if host and host.get("spec", field)]
        stays += [BLOCK_MOVE] if host and BLOCK_MOVE in host.annotations else []
        if stays:
            yield f"{key.name} keeps {', '.join(stays)}, as upstream leaves it"
