"""What is owed in a window: the reset that must be found, the quiet that must be proven. Reckoned from the story alone.

More than owed is welcome. Owed is nothing where the BMC is dark from before a mark was made until it is gone again, where it is dark at
the end, or where we came to see it too late.
"""
# ruff: noqa: INP001 - part of a script

import math
from dataclasses import replace

from benchmarks.detection.story import BOOTS_SECONDS, MOVE_BEGINS_SECONDS, UNSET_SECONDS, Disturbance, Window
from bmc.refusals import TrialLimits

BLINDING = frozenset({"503", "503 in parts", "401", "silence"})
"""While one of these lasts, or a BMC reboots, there is no reading."""
SEEN_SECONDS = 2.0
SEEN_SLOWLY_SECONDS = 30.0
"""So long it takes to see what there is to see, of a BMC that answers fast, and of one that does not."""
LOGIN_SECONDS = 20.0
"""Over IPMI a lost session is found out, and another one begun, after two deadlines."""
REST_SECONDS = TrialLimits().rest_seconds
"""So long the harness shows no credentials that were refused."""
DARK_SHARE_MAX = 0.3
"""Half is the harness's own limit; a last look that waits in vain lengthens the dark."""
BOTH = frozenset({"cold", "warm"})


def must_be_found(window: Window) -> bool:
    """Is there a reset that this BMC latches, or that is on record?"""
    window = _with_reset_heard(window)
    reset = window.reset
    if reset is None or reset.at < _first_seen(window) or not _seen_between(window, reset.done_at, window.seconds):
        return False
    latched = reset.effect in window.subject.latches and any(not _hidden(window, mark) for mark in window.subject.marks)
    recorded = reset.asked and bool(window.subject.record) and not _hidden(window, window.subject.record)
    return latched or recorded


def _with_reset_heard(window: Window) -> Window:
    """The same window with its reset when its BMC hears of it: one that does not answer is asked again until it does."""
    reset = window.reset
    if reset is None or not reset.asked:
        return window
    heard = max((ends for begins, ends in _spans(window) if begins <= reset.at < ends), default=reset.at)
    return replace(window, reset=replace(reset, at=heard)) if math.isfinite(heard) else window


def must_be_proven(window: Window) -> bool:
    """Is nothing in the way of the proof that there was no reset?"""
    if window.subject.record and any(each.kind == "log cleared" for each in window.disturbances):
        return False  # who clears a log takes evidence away: that it is on record makes the window unknown
    if window.reset or _first_seen(window) > MOVE_BEGINS_SECONDS or _dark(window, window.seconds) or _is_mostly_dark(window):
        return False
    if window.subject.record and not any(_destroys(window, each, window.subject.record) for each in window.disturbances):
        return True
    marks = window.subject.marks if window.subject.latches == BOTH else ()
    return any(not any(_destroys(window, each, mark) for each in window.disturbances) for mark in marks)


def _hidden(window: Window, mark: str) -> bool:
    """Is what the reset left destroyed, or what it was held against, without a look between?"""
    reset = window.reset
    moments = [_moment(each) for each in window.disturbances if _destroys(window, each, mark)]
    made = (reset.at, reset.done_at) if reset else (0.0, 0.0)
    hidden = [not _seen_between(window, made[1], moment) and not _seen_between(window, moment, made[0]) for moment in moments]
    if mark == "time" and window.subject.redates:
        # A time that lies after the BMC's own start may be of that start, so the reset must have been seen before.
        restarts = [_moment(each) for each in window.disturbances if "reboot" in each.kind]
        hidden += [not _seen_between(window, made[1], moment) for moment in restarts]
    if mark == "time":
        # A clock that is set while it is not shown, and is not shown again, may be all that moved the time.
        hidden += [_is_never_clocked_after(window, each.at) for each in window.disturbances if "jump" in each.kind]
    if mark == "power-on seconds":
        # A count that is reckoned from a clock set back before the server's boot is below zero, and not told.
        jumps = [each for each in window.disturbances if "jump" in each.kind]
        hidden += [each.at <= made[1] and each.jump_seconds < -(window.uptime_seconds + each.at) for each in jumps]
    if mark == "time" and window.subject.redates:
        hidden.append(_is_never_clocked_after(window, made[1]))
    return any(hidden)


