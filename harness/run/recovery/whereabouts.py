"""Where everything stands after a run that was broken off, read from both clusters and told on one screen."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from harness.journal.facts import SIDES, Body, Side
from harness.kube.absent import get_if_there, list_if_served
from harness.kube.cluster import KubeCluster
from harness.kube.errors import NotThereError
from harness.lab.model import IronicAccess, Lab
from harness.metal3 import BMO_DEPLOYMENT, PAUSED
from harness.move.broken.known import KnownMove
from harness.move.end_state import MoveEndState, classify, clusters, is_paused
from harness.move.objects import Inventory, list_movable

DEPLOYMENTS = "/apis/apps/v1/deployments"
IRONIC = "/apis/ironic.metal3.io/v1alpha1/namespaces/{namespace}/ironics/{name}"


class SideFound(NamedTuple):
    """What stands in one cluster; `ironic` and `operator` say how they run, in words."""

    inventory: Inventory
    ironic: str
    operator: str

    @property
    def hosts(self) -> dict[str, Body]:
        """The hosts, by name."""
        return {item.key.name: item.body for item in self.inventory.values() if item.key.kind == "BareMetalHost"}

    @property
    def paused(self) -> list[str]:
        """The Clusters that are paused, and the hosts."""
        held = [str(item.key) for item in clusters(self.inventory) if is_paused(item)]
        return held + [f"BareMetalHost {name}" for name, body in self.hosts.items() if is_held(body)]


class Whereabouts(NamedTuple):
    """Both clusters, and where a move stands; `end` is None where none was made."""

    sides: dict[Side, SideFound]
    end: MoveEndState | None

    @property
    def waiting(self) -> list[str]:
        """The hosts that their new owner has not taken over yet."""
        if self.end is None:
            return []
        return sorted(name for name, body in self.sides[self.end.destination].hosts.items() if not is_owned(body))


async def look(lab: Lab, connections: Mapping[str, KubeCluster], known: KnownMove | None) -> Whereabouts:
    """Look at both clusters. Raises ClusterError."""
    sides = {side: await look_at(lab, connections[side], side) for side in SIDES}
    if known is None:
        return Whereabouts(sides, None)
    here, there = (sides[side].inventory for side in (known.origin, known.destination))
    return Whereabouts(sides, classify(here, there, known.before, (known.origin, known.destination)))


async def look_at(lab: Lab, cluster: KubeCluster, side: Side) -> SideFound:
    """Look at one; one that is not there yet, or has gone as it should, holds nothing."""
    try:
        inventory = await list_movable(cluster, lab.namespace)
    except NotThereError:
        return SideFound({}, "is not there", "is not there")
    deployments = await list_if_served(cluster, DEPLOYMENTS)
    operators = [body for body in deployments if body["metadata"]["name"] == BMO_DEPLOYMENT]
    operator = replicas(operators[0]) if operators else "is not installed"
    return SideFound(inventory, await ironic_of(lab, cluster, side, deployments), operator)


async def ironic_of(lab: Lab, cluster: KubeCluster, side: Side, deployments: list[Body]) -> str:
    """How the Ironic of a side runs, in words."""
    access: IronicAccess | None = getattr(lab.ironic, side)
    if access is None or access.runs_as is None:
        return "is not told by the lab file"
    where = access.runs_as
    if where.kind == "irso":
        found = await get_if_there(cluster, IRONIC.format(namespace=where.namespace, name=where.name))
        return "runs" if found else "is not there"
    named = [body for body in deployments if place_of(body) == (where.namespace, where.name)]
    return replicas(named[0]) if named else "is not there"


def place_of(body: Body) -> tuple[str, str]:
    """Namespace and name."""
    return str(body["metadata"].get("namespace", "")), str(body["metadata"]["name"])


def replicas(deployment: Body) -> str:
    """How many of a Deployment run, in words."""
    wanted = (deployment.get("spec") or {}).get("replicas", 1)
    there = (deployment.get("status") or {}).get("availableReplicas") or 0
    if not wanted:
        return "is stopped" if not there else "is stopping"
    return "runs" if there else "is wanted, and does not run"


def is_held(host: Body) -> bool:
    """Is it paused?"""
    return PAUSED in (host["metadata"].get("annotations") or {})


def is_owned(host: Body) -> bool:
    """Has its owner taken it over: is it not paused, and has it a state?"""
    provisioning = (host.get("status") or {}).get("provisioning") or {}
    return not is_held(host) and bool(provisioning.get("state"))


def screen(found: Whereabouts, mover: str, left: list[str]) -> Iterator[str]:
    """The lines that tell it. `mover`: what became of it; `left`: what our own writes left."""
    if found.end:
        yield f"the move from {found.end.origin} to {found.end.destination} stands at: {found.end.says}"
    if mover:
        yield f"mover   {mover}"
    for side, it in found.sides.items():
        paused = f"; paused: {', '.join(it.paused)}" if it.paused else ""
        yield f"{side}  {len(clusters(it.inventory))} Clusters, {len(it.hosts)} hosts{paused}"
        yield f"        its Baremetal Operator {it.operator}, its Ironic {it.ironic}"
    yield from left
    if found.end and found.end.name == "complete":
        yield from (f"waiting for the {found.end.destination}'s Baremetal Operator: {name}" for name in found.waiting)
