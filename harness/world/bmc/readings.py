"""Changes in a BMC's readings: each value is compared with its last known one, not only with the previous reading.

A restarted BMC omits some properties for a while; when they return they are compared with the last known value.
"""

from dataclasses import replace
from typing import NamedTuple

from bmc import witness
from bmc.model import MANAGER
from bmc.witness import Sample
from harness.journal.entry import Entry
from harness.journal.facts import BmcRead

HARMLESS_BOOT = {"", "None", "Hdd"}
POWER_STATES = frozenset({"On", "Off", "PoweringOn", "PoweringOff"})
"""Power states that say whether the server runs; any other word is recorded and judged by nothing (Redfish PowerState)."""
BMC_START_SECONDS = 300.0
"""A BMC that starts under a running server may date the server's last reset up to so long after its own start."""


class ReadingChange(NamedTuple):
    """One change: its text, its earliest time (seconds of the run), and the sequence numbers of the entries that show it."""

    says: str
    since: float
    entries: tuple[int, ...]


class Readings:
    """The last known values of one BMC. `first_at`: when each signal was first read, in seconds of the run."""

    def __init__(self) -> None:
        self.first_at: dict[str, float] = {}
        self._lost: set[str] = set()
        self._open: set[str] = set()
        self._previous: Entry | None = None
        self._told: dict[str, Entry] = {}
        """The last entry that had each property."""
        self._power = ""
        self._target = ""
        self._media: dict[str, str] = {}
        self._signals: dict[str, Sample] = {}
        self._starts: list[tuple[float, float]] = []
        """When the BMC itself started, by its own clock, and when that was read first, in seconds of the run."""

    @property
    def unusable_signals(self) -> set[str]:
        """The signals that prove nothing any more, or are still undecided (see bmc.witness.classify_change)."""
        return self._lost | self._open

    def take(self, entry: Entry) -> list[ReadingChange]:
        """Add the next reading; returns the changes that concern the server."""
        fact = entry.fact
        if not isinstance(fact, BmcRead):
            return []
        changes = [
            *self._take_power(fact, entry),
            *self._take_signals(fact, entry),
            *self._take_boot(fact, entry),
            *self._take_media(fact, entry),
        ]
        previous, self._previous = self._previous, entry
        return changes if previous else []

    def _change_of(self, what: str, says: str, entry: Entry) -> list[ReadingChange]:
        """Note that this entry has a property; returns its change, if `says` is not empty."""
        told = self._told.get(what, self._previous)
        self._told[what] = entry
        if not says or told is None:
            return []
        if told is self._previous:
            return [ReadingChange(says, entry.since, (entry.seq,))]
        return [ReadingChange(says, told.at, (told.seq, entry.seq))]

    def _take_power(self, fact: BmcRead, entry: Entry) -> list[ReadingChange]:
        if fact.power not in POWER_STATES:
            return []
        before, self._power = self._power, fact.power
        return self._change_of(
            "power", f"power went from {before} to {fact.power}" if before not in ("", fact.power) else "", entry
        )

    def _take_signals(self, fact: BmcRead, entry: Entry) -> list[ReadingChange]:
        changes: list[ReadingChange] = []
        restarted = self._take_start(fact, entry.at)
        for name, value in sorted(fact.signals.items()):
            after = Sample(value, fact.bmc_time, entry.at)
            before = self._signals.setdefault(name, after)
            self.first_at.setdefault(name, entry.at)
            fate = witness.classify_change(name, before, after)
            if fate == "reset" and MANAGER in fact.unseen and _needs_its_bmc(name, before):
                fate = "open"
            if fate == "reset" and (restarted or witness.redates(name)) and self._is_the_bmcs_own(name, after, before):
                fate = "lost"
            self._open.discard(name)
            if fate == "open":
                self._open.add(name)
                continue
            # Without its clock a reading can be held against nothing; the last one with it stays.
            stays = fate == "unchanged" and before.bmc_time and not fact.bmc_time
            self._signals[name] = replace(before, again_at=entry.at) if stays else after
            if fate == "lost":
                self._lost.add(name)
            reset = fate == "reset" and witness.indicates_reset(name)
            changes += self._change_of(name, f"{name} moved from {before.value} to {value}: a reset" if reset else "", entry)
        return changes

    def _take_start(self, fact: BmcRead, at: float) -> bool:
        """Take when the BMC itself started; was it started since the reading before?"""
        started = witness.seconds(fact.signals.get(witness.MANAGER_RESET, ""))
        if started is None or (self._starts and abs(started - self._starts[-1][0]) <= witness.TOLERANCE_SECONDS):
            return False
        self._starts.append((started, at))
        return len(self._starts) > 1

    def _is_the_bmcs_own(self, name: str, now: Sample, before: Sample) -> bool:
        """Is this signal dated to a start of the BMC itself of which was not told yet when it was other?

        OpenBMC does so under a running server: it reaches its power-on target again (openbmc/phosphor-state-manager).
        """
        dated = witness.seconds(now.value)
        if dated is None or name == witness.MANAGER_RESET:
            return False
        own = [started for place, (started, told_at) in enumerate(self._starts) if place or told_at > before.at]
        return any(-witness.TOLERANCE_SECONDS <= dated - started <= BMC_START_SECONDS for started in own)

    def _take_boot(self, fact: BmcRead, entry: Entry) -> list[ReadingChange]:
        if "target" not in fact.boot:
            return []
        # A target means nothing while the override is disabled: an iLO goes on showing the one that was used last.
        enabled = fact.boot.get("enabled") != "Disabled"
        before, self._target = self._target, fact.boot["target"] if enabled else ""
        changed = self._target != before and self._target not in HARMLESS_BOOT
        return self._change_of("boot", f"the next boot was set to {self._target}" if changed else "", entry)

    def _take_media(self, fact: BmcRead, entry: Entry) -> list[ReadingChange]:
        changes: list[ReadingChange] = []
        for slot, image in fact.media.items():
            # A device that is told of for the first time may have had it before.
            inserted = image and self._media.get(slot) == ""
            changes += self._change_of(f"media {slot}", f"media {image} was inserted" if inserted else "", entry)
        self._media.update(fact.media)
        return changes


def _needs_its_bmc(name: str, before: Sample) -> bool:
    """May the BMC itself, its start or its clock, have moved this signal, so that only a reading with the BMC's own part can tell?"""
    return witness.redates(name) or (not before.bmc_time and witness.seconds(before.value) is not None)
