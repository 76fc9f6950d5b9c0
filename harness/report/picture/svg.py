"""Lanes as one inline SVG picture; colours come from the page's style, so it follows light and dark."""

from collections.abc import Iterator
from html import escape

from harness.journal.facts import RunBegan
from harness.journal.wall_clock import told_wall_time
from harness.report.picture.axis import Axis
from harness.report.picture.bars import Bar, Lane, Mark

WIDTH = 1180
LABEL_WIDTH = 150
ROW_HEIGHT = 22
GROUP_GAP = 9
TOP = 42
LETTER_WIDTH = 6.1
TICK_DISTANCE = 58
CLOCK_WIDTH = 30
"""So near to the edge a wall-clock time would be cut off."""


def draw(lanes: list[Lane], now: float, run: RunBegan | None = None) -> str:
    """The picture as an `<svg>` element, with wall-clock times where the run tells when it began; every text is escaped."""
    axis = Axis([0.0, now, *_times(lanes)], LABEL_WIDTH, WIDTH - 6)
    tops = list(_tops(lanes))
    height = (tops[-1] if tops else TOP) + ROW_HEIGHT + 12
    parts = [f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="what happened in each part of the lab over time">']
    parts.append(f"<defs>{_hatch('blind')}{_hatch('bridged')}{_hatch('outside')}</defs>")
    parts += _grid(axis, height, run)
    for lane, top in zip(lanes, tops, strict=True):
        parts += _lane(lane, top, axis)
    parts.append("</svg>")
    return "\n".join(parts)


def _hatch(name: str) -> str:
    lines = f'<rect class="{name}-ground" width="6" height="6"/><line class="{name}-line" x1="0" y1="0" x2="0" y2="6"/>'
    place = 'width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"'
    return f'<pattern id="{name}" {place}>{lines}</pattern>'


def _times(lanes: list[Lane]) -> Iterator[float]:
    for lane in lanes:
        for bar in [*lane.bars, *lane.blind]:
            yield from (bar.since, bar.until)
        for mark in lane.marks:
            yield mark.at


def _tops(lanes: list[Lane]) -> Iterator[float]:
    top = float(TOP)
    before = None
    for lane in lanes:
        if before is not None and lane.host != before:
            top += GROUP_GAP
        yield top
        before = lane.host
        top += ROW_HEIGHT


def _grid(axis: Axis, height: float, run: RunBegan | None) -> Iterator[str]:
    for x, seconds in axis.ticks(TICK_DISTANCE):
        yield f'<line class="grid" x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height - 8:.1f}"/>'
        clock = told_wall_time(run, seconds).removesuffix(" UTC") if x < WIDTH - CLOCK_WIDTH else ""
        yield f'<text class="tick" x="{x:.1f}" y="{TOP - 23}" text-anchor="middle">{seconds:g} s</text>'
        yield f'<text class="tick clock" x="{x:.1f}" y="{TOP - 11}" text-anchor="middle">{clock}</text>' if clock else ""
    for one in axis.breaks:
        says = f"{one.seconds:.0f} s in which nothing changed, drawn shorter"
        yield f'<g class="break"><title>{says}</title><rect x="{one.x - 3:.1f}" y="{TOP - 8}" width="6" height="{height - TOP:.1f}"/></g>'


def _lane(lane: Lane, top: float, axis: Axis) -> Iterator[str]:
    name = f"{lane.host} {lane.name}" if lane.host else lane.name
    yield f'<text class="lane" x="{LABEL_WIDTH - 8}" y="{top + 14:.1f}" text-anchor="end">{escape(name)}</text>'
    yield f'<line class="floor" x1="{LABEL_WIDTH}" y1="{top + ROW_HEIGHT - 2:.1f}" x2="{WIDTH - 6}" y2="{top + ROW_HEIGHT - 2:.1f}"/>'
    for bar in lane.bars:
        yield _bar(bar, top, axis)
    for bar in lane.blind:
        yield _bar(bar, top, axis)
    for mark in lane.marks:
        yield _mark(mark, top, axis)


def _bar(bar: Bar, top: float, axis: Axis) -> str:
    left, right = axis.x(bar.since), axis.x(bar.until)
    width = max(right - left, 1.5)
    says = escape(f"{bar.says or bar.text}: {bar.since:.1f} to {bar.until:.1f} s")
    place = f'x="{left:.1f}" y="{top + 2:.1f}" width="{width:.1f}" height="{ROW_HEIGHT - 6}" rx="2"'
    classes = " ".join(f"bar-{tone}" for tone in bar.tone.split())
    fits = len(bar.text) * LETTER_WIDTH + 6 <= width
    label = f'<text class="label" x="{left + 4:.1f}" y="{top + 13.5:.1f}">{escape(bar.text)}</text>' if fits else ""
    return f'<g><title>{says}</title><rect class="bar {classes}" {place}/>{label}</g>'


def _mark(mark: Mark, top: float, axis: Axis) -> str:
    earliest, x, middle = axis.x(mark.since), axis.x(mark.at), top + ROW_HEIGHT - 2
    when = f"{mark.since:.1f}..{mark.at:.1f} s" if mark.at - mark.since > 0.1 else f"{mark.at:.1f} s"
    says = escape(f"{when}: {mark.says}")
    range_line = (
        f'<line class="range" x1="{earliest:.1f}" y1="{middle:.1f}" x2="{x:.1f}" y2="{middle:.1f}"/>' if x - earliest > 2 else ""
    )
    if mark.tone in ("reset", "free"):
        shape = f'<path d="M{x:.1f} {top + 1:.1f} l5 9 l-5 9 l-5 -9 z"/>'
    else:
        shape = f'<circle cx="{x:.1f}" cy="{middle:.1f}" r="2.2"/>'
    return f'<g class="mark mark-{escape(mark.tone)}"><title>{says}</title>{range_line}{shape}</g>'
