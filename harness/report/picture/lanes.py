"""The run as lanes of bars and marks, for the picture: who was in which state from when to when, and where nobody could see."""

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

from harness.journal.entry import Entry
from harness.journal.facts import (
    SIDES,
    BmcRead,
    FaultBegan,
    FaultHealed,
    IronicAnswers,
    MoverSaid,
    SightName,
    StepBegan,
    StepEnded,
)
from harness.journal.mover_lines import phase_of
from harness.metal3 import PAUSED
from harness.report.moments import Moment
from harness.report.picture.bars import Bar, Lane, Mark
from harness.report.picture.doubts import NAME, doubt_lane, doubted_entries
from harness.world.coverage import SightKey
from harness.world.world import ObjectKey, Version, World

STEADY_STATES = ("provisioned", "externally provisioned", "available")
Verdict = dict[str, Any]
POWER_TONES = {"On": "on", "Off": "off"}


def lanes(world: World, told: Iterable[Moment], hosts: list[str], verdict: Verdict | None = None) -> list[Lane]:
    """Scenario, mover, clusters, Ironics, then three lanes for each of `hosts`: in the source, in the target, its BMC.

    What this verdict could not prove stands in lanes of its own.
    """
    moments, verdict = list(told), verdict or {}
    doubted = doubted_entries(verdict)
    found = [_scenario(world), doubt_lane(world, verdict), _mover(world, moments)]
    for side in SIDES:
        found.append(_cluster(world, side))
    for side in SIDES:
        found.append(_ironic(world, side))
    for host in hosts:
        found += [_host(world, moments, host, side) for side in SIDES]
        found += [_bmc(world, moments, host, doubted), doubt_lane(world, verdict, host)]
    return [lane for lane in found if (lane.host and lane.name != NAME) or lane.bars or lane.marks or lane.blind]


def _scenario(world: World) -> Lane:
    open_steps: dict[str, float] = {}
    bars, words = [], {}
    for entry in world.steps:
        if isinstance(entry.fact, StepBegan):
            open_steps[entry.fact.step] = entry.at
            words[entry.fact.step] = entry.fact.word
        elif isinstance(entry.fact, StepEnded):
            tone = "step" if entry.fact.how == "done" else "bad"
            bars.append((entry.fact.step, open_steps.pop(entry.fact.step, entry.at), entry.at, tone))
    bars += [(step, since, world.now, "step") for step, since in open_steps.items()]
    blocks = {step.rpartition(".")[0] for step, *_ in bars}
    leaves = [Bar(since, until, tone, words.get(step, step)) for step, since, until, tone in bars if step not in blocks]
    return Lane("scenario", leaves + list(_faults(world)), [], [])


def _faults(world: World) -> Iterator[Bar]:
    begun: dict[str, tuple[float, str]] = {}
    for entry in world.faults:
        if isinstance(entry.fact, FaultBegan):
            begun[entry.fact.fault] = entry.at, entry.fact.word
        elif isinstance(entry.fact, FaultHealed) and entry.fact.fault in begun:
            since, word = begun.pop(entry.fact.fault)
            yield Bar(since, entry.at, "fault", word, f"fault {word}")
    for since, word in begun.values():
        yield Bar(since, world.now, "fault", word, f"fault {word}, never taken out")


def _mover(world: World, moments: list[Moment]) -> Lane:
    bars = []
    for run in world.movers.values():
        end = run.ended.at if run.ended else world.now
        begun = [(run.started.at, "contact")]
        begun += [(entry.at, phase) for entry in run.said if (phase := _phase(entry))]
        for (since, phase), (until, _) in pairwise([*begun, (end, "")]):
            bars.append(Bar(since, until, f"phase-{phase}", phase, f"move, phase {phase}"))
    marks = [_mark(one) for one in moments if one.actor == "mover" and one.text.startswith(("the move ended", "Error"))]
    # The mover is looked at exactly while it runs: nobody misses anything before and after.
    return Lane(
        "mover", bars, marks, [bar for bar in _blind(world, _keys("mover")) if bar.tone == "blind"] if world.movers else []
    )


def _phase(entry: Entry) -> str:
    # A journal imported from elsewhere has the lines alone.
    return (entry.fact.phase or phase_of(entry.fact.line)) if isinstance(entry.fact, MoverSaid) else ""


def _cluster(world: World, side: str) -> Lane:
    def told(version: Version) -> tuple[str, str]:
        return ("paused", "Cluster paused") if version.get("spec", "paused") else ("alive", "Cluster active")

    bars = [bar for key in world.keys(side, "Cluster") for bar in _states(world, world.objects[key], told)]
    return Lane(f"{side} cluster", bars, [], _blind(world, _keys("kube", cluster=side, kind="Cluster")))


