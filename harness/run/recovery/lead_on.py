"""Leads on: looks where all stands, tells it, chooses the way or lets it be chosen, goes it, and looks again."""

import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from bmc.errors import BmcError
from harness.bench.bench import Bench
from harness.bench.connect import opened
from harness.bench.leases.leases import Leases
from harness.bench.undo import unless_gone
from harness.errors import LabBrokeError, StepFailedError, UndoError, UsageError
from harness.exits import Exit
from harness.files.words import WordFiles
from harness.journal.facts import Side
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterError
from harness.lab.access import BmcAccess
from harness.lab.discovery import bmc_accesses
from harness.lab.model import Lab
from harness.lab.undo import UndoAccess
from harness.move.broken.known import KnownMove, known_move
from harness.move.end_state import MoveEndState
from harness.run.recovery.bench import on_bench, on_leases
from harness.run.recovery.trail import LastMover, Scope, Trail
from harness.run.recovery.ways import WayOn, go, taken_over, ways_on
from harness.run.recovery.whereabouts import Whereabouts, look, screen
from harness.world.world import World

AskForWay = Callable[[Mapping[WayOn, str]], WayOn | None]
"""Asks somebody at a terminal which way to go; None: none of them now."""

KEPT = "left: {what} ({where}): a move broke off, and taking this back could give a server two owners"
AS_FOUND, ADOPTED = "all is as it was found", "every host is in the {side}, and owned there"


class Recovery:
    """The leading on of one run in its lab."""

    def __init__(self, trail: Trail, lab: Lab, words: WordFiles, backup: Path | None = None) -> None:
        self._trail = trail
        self._lab = lab
        self._words = words
        self._backup = backup
        self._mover = trail.last_mover
        self._known = known_of(self._mover) if self._mover else None

    async def lead_on(self, way: WayOn | None, ask: AskForWay | None) -> Exit:
        """Go the way that was told, or that is chosen; UNKNOWN while something is left. Raises ClusterError, UsageError."""
        async with AsyncExitStack() as stack:
            clusters = await connected(self._lab, stack)
            found = await look(self._lab, clusters, self._known)
            chosen = self._chosen(way, found, ask)
            if chosen is None:
                return Exit.UNKNOWN
            went = await self._go(chosen, found, clusters)
            after = await look(self._lab, clusters, self._known)
        if went and (says := self._well(after, chosen)):
            sys.stdout.write(f"{says}  {self._trail.directory}\n")
            return Exit.PASS
        self._tell(after)
        return Exit.UNKNOWN

    def _chosen(self, way: WayOn | None, found: Whereabouts, ask: AskForWay | None) -> WayOn | None:
        """The way that was told, or that alone does no harm; else what somebody at a terminal says, or None."""
        end, ways = found.end, ways_on(found, self._backup)
        harmless = not self._is_broken_off or end is None or end.name == "nothing moved" or is_arrived(found)
        if way or self._is_broken_off:
            self._tell(found)
        if way is None and harmless:
            return "undo" if not is_arrived(found) else "wait"
        if way is None:
            sys.stdout.writelines(f"{line}\n" for line in ["what leads on:", *told_ways(ways)])
            return ask(ways) if ask else None
        if way not in ways and not (way == "wait" and is_arrived(found)):
            raise UsageError("\n".join([f"--do {way} does not lead on from there; what does:", *told_ways(ways)]))
        return way

    @property
    def _is_broken_off(self) -> bool:
        return self._mover is not None and self._mover.is_broken_off

    def _tell(self, found: Whereabouts) -> None:
        """Print the screen."""
        on_its_way = found.end is not None and found.end.name != "complete"
        kept = [KEPT.format(what=it.item.what, where=it.item.system) for it in self._trail.kept()] if on_its_way else []
        recipe = found.end.recipe if found.end and kept else []
        lines = [*screen(found, told_mover(self._mover), kept), *(f"  {number}. {step}" for number, step in enumerate(recipe, 1))]
        sys.stdout.writelines(f"{line}\n" for line in lines)

    async def _go(self, way: WayOn, found: Whereabouts, clusters: Mapping[str, KubeCluster]) -> bool:
        """Go the way, then undo what is to be undone at its end; False where it did not lead on, which is told."""
        scope = self._scope(way, found)
        undone = [True]
        access = UndoAccess("", clusters, BmcsOfLab(self._lab, dict(clusters)).access, self._words)

        async def gone(bench: Bench) -> None:
            bench.words = self._words
            if self._known is not None and found.end is not None:
                await go(bench, way, self._known, found.end, self._backup)
            undone[0] = await take_back(self._trail, access, scope, bench.may_write)
            if way == "back" and self._known is not None:
                await taken_over(bench, self._known.origin, self._known.hosts)

        async def undo(leases: Leases) -> None:
            undone[0] = await take_back(self._trail, access, scope, leases.ask)

        if not needs_bench(way, found):
            if self._trail.standing(scope):
                await on_leases(self._lab, self._trail, clusters, way, undo)
            return undone[0]
        try:
            await on_bench(self._lab, self._trail, way, gone)
        except StepFailedError as error:
            sys.stdout.write(f"the way does not lead on: {error}\n")
            return False
        return undone[0]

    def _scope(self, way: WayOn, found: Whereabouts) -> Scope:
        """What is undone at the end of a way: all, where it leads to where the run began."""
        end = found.end
        if end is None:
            return "all"
        if ends_in(way, end) == self._trail.home and not (way == "undo" and end.name == "complete"):
            return "all"
        return "since the last move" if way == "back" or (way == "undo" and end.name != "complete") else "harmless"

    def _well(self, found: Whereabouts, way: WayOn) -> str:
        """How well all stands at the end of a way; empty where it does not."""
        if self._trail.standing(self._scope(way, found)):
            return ""
        if found.end is None or (found.end.name == "nothing moved" and not found.sides[found.end.origin].paused):
            return AS_FOUND
        return ADOPTED.format(side=found.end.destination) if is_arrived(found) else ""


