"""What requests to a BMC and its own readings mean for the server behind it.

Which requests are harmless in a healthy adoption follows recorded pivots: GETs, sessions, ejecting media, and setting the next boot to
the disk (a conductor's take-over does that).
"""

import re

import msgspec

from bmc import witness
from harness.journal.entry import Entry
from harness.journal.facts import AnyFact, BmcRead, BmcRequest
from harness.world.bmc.readings import HARMLESS_BOOT, Readings
from harness.world.coverage import NotCovered, SightKey
from harness.world.hosts import Host
from harness.world.world import World

REFUSED = range(400, 500)
EVERY_RESET = frozenset({"cold", "warm"})

_JSON = msgspec.json.Decoder()


def harmful(fact: AnyFact) -> str:
    """The forbidden action that this request asks for, as text; empty if it is harmless or was refused."""
    if not isinstance(fact, BmcRequest) or fact.method in ("GET", "HEAD", "OPTIONS") or fact.status in REFUSED:
        return ""
    for pattern, words in ACTIONS:
        if re.search(pattern, f"{fact.method} {fact.path}"):
            return words(fact) if callable(words) else words
    return ""


def reset_words(fact: BmcRequest) -> str:
    """`Reset ForceOff`."""
    return f"Reset {body(fact).get('ResetType') or 'of unknown type'}"


def boot_words(fact: BmcRequest) -> str:
    """`boot override Cd Once`, empty for the disk and for no override; also a power or boot-mode setting in the same PATCH."""
    if fact.body and not body(fact):
        return "a change of the system that cannot be read"
    boot = body(fact).get("Boot")
    boot = boot if isinstance(boot, dict) else {}
    target = str(boot.get("BootSourceOverrideTarget") or "")
    if target in HARMLESS_BOOT or boot.get("BootSourceOverrideEnabled") == "Disabled":
        return ""
    return f"boot override {target} {boot.get('BootSourceOverrideEnabled') or ''}".strip()


def media_words(fact: BmcRequest) -> str:
    """A PATCH that inserts media; one that takes it out is harmless."""
    return "media insert" if body(fact).get("Inserted") or body(fact).get("Image") else ""


def body(fact: BmcRequest) -> dict[str, object]:
    """The request's JSON body, empty where it has none."""
    try:
        value = _JSON.decode(fact.body or "{}")
    except msgspec.DecodeError:
        return {}
    return value if isinstance(value, dict) else {}


ACTIONS = (
    (r"^POST .*/Actions/ComputerSystem\.Reset/?$", reset_words),
    (r"^POST .*/Actions/Manager\.Reset/?$", "reset of the BMC itself"),
    (r"^POST .*VirtualMedia\.InsertMedia/?$", "media insert"),
    (r"^PATCH .*/VirtualMedia/[^/]+/?$", media_words),
    (r"^PATCH .*/Systems/[^/]+/?$", boot_words),
    (r"^POST .*/Actions/UpdateService\.SimpleUpdate/?$", "firmware update"),
    (r"^(POST|DELETE) .*/Volumes(/|$)", "change of disk volumes"),
    (r"^PATCH .*/(Bios|BIOS)(/Settings)?/?$", "change of BIOS settings"),
    (r"^PATCH .*/SecureBoot/?$", "change of secure boot"),
    (r"^POST /ipmi/Chassis/Control$", reset_words),
    (r"^POST /ipmi/Chassis/SetBootOptions$", boot_words),
    (r"^POST /ipmi/App/(Cold|Warm)Reset$", "reset of the BMC itself"),
)


def asker(world: World, fact: AnyFact) -> str:
    """The client of this request: `the Ironic of the target`, or a third party with all that is known of it."""
    if not isinstance(fact, BmcRequest):
        return "somebody"
    name = fact.client or (world.run.owners.get(fact.address, "") if world.run else "")
    if name.startswith("ironic-"):
        return f"the Ironic of the {name.removeprefix('ironic-')}"
    known = ", ".join(part for part in (name, fact.address, fact.user_agent) if part)
    return f"a third party ({known})" if known else "an unknown party"


def reading_changes(world: World, host: Host) -> list[tuple[tuple[int, ...], str]]:
    """Changes since the host's baseline that the BMC's readings show: (entries, text)."""
    readings = Readings()
    found: list[tuple[tuple[int, ...], str]] = []
    for entry in reads_of(world, host):
        found += [
            (each.entries, f"{each.says} (between {each.since:.1f} and {entry.at:.1f} s), by whom was not seen")
            for each in readings.take(entry)
            if host.concerns(each.since, entry.at)
        ]
    return found


def reads_of(world: World, host: Host) -> list[Entry]:
    """The readings of its BMC, as long as the promise holds."""
    return [entry for entry in world.reads[host.name] if entry.since < host.until]


def unlatched(world: World, host: Host, record: NotCovered) -> NotCovered | None:
    """For an incomplete record of requests: why the readings prove nothing either; None if they do."""
    reads = reads_of(world, host)
    if len(reads) < 2:
        return record
    last = reads[-1].fact
    doubts = doubted(reads, host.since)
    if isinstance(last, BmcRead) and last.final and any(not doubt for doubt in doubts.values()):
        return None
    says = "; ".join(f"{name} {doubt}" for name, doubt in doubts.items() if doubt)
    says = says or "this BMC offers nothing that latches a reset, and keeps no record of requests"
    blind = world.not_covered(SightKey("bmc", host=host.name), needed_from=host.since)
    return NotCovered(f"{says}; {blind.says}" if blind else says, record.evidence)


def doubted(reads: list[Entry], since: float) -> dict[str, str]:
    """The signals of the last reading that latch every reset -> why they prove nothing since then (empty: they do)."""
    readings = Readings()
    for entry in reads:
        readings.take(entry)
    last = reads[-1].fact
    told = last.signals if isinstance(last, BmcRead) else {}
    names = sorted(name for name in told if witness.latches(name) >= EVERY_RESET)
    return {name: doubt(name, readings, since) for name in names}


def doubt(name: str, readings: Readings, since: float) -> str:
    """Why this signal proves nothing; empty if it does."""
    if readings.first_at[name] > since:
        return f"was first read at {readings.first_at[name]:.1f} s, when the move had begun"
    return "began anew, or moved with the BMC's clock, and proves nothing any more" if name in readings.unusable_signals else ""