def _ironic(world: World, side: str) -> Lane:
    bars, up_since = [], None
    for entry in world.ironic[side]:
        if isinstance(entry.fact, IronicAnswers):
            if up_since is not None and not entry.fact.up:
                bars.append(Bar(up_since, entry.at, "alive", "answers"))
            up_since = entry.at if entry.fact.up else None
    if up_since is not None:
        bars.append(Bar(up_since, world.now, "alive", "answers"))
    return Lane(f"{side} Ironic", bars, [], _blind(world, _keys("ironic", cluster=side)))


def _host(world: World, moments: list[Moment], host: str, side: str) -> Lane:
    def told(version: Version) -> tuple[str, str]:
        state = str(version.get("status", "provisioning", "state") or "")
        tone = "steady" if state in STEADY_STATES else "busy" if state else "empty"
        if PAUSED in version.annotations:
            return f"{tone} paused", f"{state or 'no state'}, paused"
        return tone, state or "no state"

    keys: list[ObjectKey] = [key for key in world.keys(side, "BareMetalHost") if key.name == host]
    bars = [bar for key in keys for bar in _states(world, world.objects[key], told)]
    marks = [_mark(one) for one in moments if one.host == host and one.actor == side and one.text.startswith("event ")]
    return Lane(f"in {side}", bars, marks, _blind(world, _keys("kube", cluster=side, kind="BareMetalHost")), host)


def _bmc(world: World, moments: list[Moment], host: str, doubted: frozenset[int]) -> Lane:
    bars: list[Bar] = []
    reads = [(entry.at, entry.fact.power) for entry in world.reads[host] if isinstance(entry.fact, BmcRead)]
    for (since, power), (until, _) in pairwise([*reads, (world.now, None)] if reads else []):
        if bars and bars[-1].text == f"power {power}":
            bars[-1] = bars[-1]._replace(until=until)
        else:
            bars.append(Bar(since, until, POWER_TONES.get(power or "", "empty"), f"power {power}"))
    marks = [_mark(one) for one in moments if one.host == host and "bmc" in (one.actor, one.receiver)]
    if not bars and world.coverage.began(_keys("bmc_requests", host=host)):
        bars = [Bar(0.0, world.now, "watched", "requests watched", "every request to this BMC is recorded")]
    # Readings and the record of requests complete each other: only where both are blind is nothing seen.
    keys = [_keys("bmc", host=host), _keys("bmc_requests", host=host)]
    seen = [key for key in keys if world.coverage.began(key)]
    blind = min((_blind(world, key) for key in seen or keys[:1]), key=lambda bars: sum(bar.until - bar.since for bar in bars))
    return Lane("BMC", bars, marks, [*_half_seen(world, seen, doubted), *blind], host)


def _half_seen(world: World, keys: list[SightKey], doubted: frozenset[int]) -> Iterator[Bar]:
    """Holes that something else bridged, in a lighter hatch; in the full one those for which a judgement is unknown."""
    for key in keys:
        for gap in world.coverage.gaps(key, recovered=True):
            tone = "blind" if doubted & set(gap.evidence) else "bridged"
            says = f"{gap}; told afterwards" if gap.recovered else str(gap)
            yield Bar(gap.since, min(gap.until, world.now), tone, "", says)


def _states(world: World, timeline: list[Version], told: Callable[[Version], tuple[str, str]]) -> Iterator[Bar]:
    """One bar for each run of versions with the same description."""
    open_bar: Bar | None = None
    for version in timeline:
        now = version.entry.at
        tone, text = told(version) if version.alive else ("", "")
        if open_bar and (tone, text) == (open_bar.tone, open_bar.text):
            continue
        if open_bar:
            yield open_bar._replace(until=now)
        open_bar = Bar(now, now, tone, text) if version.alive else None
    if open_bar:
        yield open_bar._replace(until=world.now)


def _mark(moment: Moment) -> Mark:
    return Mark(moment.since, moment.at, moment.tone, moment.text)


def _keys(sight: SightName, *, cluster: str = "", kind: str = "", host: str = "") -> SightKey:
    return SightKey(sight, cluster, kind, host)


def _blind(world: World, key: SightKey) -> list[Bar]:
    """Holes of this sight; before it began and after it ended nobody looked either."""
    sights = [sight for sight in world.coverage.of(key) if sight.began]
    if not sights:
        return [Bar(0.0, world.now, "blind", "not looked at", f"there was no {key}")]
    bars = [
        Bar(gap.since, min(gap.until, world.now), "blind", "blind", str(gap))
        for gap in world.coverage.gaps(key)
        if not gap.recovered
    ]
    first = min(sight.began.at for sight in sights if sight.began)
    last = max(sight.ended.at if sight.ended else math.inf for sight in sights)
    if first > 1:
        bars.insert(0, Bar(0.0, first, "outside", "not yet looked at", f"{key} began at {first:.1f} s"))
    if last < world.now - 1:
        bars.append(Bar(last, world.now, "outside", "no longer looked at", f"{key} ended at {last:.1f} s"))
    return bars
