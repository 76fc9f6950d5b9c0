"""What a BMC's readings add up to: each is held against the last that was known, not only against the one before.

A BMC that has just been restarted says nothing of some things for a while; what it then says again must be what it said last.
"""

from bmc import witness
from bmc.witness import Sample
from harness.entry import Entry
from harness.facts import BmcRead

HARMLESS_BOOT = {"", "None", "Hdd"}


class Readings:
    """What one BMC said last of each thing. `worn` are the signals that prove nothing any more (see bmc.witness.fate)."""

    def __init__(self) -> None:
        self.worn: set[str] = set()
        self._began = False
        self._power = ""
        self._target = ""
        self._media: dict[str, str] = {}
        self._signals: dict[str, Sample] = {}

    def take(self, entry: Entry) -> list[str]:
        """Take the next reading; what has changed since, as far as it concerns the server."""
        fact = entry.fact
        if not isinstance(fact, BmcRead):
            return []
        words = [*self._take_power(fact), *self._take_signals(fact, entry.at), *self._take_boot(fact), *self._take_media(fact)]
        began, self._began = self._began, True
        return words if began else []

    def _take_power(self, fact: BmcRead) -> list[str]:
        before, self._power = self._power, fact.power or self._power
        return [f"power went from {before} to {self._power}"] if before and before != self._power else []

    def _take_signals(self, fact: BmcRead, at: float) -> list[str]:
        words: list[str] = []
        for name, value in sorted(fact.signals.items()):
            after = Sample(value, fact.bmc_time, at)
            before = self._signals.get(name)
            self._signals[name] = after
            fate = witness.fate(name, before, after) if before else "unchanged"
            if fate == "lost":
                self.worn.add(name)
            elif fate == "reset" and before and witness.tells(name):
                words.append(f"{name} moved from {before.value} to {value}: a reset")
        return words

    def _take_boot(self, fact: BmcRead) -> list[str]:
        before, self._target = self._target, fact.boot.get("target", self._target)
        changed = self._target != before and self._target not in HARMLESS_BOOT
        return [f"the next boot was set to {self._target}"] if changed else []

    def _take_media(self, fact: BmcRead) -> list[str]:
        words = [f"media {image} was inserted" for slot, image in fact.media.items() if image and not self._media.get(slot)]
        self._media.update(fact.media)
        return words
