"""Before the move both sides reach every host's BMC, and the side that owns the hosts its Ironic and the images.

The target is tried as well as the source: a BMC that only the source reaches turns a good move into hosts that nobody can manage.
"""

from collections.abc import Iterator

from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.hosts import Host, promised, unpromised
from harness.world.probes import direction, has_vantage, newest, probe_text, reached
from harness.world.world import World

PREFLIGHT = True
PROMISE = False


def check(world: World, *, origin: str = "") -> Iterator[Judgement]:
    """One judgement a promised host, one about the image server, and one about each other host whose BMC is not reached."""
    for host in promised(world):
        yield of_bmc(world, host)
    for host in unpromised(world):
        judgement = of_bmc(world, host)
        if judgement.verdict == "fail":
            yield unknown(judgement.says, host.name, judgement.evidence)
    yield of_images(world, direction(world, origin)[1])


def of_bmc(world: World, host: Host) -> Judgement:
    """Is the host's BMC reached from both sides?"""
    blind = [side for side in SIDES if not has_vantage(world, side)]
    probes = {side: newest(world, side, "bmc", host=host.record) for side in SIDES}
    wrong = [(side, entry) for side in SIDES for entry in probes[side] if not reached(entry)]
    if wrong:
        text = "; ".join(f"the {side} does not reach the BMC of {host.name} ({probe_text(entry)})" for side, entry in wrong)
        return failed(text, host.name, [entry.seq for _, entry in wrong])
    missing = blind or [side for side in SIDES if not probes[side]]
    if missing:
        return unknown(f"there is no look at the network from the {' and the '.join(missing)}", host.name)
    return passed("both sides reach its BMC", host.name, [entry.seq for side in SIDES for entry in probes[side]])


def of_images(world: World, side: str) -> Judgement:
    """Does the destination reach the image server?"""
    probes = newest(world, side, "image")
    wrong = [entry for entry in probes if not reached(entry)]
    if wrong:
        return failed(f"the {side} does not reach the images ({probe_text(wrong[0])})", evidence=[entry.seq for entry in wrong])
    if not probes:
        return unknown(f"there is no look at the images from the {side}")
    return passed(f"the {side} reaches the images", evidence=[entry.seq for entry in probes])
