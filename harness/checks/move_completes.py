"""Every move that was begun came to its end: exit code 0, as many Clusters as there were, and none left paused behind it.

Exit code 0 alone proves little: `Clusters=0` and a target Cluster that stays paused for good both end with it (finding F5).
`killed`: how many mover runs the scenario itself may have ended; where the Clusters are at the end is judged all the same.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from harness.journal.entry import Entry
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.coverage import NotCovered, SightKey
from harness.world.hosts import promised
from harness.world.moved_kinds import MOVING
from harness.world.moved_objects import in_scope
from harness.world.moves import Move, is_asked_without_move, judged_moves, moves
from harness.world.releases import releases
from harness.world.told.mover_run import MoverRun
from harness.world.world import World, version_at

ORDER = 120
ALWAYS = True
REFUSED = "Object won't be moved"
"""As clusterctl begins the line about an object that it found, and leaves behind."""


def check(world: World, *, killed: int = 0) -> Iterator[Judgement]:
    """Judgements about the run as a whole, one a move, and one about the Clusters at the end."""
    all_moves = moves(world)
    if not all_moves and is_asked_without_move(world):
        yield passed("no move took place, and none was needed for what was promised")
        return
    if not all_moves:
        yield unknown("no move took place, so nothing is proven")
        return
    watched = world.run is not None and world.run.mode == "watch"
    blind = (world.not_covered(SightKey("mover")) or unseen_attempt(world)) if not watched else None
    yield from of_runs(world, killed)
    if blind:
        yield unknown(f"whether every move came to its end cannot be told: {blind.says}", evidence=blind.evidence)
    if not world.movers:
        yield from (of_clusters_alone(move) for move in all_moves)
    yield clusters_after(world, recovered=killed > 0)


def unseen_attempt(world: World) -> NotCovered | None:
    """The sign of a mover that came before the first one that was seen.

    The Cluster was paused already when that one began, and had not always been so; or it was paused before anybody looked at movers.
    """
    first = min(world.movers.values(), key=lambda run: run.started.seq, default=None)
    looked = min((sight.began.at for sight in world.coverage.of(SightKey("mover")) if sight.began), default=0.0)
    for key in world.keys(first.fact.origin, "Cluster") if first else ():
        known = [it for it in world.objects[key] if first and it.entry.at < first.started.since]
        paused = [it for before, it in pairwise(known) if it.get("spec", "paused") and not before.get("spec", "paused")]
        if paused and (known[-1].get("spec", "paused") or paused[0].entry.at < looked):
            text = f"Cluster {key.name} was paused at {paused[-1].entry.at:.1f} s already, before the first mover that was seen"
            return NotCovered(text, (paused[-1].entry.seq,))
    return None


def of_runs(world: World, killed: int) -> Iterator[Judgement]:
    """Every start of the mover; the first `killed` that did not end with exit code 0 are the scenario's own doing."""
    for run in world.movers.values():
        said = of_run(world, run)
        if said.verdict == "fail" and run.code and killed > 0:
            killed -= 1
            said = passed(f"{said.says}, as the scenario has it", evidence=said.evidence)
        yield said


def of_run(world: World, run: MoverRun) -> Judgement:
    """One start of the mover."""
    way = f"the move from {run.fact.origin} to {run.fact.destination}"
    if run.code is None:
        return (unknown if world.final else passed)(f"{way} has not ended", evidence=(run.started.seq,))
    if len(run.ends) > 1:
        return unknown(f"{way} is told to have ended more than once", evidence=[entry.seq for entry in run.ends])
    evidence = (run.started.seq, run.ended.seq) if run.ended else (run.started.seq,)
    if run.code != 0:
        last = [
            str(getattr(entry.fact, "line", "")) for entry in run.said if str(getattr(entry.fact, "line", "")).startswith("Error")
        ]
        how = f"was killed by signal {-run.code}" if run.code < 0 else f"ended with exit code {run.code}"
        return failed(f"{way} {how}" + (f": {last[-1]}" if last else ""), evidence=evidence)
    there = len([1 for key, _ in world.living(run.fact.origin, "Cluster", at=run.started.at) if in_scope(world, key)])
    moved = re.search(r"Clusters=(\d+)", " ".join(str(getattr(entry.fact, "line", "")) for entry in run.said))
    if moved and int(moved[1]) < there:
        return failed(f"{way} ended with exit code 0 and moved {moved[1]} of {there} Clusters", evidence=evidence)
    return contradicted(way, run) or passed(f"{way} ended with exit code 0", evidence=evidence)


