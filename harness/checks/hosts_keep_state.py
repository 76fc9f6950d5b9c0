"""A host that runs something never leaves its provisioning state, in either cluster, not even for a moment.

A host that a Baremetal Operator takes for new shows no status, then `registering`, `inspecting`, ... `provisioned` again (recorded run
d): only the whole history tells. A paused copy without status is what every move makes, and is no violation.
"""

from collections.abc import Iterator
from itertools import pairwise

from harness.journal.facts import SIDES, Side
from harness.judgement import Judgement, failed, passed, unknown
from harness.metal3 import PAUSED, STATUS
from harness.world.bmc.causes import cause
from harness.world.changes.authors import author
from harness.world.horizon import not_seen_whole
from harness.world.hosts import STEADY, Host, guarded
from harness.world.world import Version, World

ORDER = 10
WAY = ("registering", "inspecting", "preparing", "available", "provisioning", "provisioned")
"""The states of a host on its way from nothing to a running server, in order."""


def check(world: World) -> Iterator[Judgement]:
    """One judgement a host that nobody may reprovision."""
    for host in guarded(world):
        yield judge(world, host)


def judge(world: World, host: Host) -> Judgement:
    """Follow one host through both clusters."""
    wrong = sorted(
        ((version, side, state) for side in SIDES for version, state in deviations(host.versions(world, side), host)),
        key=lambda item: item[0].entry.seq,
    )
    unsteady = host.claimed and host.state not in STEADY
    if wrong and not (unsteady and all(goes_on(host.state, state) for _, _, state in wrong)):
        return failed(story(world, host, wrong), host.name, evidence(world, host, wrong))
    if unsteady:
        return unknown(f"was not in a steady state when the move began ({host.state or 'no status'})", host.name)
    blind = not_seen_whole(world, host)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed(f"was `{host.state}` all the time", host.name, (host.baseline.entry.seq,))


def goes_on(before: str, after: str) -> bool:
    """Is that state on the way that a host takes from this one to its end, which it may go on while it is moved?"""
    return after in WAY and (before not in WAY or WAY.index(before) < WAY.index(after))


def deviations(versions: list[Version], host: Host) -> Iterator[tuple[Version, str]]:
    """The versions in another state than the promised one, with that state; repeated ones once."""
    before = None
    for version in versions:
        state = deviation(version, host)
        if state is not None and state != before:
            yield version, state
        before = state


def deviation(version: Version, host: Host) -> str | None:
    """The forbidden state that this version shows; None if it is allowed."""
    if not version.alive:
        return None
    told = (version.get("status", name) for name in ("operationalStatus", "lastUpdated", "errorType"))
    state = str(version.get("status", "provisioning", "state") or "")
    if not state and not any(told):
        # The mover makes a copy without a status; the operator restores it from the annotation, once it may.
        waiting = PAUSED in version.annotations or STATUS in version.annotations or version.deleting
        return None if waiting or not host.state else "no status, un-paused and without its status annotation"
    return None if state == host.state else state or "a status without a state"


def story(world: World, host: Host, wrong: list[tuple[Version, Side, str]]) -> str:
    """What happened, in order, with times and causes."""
    steps = " → ".join(f"{state} ({version.entry.at:.1f} s)" for version, _, state in wrong)
    sides = " and ".join(dict.fromkeys(side for _, side, _ in wrong))
    text = f"left `{host.state}` in the {sides} (the Baremetal Operator there did it): {steps}"
    lost = annotation_lost(world, host)
    if lost:
        return f"{text}; its status annotation vanished before ({lost[1]})"
    first, side, _ = wrong[0]
    made = cause(world, host, first.entry, (side,))
    return f"{text}; {made.says}, {made.before(first.entry.at)}" if made else text


def evidence(world: World, host: Host, wrong: list[tuple[Version, Side, str]]) -> list[int]:
    """The entries of the story."""
    lost = annotation_lost(world, host)
    return [*([lost[0]] if lost else []), *(version.entry.seq for version, _, _ in wrong)]


def annotation_lost(world: World, host: Host) -> tuple[int, str] | None:
    """The entry in which the status annotation went while the status was still empty, and who did that, where known."""
    for side in SIDES:
        versions = host.versions(world, side)
        for before, after in pairwise(versions):
            empty = not after.get("status", "provisioning", "state")
            if after.alive and empty and STATUS in before.annotations and STATUS not in after.annotations:
                return (
                    after.entry.seq,
                    f"{after.entry.at:.1f} s, in the {side}, {author(world, after, f'annotation {STATUS}')}",
                )
    return None