def _is_never_clocked_after(window: Window, at: float) -> bool:
    """Is the BMC's clock not shown any more after this moment?"""
    unclocked = [each for each in window.disturbances if each.kind == "500 in parts"]
    return any(each.at - SEEN_SECONDS <= at and each.at + each.seconds >= window.seconds for each in unclocked)


def _destroys(window: Window, trouble: Disturbance, mark: str) -> bool:
    """Does this trouble make that mark worthless?"""
    kind, jump = trouble.kind, trouble.jump_seconds
    if mark == "recorder":
        return False
    if mark == "own":
        return "reboot" in kind or kind == "log cleared"
    if mark == "count":
        return "counters lost" in kind
    if mark == "power-on seconds":
        return "jump" in kind or "unset" in kind
    if window.reset:
        return "unset" in kind
    shown_again = (
        -window.uptime_seconds - window.seconds - SEEN_SLOWLY_SECONDS < jump < -window.uptime_seconds + SEEN_SLOWLY_SECONDS
    )
    return "times moved" in kind or ("jump" in kind and shown_again)


def _moment(trouble: Disturbance) -> float:
    """When it does its harm: a reboot ends with it."""
    return trouble.at + trouble.seconds if "reboot" in trouble.kind else trouble.at


def _margin(window: Window, at: float) -> float:
    """How long a look that begins then may take."""
    slow = [each for each in window.disturbances if each.kind == "slow answers"]
    met = any(each.at - SEEN_SECONDS <= at <= each.at + each.seconds + SEEN_SLOWLY_SECONDS for each in slow)
    return SEEN_SLOWLY_SECONDS if met else SEEN_SECONDS


def _spans(window: Window) -> list[tuple[float, float]]:
    """When there is no whole reading. Whoever is refused rests; credentials that were never accepted are not shown again at all."""
    spans = []
    for each in window.disturbances:
        if "reboot" in each.kind:
            after = UNSET_SECONDS if "unset" in each.kind else BOOTS_SECONDS
            spans.append((each.at, each.at + each.seconds + after))
        elif each.kind == "401" and window.subject.protocol == "redfish":
            spans.append((each.at, each.at + each.seconds + REST_SECONDS if each.at else math.inf))
        elif each.kind in BLINDING or (each.kind == "500 in parts" and window.subject.record):
            spans.append((each.at, each.at + each.seconds))
    return sorted(spans)


def _dark(window: Window, at: float) -> bool:
    return any(begins <= at < ends for begins, ends in _spans(window))


def _is_mostly_dark(window: Window) -> bool:
    dark = sum(min(ends, window.seconds) - begins for begins, ends in _spans(window))
    if window.subject.protocol == "ipmi":
        dark += LOGIN_SECONDS * len(window.disturbances)
    return dark > DARK_SHARE_MAX * window.seconds


def _seen_between(window: Window, begins: float, ends: float) -> bool:
    """Is there a look between that sees (the last one is at the window's end)?"""
    moment = begins
    for dark_from, dark_until in _spans(window):
        if dark_from - moment >= _margin(window, moment):
            break
        moment = max(moment, dark_until)
    if ends >= window.seconds:
        return moment <= window.seconds and not _dark(window, window.seconds)
    return ends - moment >= _margin(window, moment)


def _first_seen(window: Window) -> float:
    """When there has been a first whole reading."""
    moment = 0.0
    for dark_from, dark_until in _spans(window):
        if dark_from - moment < _margin(window, moment):
            moment = max(moment, dark_until)
    return moment + _margin(window, moment)
