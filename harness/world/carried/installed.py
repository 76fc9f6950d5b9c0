"""Which releases of the controllers a cluster has: newer ones fill in members, and name conditions, that older ones do not know."""

from typing import Any

from harness.world.moves import JudgedMove
from harness.world.world import World, answered_once

OPERATOR = "baremetal-operator"
"""What the name of each Baremetal Operator's Deployment contains; clusterctl has no provider of it."""

Installed = dict[str, Any]
"""By name of a provider its version; by name of a Baremetal Operator's Deployment its images."""


def installed(world: World, side: str, at: float | None = None) -> Installed:
    """What is installed in a cluster now, or at a time (seconds)."""
    found: Installed = {key.name: version.get("version") for key, version in world.living(side, "Provider", at=at)}
    for key, version in world.living(side, "Deployment", at=at):
        containers = version.get("spec", "template", "spec", "containers")
        if OPERATOR in key.name and isinstance(containers, list):
            found[f"Deployment {key.name}"] = sorted(str(one.get("image")) for one in containers if isinstance(one, dict))
    return found


@answered_once
def is_newer(world: World, leg: JudgedMove, *, at_the_end: bool = False) -> bool:
    """Has the destination another release of a controller than the origin had: when the move ended, or in the end?"""
    here, there = installed(world, leg.move.origin, leg.move.until), installed(world, leg.move.destination, leg.move.until)
    if at_the_end:
        there = installed(world, leg.move.destination, None if leg.last else leg.until)
    return any(name in here and here[name] != release for name, release in there.items())