def contradicted(way: str, run: MoverRun) -> Judgement | None:
    """What a mover that ended well said, and that does not go with it; None where there is nothing."""
    broken = [entry for entry in run.said if getattr(entry.fact, "line", "").startswith("Error:")]
    if broken:
        text = f"{way} ended with exit code 0, and says: {getattr(broken[-1].fact, 'line', '')}"
        return unknown(text, evidence=[broken[-1].seq])
    refused = [entry for entry in run.said if getattr(entry.fact, "line", "").startswith(REFUSED)]
    return of_refused(way, refused) if refused else None


def of_refused(way: str, refused: list[Entry]) -> Judgement:
    """Objects that the mover itself says it left: of a kind that moves, that is a failure; what another kind is worth, nobody knows."""
    lines = [str(getattr(entry.fact, "line", "")) for entry in refused]
    moving = [line for line in lines if any(f'kind="{kind}"' in line for kind in MOVING)]
    text = f"{way} ended with exit code 0 and left objects behind: {(moving or lines)[0]}"
    return (failed if moving else unknown)(text, evidence=[entry.seq for entry in refused])


def of_clusters_alone(move: Move) -> Judgement:
    """Judge a move that was inferred from the clusters."""
    way = f"the move from {move.origin} to {move.destination}"
    if move.done:
        return passed(f"{way}: the Cluster was un-paused there", evidence=move.evidence)
    return failed(f"{way}: the Cluster was never un-paused there", evidence=move.evidence)


def clusters_after(world: World, *, recovered: bool = False) -> Judgement:
    """Where the Clusters are at the end: all in the destination, un-paused, none left behind.

    `recovered`: judge this even if no mover ended successfully.
    """
    leg = judged_moves(world)[-1]
    origin, destination = leg.move.origin, leg.move.destination
    if not leg.move.done and not recovered:
        return unknown("no move came to its end")
    released = releases(world)
    blind = world.not_covered(SightKey("kube", destination, "Cluster"), SightKey("kube", origin, "Cluster"))
    if blind:
        return unknown(blind.says, evidence=blind.evidence)
    wrong: list[str] = []
    evidence: list[int] = []
    for key in world.keys(origin, "Cluster"):
        before = version_at(world.objects[key], leg.move.since)
        after = world.last(destination, *key[1:])
        if before is None or not before.alive or before.deleting or not in_scope(world, key):
            continue
        if release := released.get((key.namespace, key.name)):
            evidence.append(release.seq)
            after = version_at(world.objects.get(key.in_cluster(destination), []), release.at)
            if after is None or release.at < leg.move.until:
                continue
        evidence += [before.entry.seq, *([after.entry.seq] if after else [])]
        wrong += [f"Cluster {key.name} did not arrive in the {destination}"] if after is None else []
        wrong += [f"Cluster {key.name} is still paused in the {destination}"] if after and after.get("spec", "paused") else []
        wrong += [f"Cluster {key.name} is still in the {origin}"] if world.last(*key) else []
    if wrong:
        return failed("; ".join(wrong), evidence=evidence)
    if not evidence and promised(world):
        return unknown("no Cluster was seen before the move")
    return passed(f"all Clusters are in the {destination}, un-paused", evidence=evidence)
