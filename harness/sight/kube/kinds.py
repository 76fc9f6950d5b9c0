"""Which kinds are watched: what a pivot moves, what it stops and starts, and what tells why."""

import msgspec

from harness.metal3 import CLUSTERCTL
from harness.world.moved_objects import MOVED_KINDS


class Kind(msgspec.Struct, frozen=True):
    """A kind to watch, in the newest version that both API servers serve: in the pivot's namespace, in another one, or `everywhere`."""

    kind: str
    group: str = ""
    everywhere: bool = False
    namespace: str = ""


PIVOT_KINDS = (
    *(Kind(moved.kind, moved.group) for moved in MOVED_KINDS),
    Kind("Event"),
    Kind("Deployment", "apps", everywhere=True),
    Kind("CustomResourceDefinition", "apiextensions.k8s.io"),
    Kind("Provider", CLUSTERCTL, everywhere=True),
)
"""For the two management clusters."""

WORKLOAD_KINDS = (Kind("Node"),)
"""For the cluster whose nodes are the hosts."""
