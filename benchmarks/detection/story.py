"""What happens in the windows of the detection table: drawn from a seed, the same for the same seed.

A window is two to five minutes of a move. In the one half of them the server is reset once; in all of them a BMC may do what BMCs do.
"""
# ruff: noqa: INP001 - part of a script

import math
import random
from dataclasses import dataclass
from itertools import cycle, islice, product
from typing import Literal

ResetKind = Literal["graceful", "forced", "warm", "cycle"]
KINDS: tuple[ResetKind, ...] = ("graceful", "forced", "warm", "cycle")

POLLERS_SECONDS = (1.0, 10.0, 60.0, 120.0)

DISTURBANCES = (
    "BMC reboot",
    "BMC reboot, counters lost",
    "BMC reboot, clock unset",
    "503",
    "503 in parts",
    "500 in parts",
    "401",
    "silence",
    "slow answers",
    "clock jump",
    "clock jump, times moved",
    "clock drifts",
    "times waver",
    "log cleared",
    "sessions lost",
)
BOOTS_SECONDS = 8.0
"""For so long after its restart a BMC answers, and does not know much."""
UNSET_SECONDS = 20.0
"""For so long after its restart a BMC without a battery counts from 1970, until it is told the time."""
DRIFT = 0.0005
MOVE_BEGINS_SECONDS = 5.0
ENDS_SECONDS = 3.0
"""The last moments of a window, in which no reset is done: a BMC needs one to show it."""


@dataclass(frozen=True)
class BmcProfile:
    """One row of BMCs: `latches` tells which resets cannot pass its `marks`; `record`: who keeps one of the requests, if anybody.

    `logged` has a log of requests and no mark, `recorded` neither and the flight recorder before it, `bare` nothing at all;
    `redates`: a BMC that starts itself dates its server's last reset anew.
    `ipmi_plain` writes its event log and says why it restarted last; `ipmi_bare` answers as virtualbmc does: power and boot device only.
    """

    name: str
    protocol: Literal["redfish", "ipmi"]
    latches: frozenset[str]
    marks: frozenset[str] = frozenset()
    redates: bool = False
    record: Literal["", "own", "recorder"] = ""


COLD, BOTH, NONE = frozenset({"cold"}), frozenset({"cold", "warm"}), frozenset[str]()

SUBJECTS = (
    BmcProfile("dell", "redfish", BOTH, frozenset({"time"})),
    BmcProfile("dell_without_time", "redfish", NONE),
    BmcProfile("hpe", "redfish", COLD, frozenset({"power-on seconds"})),
    BmcProfile("lenovo", "redfish", BOTH, frozenset({"count"})),
    BmcProfile("supermicro", "redfish", NONE),
    BmcProfile("openbmc", "redfish", COLD, frozenset({"time"}), redates=True),
    BmcProfile("ami", "redfish", COLD, frozenset({"time"})),
    BmcProfile("emulated", "redfish", BOTH, frozenset({"time", "count"}), record="own"),
    BmcProfile("logged", "redfish", NONE, record="own"),
    BmcProfile("recorded", "redfish", NONE, record="recorder"),
    BmcProfile("bare", "redfish", NONE),
    BmcProfile("ipmi_emulated", "ipmi", BOTH, frozenset({"time", "count"}), record="own"),
    BmcProfile("ipmi_plain", "ipmi", NONE),
    BmcProfile("ipmi_bare", "ipmi", NONE),
)


@dataclass(frozen=True)
class Reset:
    """One reset. `off_seconds`: how long power shows Off, 0 for never. `delay_seconds`: from the request to the deed.

    `asked`: somebody asks the BMC for it; otherwise the operating system, the button or the mains does it.
    """

    kind: ResetKind
    at: float
    off_seconds: float
    delay_seconds: float
    asked: bool

    @property
    def done_at(self) -> float:
        """When the server boots again."""
        return self.at + self.delay_seconds + self.off_seconds

    @property
    def effect(self) -> str:
        """`cold` where power went, else `warm`."""
        return "cold" if self.off_seconds else "warm"


@dataclass(frozen=True)
class Disturbance:
    """Something that a BMC does or suffers, from `at` on for `seconds`; `jump_seconds` is how far its clock jumps, if it does."""

    kind: str
    at: float
    seconds: float
    jump_seconds: float = 0.0


