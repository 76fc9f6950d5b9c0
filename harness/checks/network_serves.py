"""After the move the side that owns the hosts reaches every BMC, its Ironic and the images; and exactly one Ironic answers.

Without a vantage on that side nobody looked, and the answer is unknown. A BMC that answered nobody at all in between was not cut off,
it was silent: that is unknown too.
"""

from collections.abc import Iterator

from harness.journal.entry import FOREVER, Entry
from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.coverage import NotCovered, SightKey
from harness.world.hosts import Host, promised
from harness.world.ironic.presence import ambiguous_intervals, answers, not_covered
from harness.world.moves import moves
from harness.world.probes import has_vantage, newest, owner, probe_text, probes_of, reached
from harness.world.world import World

ORDER = 130
NEEDS_MOVE = True
MODES = ("run",)
HEAL_SECONDS = 15.0
"""A probe that is lost, and comes through again so soon, is one lost packet or one busy BMC."""


def check(world: World) -> Iterator[Judgement]:
    """One judgement a promised host, and those about Ironic and images."""
    side = owner(world)
    for host in promised(world):
        yield of_bmc(world, host, side)
    yield of_ironic(world, side)
    yield of_images(world, side)


def unprobed(world: World, side: str) -> NotCovered | None:
    """Why the probes from this side do not tell how it is at the end; None if they do."""
    if not has_vantage(world, side):
        return NotCovered(f"there is no vantage on the {side}")
    return world.not_covered(SightKey("probe", side))


def of_bmc(world: World, host: Host, side: str) -> Judgement:
    """Does the owner reach the BMC at the end, and did it all the time?"""
    blind = unprobed(world, side)
    if blind:
        return unknown(blind.says, host.name, blind.evidence)
    probes = newest(world, side, "bmc", host=host.record)
    wrong = [entry for entry in probes if not reached(entry)]
    if wrong:
        silent = world.coverage.not_covered(SightKey("bmc", host=host.record), needed_from=float("inf"), final=world.final)
        text = f"the {side} does not reach its BMC ({probe_text(wrong[0])})"
        return (unknown if silent else failed)(text, host.name, [wrong[0].seq])
    since = max((move.until for move in moves(world) if move.done), default=0.0)
    blinks = [entry for entry in lost_for_long(world, side, host.record) if entry.since > since]
    if blinks or not probes:
        text = f"the {side} did not reach its BMC at {blinks[0].at:.1f} s" if blinks else f"the {side} never tried its BMC"
        return unknown(text, host.name, [entry.seq for entry in blinks])
    return passed(f"the {side} reaches its BMC", host.name, [entry.seq for entry in probes])


def lost_for_long(world: World, side: str, host: str) -> list[Entry]:
    """The lost probes of a BMC that no other one healed soon."""
    own = probes_of(world, side, "bmc", host)
    lost: list[Entry] = []
    healed = FOREVER
    for entry in reversed(own):
        if reached(entry):
            healed = entry.at
        elif world.lag.kept(entry.since, healed) > HEAL_SECONDS / world.speed:
            lost.append(entry)
    return lost[::-1]


def of_ironic(world: World, side: str) -> Judgement:
    """Exactly one Ironic answers, that of the owner, and it serves with credentials only."""
    up = [place for place in SIDES if answers(world, place)]
    blind = ambiguous_intervals(world) or not_covered(world, "source") or not_covered(world, "target") or never_told(world)
    if blind:
        return unknown(blind.says, evidence=blind.evidence)
    if up != [side]:
        text = "no Ironic answers" if not up else f"Ironic answers in the {' and the '.join(up)}"
        return failed(f"{text}; it must be that of the {side}, and no other") if moves(world) else unknown(text)
    if unseen := unprobed(world, side):
        return unknown(f"nobody tried the Ironic at the end: {unseen.says}", evidence=unseen.evidence)
    probes = newest(world, side, "ironic", ironic=side)
    wrong = [entry for entry in probes if not reached(entry)]
    if wrong:
        return failed(f"the Ironic of the {side} does not serve as it should ({probe_text(wrong[0])})", evidence=[wrong[0].seq])
    if not probes:
        return unknown(f"nobody tried the Ironic from the {side}")
    return passed(f"exactly one Ironic answers, that of the {side}", evidence=[entry.seq for entry in probes])


def never_told(world: World) -> NotCovered | None:
    """The Ironics of which nobody knows whether they answer."""
    missing = [side for side in SIDES if answers(world, side) is None]
    return NotCovered(f"whether an Ironic answers in the {' and the '.join(missing)} was not seen") if missing else None


def of_images(world: World, side: str) -> Judgement:
    """The images, from the owner."""
    if unseen := unprobed(world, side):
        return unknown(f"nobody tried the images at the end: {unseen.says}", evidence=unseen.evidence)
    probes = newest(world, side, "image")
    wrong = [entry for entry in probes if not reached(entry)]
    if wrong:
        return failed(f"the {side} does not reach the images ({probe_text(wrong[0])})", evidence=[wrong[0].seq])
    if not probes:
        return unknown(f"nobody tried the images from the {side}")
    return passed(f"the {side} reaches the images", evidence=[entry.seq for entry in probes])
