"""What a BMC's readings add up to: each is held against the last that was known, not only against the one before.

A BMC that has just been restarted says nothing of some things for a while; what it then says again must be what it said last.
"""

from bmc import witness
from bmc.witness import Sample
from harness.entry import Entry
from harness.facts import BmcRead

HARMLESS_BOOT = {"", "None", "Hdd"}


class Readings:
    """What one BMC said last of each thing. `first_at` is when each signal was first told, in seconds of the run."""

    def __init__(self) -> None:
        self.first_at: dict[str, float] = {}
        self._lost: set[str] = set()
        self._open: set[str] = set()
        self._began = False
        self._power = ""
        self._target = ""
        self._media: dict[str, str] = {}
        self._signals: dict[str, Sample] = {}

    @property
    def worn(self) -> set[str]:
        """The signals that prove nothing any more, or of which it is still open (see bmc.witness.fate)."""
        return self._lost | self._open

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
            if before is None:
                self.first_at[name], self._signals[name] = at, after
            elif self._take_signal(name, before, after) and witness.tells(name):
                words.append(f"{name} moved from {before.value} to {value}: a reset")
        return words

    def _take_signal(self, name: str, before: Sample, after: Sample) -> bool:
        """Was it a reset? What is open is held against the next reading too."""
        fate = witness.fate(name, before, after)
        self._open.discard(name)
        if fate == "open":
            self._open.add(name)
            return False
        self._signals[name] = after
        if fate == "lost":
            self._lost.add(name)
        return fate == "reset"

    def _take_boot(self, fact: BmcRead) -> list[str]:
        before, self._target = self._target, fact.boot.get("target", self._target)
        changed = self._target != before and self._target not in HARMLESS_BOOT
        return [f"the next boot was set to {self._target}"] if changed else []

    def _take_media(self, fact: BmcRead) -> list[str]:
        words = [f"media {image} was inserted" for slot, image in fact.media.items() if image and not self._media.get(slot)]
        self._media.update(fact.media)
        return words