@dataclass(frozen=True)
class Window:
    """One window: `uptime_seconds` is how long the server has run when it begins, `phases` when each poller looks first."""

    number: int
    subject: BmcProfile
    seconds: float
    uptime_seconds: float
    phases: tuple[float, ...]
    media_inserted: bool
    reset: Reset | None
    disturbances: tuple[Disturbance, ...]
    seed: int


def windows(resets: int, quiet: int, seed: int) -> list[Window]:
    """So many windows with a reset, every subject and kind in turn, and so many without."""
    rows = islice(cycle(product(KINDS, SUBJECTS)), resets)
    made = [_window(number, subject, kind, seed) for number, (kind, subject) in enumerate(rows)]
    calm = islice(cycle(SUBJECTS), quiet)
    return made + [_window(resets + number, subject, None, seed) for number, subject in enumerate(calm)]


def _window(number: int, subject: BmcProfile, kind: ResetKind | None, seed: int) -> Window:
    chance = random.Random(f"{seed} {number}")  # noqa: S311 - a table's seed is no secret
    seconds = chance.uniform(150.0, 300.0)
    troubles = chance.choice((0, 1, 2)) if kind else 1 + (chance.random() < 0.5)
    first = number // len(SUBJECTS)
    kinds = [DISTURBANCES[first % len(DISTURBANCES)], chance.choice(DISTURBANCES)] if not kind else DISTURBANCES
    kinds = kinds[:troubles] if not kind else chance.sample(kinds, troubles)
    reset = _reset(chance, kind, subject, seconds) if kind else None
    return Window(
        number=number,
        subject=subject,
        seconds=seconds,
        uptime_seconds=_logarithmic(chance, 20.0, 864_000.0),
        phases=tuple(chance.uniform(0.0, interval) for interval in POLLERS_SECONDS),
        reset=reset,
        media_inserted=chance.random() < 0.3,
        disturbances=tuple(sorted((_disturbance(chance, each, seconds, reset) for each in kinds), key=lambda each: each.at)),
        seed=chance.getrandbits(32),
    )


def _reset(chance: random.Random, kind: ResetKind, subject: BmcProfile, seconds: float) -> Reset:
    shows_off = kind == "cycle" or (kind != "warm" and chance.random() < 0.5)
    # What nobody asks a BMC for is not in its record: where that is all there is, it is the Node that tells.
    asked = kind in ("graceful", "forced") or (subject.record and not subject.marks) or chance.random() < 0.5
    off_seconds = _logarithmic(chance, 0.05, 30.0) if shows_off else 0.0
    delay_seconds = chance.uniform(1.0, 20.0) if kind == "graceful" else 0.0
    latest = seconds - ENDS_SECONDS - off_seconds - delay_seconds
    # Now and then so late that its BMC may be dark until the end.
    earliest = max(MOVE_BEGINS_SECONDS, latest - 20.0) if chance.random() < 0.2 else MOVE_BEGINS_SECONDS
    return Reset(kind, chance.uniform(earliest, latest), off_seconds, delay_seconds, asked)


def _disturbance(chance: random.Random, kind: str, seconds: float, reset: Reset | None) -> Disturbance:
    """Anywhere in the window; now and then from its beginning on; often just when the server is reset."""
    jump = chance.choice((-1, 1)) * _logarithmic(chance, 10.0, 864_000.0)
    lasting = chance.uniform(15.0, 60.0) if "reboot" in kind else _logarithmic(chance, 1.0, 60.0)
    at = chance.uniform(MOVE_BEGINS_SECONDS, seconds - 1.0)
    if reset and chance.random() < 0.5:
        at = max(reset.at + reset.delay_seconds - chance.uniform(0.0, lasting), 0.0)
    elif chance.random() < 0.1:
        at = 0.0
    elif chance.random() < 0.7:
        at = min(at, max(seconds - 75.0, MOVE_BEGINS_SECONDS))
    return Disturbance(kind, at, lasting, jump)


def _logarithmic(chance: random.Random, low: float, high: float) -> float:
    return math.exp(chance.uniform(math.log(low), math.log(high)))
