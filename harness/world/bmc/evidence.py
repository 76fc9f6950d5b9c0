"""What requests to a BMC and its own readings mean for the server behind it."""

from collections.abc import Callable

from bmc import witness
from bmc.model import BOOT, MEDIA
from bmc.names import ACTOR_USER_AGENT
from harness.journal.entry import Entry
from harness.journal.facts import AnyFact, BmcRead, BmcRequest, WriteIntended
from harness.world.bmc.readings import Readings
from harness.world.bmc.requests import HARMLESS, Asked, asked, normal_path
from harness.world.bmc.servers import bmc_of, system_path
from harness.world.bmc.waking import awake, known_before, told
from harness.world.coverage import NotCovered, SightKey
from harness.world.hosts import Host, hosts
from harness.world.moves import JudgedMove, judged_moves
from harness.world.world import World, answered_once

NO_LATCH = "this BMC offers nothing that latches a reset, and keeps no record of requests"
EVERY_RESET = frozenset({"cold", "warm"})
IRONICS = "the Ironic of the "
ReadRequest = tuple[Entry, str]
"""A request, and what it means."""

OURS = "harness"
"""How a record of requests names this harness."""

UNKNOWN_PARTY = "an unknown party"


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
    """The client of this request: `the Ironic of the target`, `this harness`, or a third party with all that is known of it."""
    if not isinstance(fact, BmcRequest):
        return "somebody"
    name = fact.client or (world.run.owners.get(fact.address, "") if world.run else "")
    if name.startswith("ironic-"):
        return f"{IRONICS}{name.removeprefix('ironic-')}"
    if is_ours(world, fact, name):
        return "this harness"
    known = ", ".join(part for part in (name, fact.address, fact.user_agent) if part)
    return f"a third party ({known})" if known else UNKNOWN_PARTY


@answered_once
def requests_to(world: World, host: Host) -> list[Entry]:
    """The requests to this host's server, in order: those of its record, but for those to the System of another host behind its BMC.

    One BMC may have several Systems, and be recorded under the name of any of their hosts.
    """
    own, mine, others = world.requests[host.record], system_path(host.baseline), neighbours(world, host)
    elsewhere = {path for it in others if (path := system_path(it.baseline)) and path != mine}
    if not others or not mine:
        return own
    kept = [entry for entry in own if not any(is_within(entry.fact, path) for path in elsewhere)]
    told = [entry for it in others if system_path(it.baseline) != mine for entry in world.requests[it.record]]
    return sorted([*kept, *(entry for entry in told if is_within(entry.fact, mine))], key=lambda entry: entry.seq)


def neighbours(world: World, host: Host) -> list[Host]:
    """The other hosts behind its BMC that are recorded under names of their own."""
    return [it for it in behind(world).get(bmc_of(host.baseline).partition("/")[0], []) if it.record != host.record]


def requests_meaning(world: World, host: Host, meaning: Callable[[AnyFact], str]) -> list[ReadRequest]:
    """The requests to its server, as long as the promise holds, that mean something, each with what it means."""
    return [
        (entry, what)
        for entry in requests_to(world, host)
        if host.concerns(entry.since, entry.at) and host.holds(entry) and (what := meaning(entry.fact))
    ]


@answered_once
def behind(world: World) -> dict[str, list[Host]]:
    """The hosts behind each BMC, by where it answers."""
    found: dict[str, list[Host]] = {}
    for host in hosts(world):
        if place := bmc_of(host.baseline).partition("/")[0]:
            found.setdefault(place, []).append(host)
    return found


def is_within(fact: AnyFact, system: str) -> bool:
    """Is this a request to a System, or to a part of it?"""
    path = normal_path(fact.path) if isinstance(fact, BmcRequest) and system else ""
    return path == system or path.startswith(f"{system}/")


def is_ours(world: World, fact: BmcRequest, client: str) -> bool:
    """Did a client that is told to be this harness ask for it, and did the journal mean to write to that BMC?"""
    if client != OURS and fact.user_agent != ACTOR_USER_AGENT:
        return False
    meant = (entry.fact for entry in world.writes)
    return any(isinstance(it, WriteIntended) and (it.host, it.system) == (fact.host, f"BMC of {fact.host}") for it in meant)


