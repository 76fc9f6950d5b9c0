"""The ways that lead on from a move that broke off: which there are from where it stands, and how each is gone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from harness.bench.bench import Bench
from harness.bench.ironic import start_ironic, stop_ironic
from harness.bench.operator import start_operator, stop_operator
from harness.journal.facts import Side
from harness.metal3 import PAUSED
from harness.move.broken.finish import AGAIN, finish_move
from harness.move.broken.known import KnownHost, KnownMove
from harness.move.broken.repair import finish_deletion, unpause, until_blocked_again
from harness.move.broken.restore import restore
from harness.move.carry import carry
from harness.move.end_state import MoveEndState
from harness.move.interlock import refuse_two_owners
from harness.move.look import inventories, inventory
from harness.run.recovery.whereabouts import Whereabouts
from harness.world.world import World, dig

WayOn = Literal["undo", "unpause", "back", "wait"]

TAKE_BACK = "and take back what the run wrote"
HOME = f"move back to the {{side}}, {TAKE_BACK}"

ADOPTED_SECONDS = 900.0
ADOPTED_SECONDS_MIN = 60.0


def ways_on(found: Whereabouts, backup: Path | None = None) -> dict[WayOn, str]:
    """Each way that leads on, and what it does."""
    end = found.end
    if end is None:
        return {"undo": "take back what the run wrote"}
    if end.name == "complete":
        wait: dict[WayOn, str] = {"wait": f"wait until the {end.destination} has taken over every host"}
        return (wait if found.waiting else {}) | {"back": HOME.format(side=end.origin)}
    return ways_between(end, backup)


def ways_between(end: MoveEndState, backup: Path | None) -> dict[WayOn, str]:
    """Those from a move that is not complete."""
    here, there = end.origin, end.destination
    again, away = f"un-pause the {here}, and run the move again", f"delete the copies in the {there}, {TAKE_BACK}"
    match end.name:
        case "nothing moved":
            return {"undo": "take back what the run wrote: nothing was moved", "unpause": "run the move again"}
        case "source paused":
            return {"undo": f"un-pause the {here}, and take back what the run wrote: nothing was moved", "unpause": again}
        case "both sides":
            return {"unpause": again, "back": f"un-pause the {here}, {away}"}
        case _:
            put_back = f"put back in the {here} what is gone from it, by the backup in {backup}, {away}"
            back = put_back if backup else f"that, and then {HOME.format(side=here)}"
            return {"unpause": f"bring the move to its end, and un-pause the {there}", "back": back}


async def go(bench: Bench, way: WayOn, known: KnownMove, end: MoveEndState, backup: Path | None = None) -> None:
    """Go this way, up to the undoing of what the run wrote; StepFailedError, UsageError where it does not lead on."""
    if way == "wait":
        await taken_over(bench, known.destination, known.hosts)
    elif way == "unpause":
        await finish_move(bench, known, end)
        await taken_over(bench, known.destination, known.hosts)
    elif end.name in AGAIN:
        await turn_round(bench, known, end)
    elif backup and end.name != "complete":
        await restore(bench, known, backup)
    else:
        await finish_move(bench, known, end)
        await move_back(bench, known)


async def turn_round(bench: Bench, known: KnownMove, end: MoveEndState) -> None:
    """Give up a move whose origin is whole: its copies are deleted, and the origin goes on as before."""
    here, there = await inventories(bench, known.origin, known.destination)
    copies = {key: item for key, item in there.items() if key in known.before and key not in known.resident}
    await finish_deletion(bench, known.destination, copies, here, copies)
    if end.name != "nothing moved":
        await unpause(bench, known.origin, await inventory(bench, known.origin))
        await until_blocked_again(bench, known.origin, known.hosts)


async def move_back(bench: Bench, known: KnownMove) -> None:
    """A pivot the other way round, once the destination has taken over all."""
    away, home = known.destination, known.origin
    await taken_over(bench, away, known.hosts)
    await until_movable(bench, away)
    await stop_ironic(bench, away)
    await stop_operator(bench, away)
    for start, what in ((start_ironic, "the Ironic"), (start_operator, "the Baremetal Operator")):
        await refuse_two_owners(bench, home, what)
        await start(bench, home)
    await carry(bench, origin=away, destination=home)
    await taken_over(bench, home, known.hosts)


async def taken_over(bench: Bench, side: Side, hosts: Sequence[KnownHost]) -> None:
    """Wait until this side's Baremetal Operator owns each of these hosts."""

    def late(world: World) -> list[str]:
        return [host.name for host in hosts if not owns(world, side, host)]

    def says() -> str:
        return f"the {side} to take over {', '.join(late(bench.world))}"

    await bench.until(lambda world: not late(world), seconds_of(bench), says)


def owns(world: World, side: Side, host: KnownHost) -> bool:
    """Has this side taken over a host?"""
    version = world.last(side, "BareMetalHost", host.namespace, host.object_name)
    return version is not None and PAUSED not in version.annotations and bool(version.get("status", "provisioning", "state"))


async def until_movable(bench: Bench, side: Side) -> None:
    """Wait until clusterctl would not call anything there half provisioned: a status is made anew after a move."""

    def holds(world: World) -> bool:
        machines = [version for key, version in world.living(side, "Machine") if key.namespace == bench.namespace]
        clusters = [version for key, version in world.living(side, "Cluster") if key.namespace == bench.namespace]
        return all(it.get("status", "nodeRef", "name") for it in machines) and all(is_provisioned(it.body) for it in clusters)

    await bench.until(holds, seconds_of(bench), f"the Machines of the {side} to know their Nodes again")


def is_provisioned(cluster: object) -> bool:
    """Does a Cluster say that it may be moved?"""
    conditions = dig(cluster, "status", "conditions") or []
    said = {one.get("type"): one.get("status") for one in conditions if isinstance(one, dict)}
    begun = dig(cluster, "status", "initialization") or dig(cluster, "status") or {}
    ready = begun.get("infrastructureProvisioned") or begun.get("infrastructureReady")
    return bool(ready) and said.get("ControlPlaneInitialized", "True") == "True"


def seconds_of(bench: Bench) -> float:
    """How long an adoption may take."""
    return max(bench.scaled(ADOPTED_SECONDS), ADOPTED_SECONDS_MIN)
