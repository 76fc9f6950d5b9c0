"""What made a judgement unknown, on the picture: where nobody saw enough, hatched in a lane of its own, whatever else was seen."""

from collections.abc import Iterable, Iterator
from typing import Any

from bmc.masking.text import masked
from harness.report.picture.bars import Bar, Lane
from harness.world.coverage import Gap
from harness.world.horizon import horizon
from harness.world.world import World

NAME = "not proven"

Verdict = dict[str, Any]


def doubted_entries(verdict: Verdict) -> frozenset[int]:
    """The entries behind every judgement that is unknown."""
    return frozenset(seq for check in unknown(verdict) for seq in check["evidence"])


def doubt_lane(world: World, verdict: Verdict, host: str = "") -> Lane:
    """The lane of one host, or of the run as a whole; empty where all was proven."""
    bars: dict[tuple[float, float], list[str]] = {}
    words: dict[tuple[float, float], list[str]] = {}
    for check in unknown(verdict):
        if (check["host"] or "") == host:
            for span in spans(world, check):
                bars.setdefault(span, []).append(masked(f"{check['check']}: {check['says']}"))
                words.setdefault(span, []).append(check["check"])
    found = [Bar(*span, "blind", ", ".join(dict.fromkeys(words[span])), "; ".join(said)) for span, said in sorted(bars.items())]
    return Lane(NAME, [], [], found, host)


def unknown(verdict: Verdict) -> Iterator[Verdict]:
    """The judgements that are unknown."""
    return (check for check in verdict.get("checks", []) if check["verdict"] == "unknown")


def spans(world: World, check: Verdict) -> list[tuple[float, float]]:
    """From when to when (seconds) that was not seen which a judgement lacks: the gaps that it names, else all that it speaks of."""
    named = set(check["evidence"])
    found = [(gap.since, min(gap.until, world.now)) for gap in gaps(world) if named & set(gap.evidence)]
    if found:
        return merged(found)
    held = horizon(world)
    return [(max(held.since, 0.0), held.until)] if held else [(0.0, world.now)]


def gaps(world: World) -> Iterator[Gap]:
    """Every gap of every sight."""
    return (gap for sight in world.coverage.sights.values() for gap in sight.all_gaps())


def merged(found: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same time in as few intervals as there are."""
    whole: list[tuple[float, float]] = []
    for since, until in sorted(found):
        if whole and since <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(until, whole[-1][1]))
        else:
            whole.append((since, until))
    return whole
