"""What requests to a BMC and its own readings mean for the server behind it."""

from bmc import witness
from harness.journal.entry import Entry
from harness.journal.facts import AnyFact, BmcRead, BmcRequest
from harness.world.bmc.readings import Readings
from harness.world.bmc.requests import HARMLESS, Asked, asked, normal_path
from harness.world.bmc.servers import system_path
from harness.world.coverage import NotCovered, SightKey
from harness.world.hosts import Host
from harness.world.moves import JudgedMove, judged_moves
from harness.world.world import World, answered_once

EVERY_RESET = frozenset({"cold", "warm"})
IRONICS = "the Ironic of the "


def harmful(fact: AnyFact) -> str:
    """The forbidden action that this request asks for, as text; empty if it is not known to be one, or was refused."""
    what = requested(fact)
    return what.says if what.effect == "harmful" else ""


def unclear(fact: AnyFact) -> str:
    """A request of which is not known what it did to the server, as text; empty for any other."""
    what = requested(fact)
    return what.says if what.effect == "unclear" else ""


def requested(fact: AnyFact) -> Asked:
    """What this entry's request may have done; harmless for any other fact."""
    return asked(fact) if isinstance(fact, BmcRequest) else HARMLESS


def asker(world: World, fact: AnyFact) -> str:
    """The client of this request: `the Ironic of the target`, or a third party with all that is known of it."""
    if not isinstance(fact, BmcRequest):
        return "somebody"
    name = fact.client or (world.run.owners.get(fact.address, "") if world.run else "")
    if name.startswith("ironic-"):
        return f"{IRONICS}{name.removeprefix('ironic-')}"
    known = ", ".join(part for part in (name, fact.address, fact.user_agent) if part)
    return f"a third party ({known})" if known else "an unknown party"


def silent_record(world: World, host: Host) -> NotCovered | None:
    """A record that shows no request of an adoption of this host proves nothing of it: it may be of other servers, or of none."""
    for leg in judged_moves(world):
        if leg.move.done and not any(is_of_adoption(world, host, leg, entry) for entry in world.requests[host.name]):
            side = leg.move.destination
            text = f"the record of requests shows none of its adoption by the Ironic of the {side}, so it proves nothing of this host"
            return NotCovered(text, leg.move.evidence)
    return None


def is_of_adoption(world: World, host: Host, leg: JudgedMove, entry: Entry) -> bool:
    """Is it a request to this host's server by the destination's Ironic (where askers are known), since the move began?"""
    fact = entry.fact
    if not isinstance(fact, BmcRequest) or not leg.move.since < entry.at < leg.until:
        return False
    asked_by = asker(world, fact)
    mine = asked_by == f"{IRONICS}{leg.move.destination}" if knows_ironics(world) else True
    path, system = normal_path(fact.path), system_path(host.baseline)
    return mine and (not system or not path.startswith("/redfish") or path == system or path.startswith(f"{system}/"))


@answered_once
def knows_ironics(world: World) -> bool:
    """Does this run tell which of the askers are Ironics?"""
    return any(asker(world, entry.fact).startswith(IRONICS) for entries in world.requests.values() for entry in entries)


@answered_once
def reading_changes(world: World, host: Host) -> list[tuple[tuple[int, ...], str]]:
    """Changes since the host's baseline that the BMC's readings show: (entries, text)."""
    readings = Readings()
    found: list[tuple[tuple[int, ...], str]] = []
    for entry in reads_of(world, host):
        found += [
            (each.entries, f"{each.says} (between {each.since:.1f} and {entry.at:.1f} s), by whom was not seen")
            for each in readings.take(entry)
            if host.concerns(each.since, entry.at) and not came_before(world, host, each.since)
        ]
    return found


def came_before(world: World, host: Host, since: float) -> Entry | None:
    """The last harm to its server, from this time (seconds) on, that was asked for before the promise began; None if there was none.

    What shows only afterwards, as a boot does that takes minutes, is of that one.
    """
    earlier = [entry for entry in world.requests[host.name] if since <= entry.at < host.begins and harmful(entry.fact)]
    return earlier[-1] if earlier else None


def reads_of(world: World, host: Host) -> list[Entry]:
    """The readings of its BMC, as long as the promise holds."""
    return [entry for entry in world.reads[host.name] if entry.since < host.until]


def unlatched(world: World, host: Host, record: NotCovered, until: float) -> NotCovered | None:
    """For an incomplete record of requests: why the readings prove nothing either; None if they do."""
    reads = reads_of(world, host)
    if len(reads) < 2:
        return record
    last = reads[-1].fact
    doubts = doubted(reads, host.since)
    late = reads[-1].at >= until
    if isinstance(last, BmcRead) and last.final and late and any(not doubt for doubt in doubts.values()):
        return None
    says = "; ".join(f"{name} {doubt}" for name, doubt in doubts.items() if doubt)
    says = says or ("" if late else f"its BMC was last read at {reads[-1].at:.1f} s, and was needed until {until:.1f} s")
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