def is_arrived(found: Whereabouts) -> bool:
    """Is the move complete, and every host taken over?"""
    return found.end is not None and found.end.name == "complete" and not found.waiting


def needs_bench(way: WayOn, found: Whereabouts) -> bool:
    """Must more be done than what the journal has the undo of?"""
    if found.end is None or is_arrived(found):
        return way == "back"
    return not (way == "undo" and found.end.name in ("nothing moved", "complete"))


def ends_in(way: WayOn, end: MoveEndState) -> Side:
    """Where the hosts are when the way was gone."""
    return end.destination if way in ("unpause", "wait") else end.origin


def told_ways(ways: Mapping[WayOn, str]) -> list[str]:
    """A line for each."""
    return [f"  --do {name}: {says}" for name, says in ways.items()]


def told_mover(mover: LastMover | None) -> str:
    """What became of the last mover, for people."""
    if mover is None:
        return ""
    if mover.code is None:
        return "its end was not seen; it has ended"
    return f"ended with exit code {mover.code}" if mover.code >= 0 else f"ended by signal {-mover.code}"


def known_of(mover: LastMover) -> KnownMove | None:
    """What is known of the move of this mover, by the journal that saw it."""
    return known_move(World(mover.run.entries), mover.started.origin, mover.started.destination)


async def connected(lab: Lab, stack: AsyncExitStack) -> dict[str, KubeCluster]:
    """Connections to both clusters."""
    clusters: dict[str, KubeCluster] = {}
    for name, access in {"source": lab.clusters.source, "target": lab.clusters.target}.items():
        clusters[name] = await stack.enter_async_context(opened(lab, name, access, clusters))
    return clusters


async def take_back(trail: Trail, access: UndoAccess, scope: Scope, may_write: Callable[[], Awaitable[None]]) -> bool:
    """Undo each write, newest first, and note it at once; False where one stays, which is told."""
    well = True
    for left in trail.standing(scope):
        item = left.item
        await may_write()
        try:
            await unless_gone(item.undo, access._replace(write=item.write))
        except (BmcError, ClusterError) as error:
            raise LabBrokeError(f"cannot undo {item.what!r}: {error}") from error
        except UndoError as error:
            sys.stdout.write(f"left: {item.what}: {error}\n")
            well = False
            continue
        trail.note(left)
        sys.stdout.write(f"undone: {item.what}\n")
    return well


class BmcsOfLab:
    """How to reach the BMC of each host; the clusters are only asked once somebody needs one."""

    def __init__(self, lab: Lab, clusters: dict[str, KubeCluster]) -> None:
        self._lab = lab
        self._clusters = clusters
        self._found: dict[str, BmcAccess] | None = None

    async def access(self, host: str) -> BmcAccess:
        """That of this host. UndoError where the lab has no such host any more."""
        if self._found is None:
            self._found = await bmc_accesses(self._lab, self._clusters, self._lab.namespace)
        if host not in self._found:
            raise UndoError(f"no BMC of a host {host} is known in this lab any more")
        return self._found[host]
