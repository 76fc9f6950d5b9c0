"""Classifies an interrupted move by the content of both clusters, and says what to do about it.

From the first deletion on a move must not be made again: it would put the source's copies, some of them stripped of their annotations,
over the good ones in the target. Before it, nothing is lost, and a second move completes the first.
"""

from collections.abc import Collection
from typing import Any, Literal

import msgspec

from harness.journal.facts import Side
from harness.metal3 import DELETE_FOR_MOVE, PAUSED
from harness.move.objects import CLUSTER, Inventory, Key, MovableObject

EndState = Literal[
    "nothing moved",
    "source paused",
    "both sides",
    "past the point of no return",
    "Cluster gone, leftovers",
    "target left paused",
    "complete",
]

RERUN = "run the move again at once"
UNPAUSE = "un-pause the Cluster in the {origin}, and wait until its CAPM3 has taken its pauses back and blocks the move again"
NEVER = "do not run the move again: it would put stripped copies over the good ones in the {destination}"
QUIET = "see that BMO and Ironic of the {origin} are stopped, and stop them where they run"
FINISH = (
    "finish the deletion: whatever is in flight first, then owners after what they own; only what has its copy in the {destination}; "
    "each object in one write paused (a host), marked and freed of its finalizers, then deleted"
)
RESUME = "see that each host in the {destination} has its status or its status annotation, then un-pause the Cluster there"

RECIPES: dict[EndState, tuple[str, ...]] = {
    "nothing moved": (RERUN,),
    "source paused": (UNPAUSE, RERUN),
    "both sides": (
        UNPAUSE,
        f"{RERUN}; what is in the {{destination}} already is overwritten with the whole copy of the {{origin}}",
    ),
    "past the point of no return": (NEVER, QUIET, FINISH, RESUME),
    "Cluster gone, leftovers": (f"{NEVER} and end with exit code 0 and a paused Cluster", QUIET, FINISH, RESUME),
    "target left paused": ("do not run the move again: it would find nothing and end with exit code 0", RESUME),
    "complete": (),
}


class MoveEndState(msgspec.Struct, frozen=True):
    """The state that a move left. `at_risk`: hosts in the origin that are marked for the move but not paused."""

    name: EndState
    origin: Side
    destination: Side
    copied: int
    gone: int
    marked: list[str]
    at_risk: list[str]

    @property
    def recipe(self) -> list[str]:
        """What to do, in order."""
        return [step.format(origin=self.origin, destination=self.destination) for step in RECIPES[self.name]]

    @property
    def says(self) -> str:
        """The state in one line."""
        numbers = f"{self.copied} objects in the {self.destination}, {self.gone} gone from the {self.origin}"
        marked = f", marked there: {', '.join(self.marked)}" if self.marked else ""
        return f"{self.name} ({numbers}{marked})"


def classify(here: Inventory, there: Inventory, before: Collection[Key], sides: tuple[Side, Side]) -> MoveEndState:
    """How it ended, from what is in the origin and in the destination now, and what was in the origin before the move."""
    marked = [item for item in here.values() if DELETE_FOR_MOVE in item.annotations]
    gone = [key for key in before if key not in here]
    copied = [key for key in before if key in there]
    deletes = bool(gone or marked)
    name = _of_deletion(here, there, before) if deletes else _of_creation(here, bool(copied))
    at_risk = [item.key.name for item in here.values() if item.key.kind == "BareMetalHost" and is_at_risk(item)]
    return MoveEndState(name, *sides, len(copied), len(gone), [str(item.key) for item in marked], at_risk if deletes else [])


def _of_creation(here: Inventory, copied: bool) -> EndState:
    if copied:
        return "both sides"
    return "source paused" if any(is_paused(item) for item in clusters(here)) else "nothing moved"


def _of_deletion(here: Inventory, there: Inventory, before: Collection[Key]) -> EndState:
    left = [key for key in before if key in here]
    if any(key[:2] == CLUSTER for key in left):
        return "past the point of no return"
    if left:
        return "Cluster gone, leftovers"
    return "target left paused" if any(is_paused(item) for item in clusters(there)) else "complete"


def clusters(inventory: Inventory) -> list[MovableObject]:
    """The Clusters among these objects."""
    return [item for item in inventory.values() if item.key[:2] == CLUSTER]


def is_paused(item: MovableObject) -> bool:
    """Is this Cluster paused by its spec?"""
    spec: dict[str, Any] = item.body.get("spec") or {}
    return bool(spec.get("paused"))


def is_at_risk(item: MovableObject) -> bool:
    """Would a Baremetal Operator of the origin act on this host: marked by the mover, and without its pause?"""
    return DELETE_FOR_MOVE in item.annotations and PAUSED not in item.annotations
