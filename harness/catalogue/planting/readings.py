"""Altering what a BMC says of its server."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from harness.catalogue.planting.draft import Draft
from harness.journal.entry import FOREVER, Entry
from harness.journal.facts import BmcRead

ReadingEdit = Callable[[BmcRead], BmcRead]
POLL_SECONDS = 0.1
TIMES = ("LastResetTime", "BootProgress.LastStateTime")


def of_host(draft: Draft, entry: Entry) -> bool:
    """Is this a reading of the drawn host's BMC?"""
    return isinstance(entry.fact, BmcRead) and entry.fact.host == draft.host.name


def rewrite(draft: Draft, edit: ReadingEdit, *, since: float | None = None, until: float = FOREVER) -> None:
    """Change the readings from `since` to `until`; nothing where the run has no readings of this BMC."""
    since = draft.time if since is None else since
    own = [entry for entry in draft.entries if of_host(draft, entry)]
    before = next((entry for entry in reversed(own) if entry.at <= since), None)
    if before is None:
        return
    touched = {id(entry) for entry in own if since < entry.at < until}
    draft.alter(lambda entry: edit(reading(entry)) if id(entry) in touched else None)
    draft.tell(at_time(edit(reading(before)), before, since), at=since, since=since - POLL_SECONDS)
    if until < FOREVER:
        last = next(entry for entry in reversed(own) if entry.at <= until)
        draft.tell(at_time(reading(last), last, until), at=until, since=until - POLL_SECONDS)


def reading(entry: Entry) -> BmcRead:
    """The reading of an entry."""
    assert isinstance(entry.fact, BmcRead)  # noqa: S101 - only readings come here
    return entry.fact


def at_time(read: BmcRead, of: Entry, at: float) -> BmcRead:
    """A reading as it would have been taken at another time: with the BMC's clock of then."""
    clock = later(read.bmc_time, at - of.at)
    return msgspec.structs.replace(read, bmc_time=clock, final=False)


def later(clock: str, seconds: float) -> str:
    """A BMC's time some seconds later; what is no time stays."""
    try:
        return (datetime.fromisoformat(clock) + timedelta(seconds=seconds)).isoformat()
    except ValueError:
        return clock


def with_reset(draft: Draft, at: float) -> ReadingEdit:
    """The edit of a server that was reset at a time: each of its latched signals moves."""
    reads = [entry for entry in draft.run.world.reads[draft.host.name] if isinstance(entry.fact, BmcRead)]
    moment = later(reading(reads[0]).bmc_time, at - reads[0].at) if reads else ""

    def edit(read: BmcRead) -> BmcRead:
        signals = {name: moment if name in TIMES and moment else value for name, value in read.signals.items()}
        for name, value in read.signals.items():
            if name.endswith("ResetCount") and value.isdigit():
                signals[name] = str(int(value) + 1)
        return msgspec.structs.replace(read, signals=signals)

    return edit


def with_power(power: str) -> ReadingEdit:
    """The edit of a power state."""
    return lambda read: msgspec.structs.replace(read, power=power)


def with_boot(target: str, enabled: str = "Once") -> ReadingEdit:
    """The edit of a boot override."""
    return lambda read: msgspec.structs.replace(read, boot={**read.boot, "target": target, "enabled": enabled})


def with_media(image: str) -> ReadingEdit:
    """The edit of an inserted image."""
    return lambda read: msgspec.structs.replace(read, media=dict.fromkeys(read.media or {"Cd": ""}, image))


def boot_as_asked(draft: Draft, body: Any) -> None:
    """The readings after a boot override that was asked for by this request body; one that names no target changes nothing that is read."""
    boot = body.get("Boot") if isinstance(body, dict) else None
    target = boot.get("BootSourceOverrideTarget") if isinstance(boot, dict) else None
    if target:
        rewrite(draft, with_boot(target))
