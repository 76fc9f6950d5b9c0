"""Before the move at most one Ironic holds the hosts, and the one that answers asks for credentials and takes ours."""

from collections.abc import Iterator

from harness.journal.facts import SIDES
from harness.judgement import Judgement, failed, passed, unknown
from harness.world.hosts import promised
from harness.world.ironic.holding import held, overlap
from harness.world.ironic.presence import answers
from harness.world.probes import direction, newest, probe_text, reached
from harness.world.world import World

PREFLIGHT = True
PROMISE = False


def check(world: World, *, origin: str = "") -> Iterator[Judgement]:
    """One judgement about the Ironics, and one about the access to the one that owns the hosts."""
    known: dict[str, bool | None] = {side: answers(world, side) for side in SIDES}
    if None in known.values():
        missing = " and the ".join(side for side in SIDES if known[side] is None)
        yield unknown(f"whether an Ironic answers in the {missing} was not seen")
    both = [host.name for host in promised(world) if overlap(held(world, host, "source"), held(world, host, "target"))]
    if both:
        yield failed(f"the Ironics of both clusters hold {', '.join(both)}; stop one of them first")
    elif None not in known.values():
        up = [side for side in SIDES if known[side]]
        yield passed(f"Ironic answers in the {' and the '.join(up)}" if up else "no Ironic answers, as after its removal")
    owner = direction(world, origin)[0]
    if known[owner]:
        yield from access(world, owner)


def access(world: World, side: str) -> Iterator[Judgement]:
    """401 without credentials, 200 with them."""
    probes = newest(world, side, "ironic", ironic=side)
    wrong = [entry for entry in probes if not reached(entry)]
    if wrong:
        yield failed(f"the Ironic of the {side} does not serve as it should ({probe_text(wrong[0])})", evidence=[wrong[0].seq])
    elif probes:
        yield passed(f"the Ironic of the {side} asks for credentials and takes ours", evidence=[probes[0].seq])
    else:
        yield unknown(f"there is no look at the Ironic from the {side}")
