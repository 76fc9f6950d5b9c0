"""Which kinds are watched from the beginning: what a pivot moves, what it stops and starts, and what tells why."""

import msgspec

from harness.world.moved_kinds import BESIDE, MOVED_KINDS, kind_name


class Kind(msgspec.Struct, frozen=True):
    """A kind to watch, in the newest version that both API servers serve: in the pivot's namespace, in another one, or `everywhere`."""

    kind: str
    group: str = ""
    everywhere: bool = False
    namespace: str = ""

    @property
    def name(self) -> str:
        """By which it is told: bare in its home group, else with its group."""
        return kind_name(self.kind, self.group)


PIVOT_KINDS = (
    *(Kind(moved.kind, moved.group) for moved in MOVED_KINDS),
    Kind("Event"),
    Kind("Deployment", BESIDE["Deployment"], everywhere=True),
    Kind("CustomResourceDefinition", BESIDE["CustomResourceDefinition"]),
    Kind("Provider", BESIDE["Provider"], everywhere=True),
)
"""For the two management clusters. Further kinds are asked of the clusters themselves, see `followed.py`."""

WORKLOAD_KINDS = (Kind("Node"),)
"""For the cluster whose nodes are the hosts."""
