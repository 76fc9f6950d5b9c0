"""What requests to a BMC and its own readings mean for the server behind it.

Which requests are harmless in a healthy adoption follows recorded pivots: GETs, sessions, ejecting media, and setting the next boot to
the disk (a conductor's take-over does that).
"""

import re
from itertools import pairwise

import msgspec

from bmc import witness
from harness.facts import AnyFact, BmcRead, BmcRequest
from harness.hosts import Host
from harness.sightlines import Blindness, SightKey
from harness.world import World

HARMLESS_BOOT = {"", "None", "Hdd"}
REFUSED = range(400, 500)
EVERY_RESET = frozenset({"cold", "warm"})

_JSON = msgspec.json.Decoder()


def harmful(fact: AnyFact) -> str:
    """What this request asks of the server that a pivot must not, in words; empty where it is harmless or was refused."""
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
    """Who made this request: `the Ironic of the target`, or a third party with all that is known of it."""
    if not isinstance(fact, BmcRequest):
        return "somebody"
    name = fact.client or (world.run.owners.get(fact.address, "") if world.run else "")
    if name.startswith("ironic-"):
        return f"the Ironic of the {name.removeprefix('ironic-')}"
    known = ", ".join(part for part in (name, fact.address, fact.user_agent) if part)
    return f"a third party ({known})" if known else "an unknown party"


def reading_changes(world: World, host: Host) -> list[tuple[int, str]]:
    """What the BMC's own readings show to have changed since the first: entry and words."""
    reads = [entry for entry in world.reads[host.name] if entry.since < host.until]
    found: list[tuple[int, str]] = []
    for before, after in pairwise(reads):
        words = differences(before.fact, after.fact)
        found += [(after.seq, f"{word} (between {after.since:.1f} and {after.at:.1f} s), by whom was not seen") for word in words]
    return found


def differences(before: AnyFact, after: AnyFact) -> list[str]:
    """What changed from one reading to the next, as far as it concerns the server."""
    if not isinstance(before, BmcRead) or not isinstance(after, BmcRead):
        return []
    words: list[str] = []
    if before.power and after.power and before.power != after.power:
        words.append(f"power went from {before.power} to {after.power}")
    for name in sorted(before.signals.keys() & after.signals.keys()):
        old, new = before.signals[name], after.signals[name]
        if witness.tells(name) and witness.moved(name, old, new):
            words.append(f"{name} moved from {old} to {new}: a reset")
    target = after.boot.get("target", "")
    if target != before.boot.get("target", "") and target not in HARMLESS_BOOT:
        words.append(f"the next boot was set to {target}")
    words += [f"media {image} was inserted" for slot, image in after.media.items() if image and not before.media.get(slot)]
    return words


def unlatched(world: World, host: Host, record: Blindness) -> Blindness | None:
    """Where the record of requests is not whole: why readings do not prove it either, None where they do."""
    reads = [entry for entry in world.reads[host.name] if entry.since < host.until]
    if len(reads) < 2 or not all(isinstance(entry.fact, BmcRead) for entry in reads):
        return record
    first, last = reads[0].fact, reads[-1].fact
    assert isinstance(first, BmcRead)  # noqa: S101 - filtered above
    assert isinstance(last, BmcRead)  # noqa: S101
    both = first.signals.keys() & last.signals.keys()
    latched = [name for name in both if witness.latches(name) >= EVERY_RESET]
    if latched and last.final:
        return None
    blind = world.blindness(SightKey("bmc", host=host.name), needed_from=host.since)
    says = "this BMC offers nothing that latches a reset, and keeps no record of requests"
    return Blindness(f"{says}; {blind.says}" if blind else says, record.evidence)
