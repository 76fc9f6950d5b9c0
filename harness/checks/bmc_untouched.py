"""Nobody reset a host that runs something, changed its power, its next boot or its media; or we say who did.

Proved by an unbroken record of every request to the BMC, or by evidence that latches cold and warm resets and is unchanged. Polling the
power state proves nothing: a forced restart may never show Off.
"""

from collections import defaultdict
from collections.abc import Iterator

from harness.journal.facts import BmcRequest
from harness.judgement import Judgement, failed, failures, passed, unknown
from harness.world.bmc.causes import cause_of_request
from harness.world.bmc.evidence import (
    ReadRequest,
    asker,
    harmful,
    mixed_up,
    neighbours,
    reading_changes,
    requests_meaning,
    silent_record,
    unclear,
    unlatched,
)
from harness.world.coverage import NotCovered, SightKey
from harness.world.horizon import needed_until
from harness.world.hosts import Host, promised, residents
from harness.world.moves import moves
from harness.world.world import World

ORDER = 30
SHOWN = 3
"""So many requests of one asker are told one by one."""
BLIND_SHARE_MAX = 0.5
"""A BMC that did not answer for more than this share of a move counts as not watched, whatever it reports later."""


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host, and one a resident that was harmed."""
    yield from (judge(world, host) for host in promised(world))
    yield from failures(judge(world, host) for host in residents(world))


def judge(world: World, host: Host) -> Judgement:
    """Judge one host: by requests (they name the client), then by the BMC's readings, then by coverage."""
    asked = requests_meaning(world, host, harmful)
    changes = reading_changes(world, host)
    if asked or changes:
        # Readings show the same harm once more, but not who asked for it.
        said = told(world, asked) if asked else "; ".join(text for _, text in changes)
        why = why_asked(world, host, asked)
        return failed(
            "; ".join([said, *(text for text, _ in why)]),
            host.name,
            [*(entry.seq for entry, _ in asked), *(seq for seqs, _ in changes for seq in seqs), *(seq for _, seq in why)],
        )
    if doubts := requests_meaning(world, host, unclear):
        return unknown(f"a write that nobody can read: {told(world, doubts)}", host.name, [entry.seq for entry, _ in doubts])
    # Only now: where harm was seen, seeing less elsewhere does not excuse it.
    blind = mixed_up(world, host) or silent_in_a_move(world, host) or unproven(world, host)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    count = sum(isinstance(entry.fact, BmcRequest) for entry in world.requests[host.record])
    return passed(f"no reset, power change, boot override or media insert ({count} requests seen)", host.name)


def told(world: World, asked: list[ReadRequest]) -> str:
    """What was asked, by whom and when: of each asker all of a few requests; of many how many there were, the first and the last."""
    askers: dict[str, list[str]] = defaultdict(list)
    for entry, what in asked:
        whose = asker(world, entry.fact)
        askers[whose].append(f"{what} by {whose} ({entry.since:.1f} s)")
    return "; ".join(
        "; ".join(texts) if len(texts) <= SHOWN else f"{len(texts)} requests: first {texts[0]}, last {texts[-1]}"
        for texts in askers.values()
    )


def why_asked(world: World, host: Host, asked: list[ReadRequest]) -> list[tuple[str, int]]:
    """The change of the host that came before the first of these requests of which one is known: text and entry."""
    for entry, what in asked:
        made = cause_of_request(world, host, entry)
        if made:
            return [(f"{made.says}, {made.before(entry.at)} the {what}", made.version.entry.seq)]
    return []


def unproven(world: World, host: Host) -> NotCovered | None:
    """Why neither the record of requests nor latched signals cover the whole run; None if one of them does."""
    until = needed_until(world, host)
    record = world.not_covered(SightKey("bmc_requests", host=host.record), needed_from=host.since, needed_until=until)
    record = record or silent_record(world, host) or lost_beside(world, host)
    return record and unlatched(world, host, record, until)


def lost_beside(world: World, host: Host) -> NotCovered | None:
    """Why a record of another host behind its BMC, which may tell of its server too, was not whole since the promise began."""
    others = [SightKey("bmc_requests", host=it.record) for it in neighbours(world, host)]
    watched = world.coverage.watched_from(host.since, *others)
    return world.not_covered(*watched, needed_from=host.since, needed_until=needed_until(world, host))


def silent_in_a_move(world: World, host: Host) -> NotCovered | None:
    """A BMC that did not answer for most of a move."""
    keys = (SightKey("bmc", host=host.record), SightKey("bmc_requests", host=host.record))
    for move in moves(world):
        length = min(move.until, world.now) - move.since
        for key in keys:
            gaps = world.coverage.gaps(key, recovered=True)
            dark = sum(max(0.0, min(gap.until, move.until, world.now) - max(gap.since, move.since)) for gap in gaps)
            if length > 0 and dark > length * BLIND_SHARE_MAX:
                text = f"the BMC did not answer for {dark:.1f} of the {length:.1f} s of the move"
                return NotCovered(text, tuple(seq for gap in gaps for seq in gap.evidence))
    return None
