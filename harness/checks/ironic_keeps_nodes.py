"""Ironic does to the host's node what an adoption does, and nothing else; and one node is one host.

An adoption enrolls, verifies and adopts (recorded runs b, c): a node that deploys, cleans, is inspected or deleted on the way is a server
that is being made anew. Nor was it off, or about to be switched, at any look. A provisioning ID, a node, a name and a host belong together.
"""

from collections.abc import Iterator

from harness.journal.entry import Entry
from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, failures, passed, unknown
from harness.world.horizon import needed_until, not_seen_whole
from harness.world.hosts import Host, promised, residents
from harness.world.ironic import presence
from harness.world.ironic.nodes import (
    driven_otherwise,
    forgotten,
    misnamed,
    moved_times,
    nodes_of,
    odd_at_the_end,
    switched,
    worked_on,
)
from harness.world.world import World

ORDER = 52

Finding = tuple[str, tuple[Entry, ...]]


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host, and one a resident that was harmed."""
    yield from (judge(world, host) for host in promised(world))
    yield from failures(judge(world, host) for host in residents(world))


def judge(world: World, host: Host) -> Judgement:
    """Follow the host's node through both Ironics."""
    seen = {side: nodes_of(world, host, side) for side in SIDES}
    wrong = [
        found
        for side in SIDES
        for found in (
            *misnamed(world, host, side),
            *worked_on(host, seen[side], side),
            *switched(host, seen[side], side),
        )
    ]
    if wrong:
        return failed("; ".join(text for text, _ in wrong), host.name, evidence(wrong))
    doubts = [
        found
        for side in SIDES
        for found in (
            *moved_times(seen[side], side),
            *driven_otherwise(seen[side], side),
            *forgotten(world, host, side),
            *odd_at_the_end(world, host, side),
        )
    ]
    if doubts:
        return unknown("; ".join(text for text, _ in doubts), host.name, evidence(doubts))
    blind = not_seen_whole(world, host)
    for side in SIDES:
        blind = blind or presence.not_covered(world, side, needed_from=host.since, needed_until=needed_until(world, host))
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    return passed("Ironic did nothing to its node but adopt it", host.name)


def evidence(found: list[Finding]) -> list[int]:
    """The entries that show it."""
    return sorted({entry.seq for _, entries in found for entry in entries})