def mixed_up(world: World, host: Host) -> NotCovered | None:
    """A record that names servers by bare names, of which this host's stands for another host's too: nobody knows whose it tells."""
    bare = host.object_name
    is_owned = bare == host.name or any(other.record == bare for other in hosts(world))
    told = [] if is_owned else [*world.requests[bare], *world.reads[bare]]
    text = f"what was seen of the server of `{bare}` may be of this host, or of another one of that name"
    return NotCovered(text, tuple(entry.seq for entry in told[:1])) if told else None


def silent_record(world: World, host: Host) -> NotCovered | None:
    """A record that shows no request of an adoption of this host proves nothing of it: it may be of other servers, or of none."""
    for leg in judged_moves(world):
        if leg.move.done and not any(is_of_adoption(world, host, leg, entry) for entry in world.requests[host.record]):
            side = leg.move.destination
            text = f"the record of requests shows none of its adoption by the Ironic of the {side}, so it proves nothing of this host"
            return NotCovered(text, leg.move.evidence)
    if not any(leg.move.done for leg in judged_moves(world)):
        asked_for = (entry.fact for entry in world.requests[host.record] if entry.at > host.begins)
        if not any(isinstance(fact, BmcRequest) and is_to_server(host, fact) for fact in asked_for):
            return NotCovered("the record of requests shows none to its server, so it proves nothing of this host")
    return None


def is_of_adoption(world: World, host: Host, leg: JudgedMove, entry: Entry) -> bool:
    """Is it a request to this host's server by the destination's Ironic (where askers are known), since the move began?"""
    fact = entry.fact
    if not isinstance(fact, BmcRequest) or not leg.move.since < entry.at < leg.until:
        return False
    asked_by = asker(world, fact)
    mine = asked_by == f"{IRONICS}{leg.move.destination}" if knows_ironics(world) else True
    return mine and is_to_server(host, fact)


def is_to_server(host: Host, fact: BmcRequest) -> bool:
    """Is it a request to this host's server, and not to another one behind the same BMC?"""
    path, system = normal_path(fact.path), system_path(host.baseline)
    return not system or not path.startswith("/redfish") or is_within(fact, system)


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
    earlier = [entry for entry in world.requests[host.record] if since <= entry.at < host.begins and harmful(entry.fact)]
    return earlier[-1] if earlier else None


def reads_of(world: World, host: Host) -> list[Entry]:
    """The readings of its BMC, as long as the promise holds."""
    return awake([entry for entry in world.reads[host.record] if host.holds(entry)], world.speed)


def unlatched(world: World, host: Host, record: NotCovered, until: float) -> NotCovered | None:
    """For an incomplete record of requests: why the readings prove nothing either; None if they do."""
    reads = reads_of(world, host)
    if len(reads) < 2:
        return record
    last = reads[-1].fact
    doubts = doubted(reads, host.since)
    late, hidden = reads[-1].at >= until, untold(reads)
    latched = any(not doubt for doubt in doubts.values())
    if isinstance(last, BmcRead) and last.final and late and latched and not hidden:
        return None
    lacks = [] if latched else [f"{name} {doubt}" for name, doubt in doubts.items()] or [NO_LATCH]
    lacks += hidden
    lacks += [] if late else [f"its BMC was last read at {reads[-1].at:.1f} s, and was needed until {until:.1f} s"]
    says = "; ".join(lacks) or "its BMC was not read at the end"
    blind = world.not_covered(SightKey("bmc", host=host.record), needed_from=host.since)
    return NotCovered(f"{says}; {blind.says}" if blind else says, record.evidence)


def untold(reads: list[Entry]) -> list[str]:
    """What the last reading does not show of its power, its next boot and its media, although it is there."""
    last = reads[-1].fact
    if not isinstance(last, BmcRead):
        return []
    hidden = {part: f"its {part} is not shown at the end ({says})" for part, says in last.unseen.items() if is_judged(part)}
    now = told(reads[-1])
    for member, name in known_before(reads):
        part = f"{member} {name}".strip()
        if name not in ("enabled", "mode") and (member, name) not in now and is_judged(part):
            hidden.setdefault(part, f"its {part} was shown before, and is not at the end")
    return list(hidden.values())


def is_judged(part: str) -> bool:
    """Does this part of a reading show anything that must stay as it is?"""
    return part.partition(" ")[0] in ("power", BOOT, MEDIA)


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
