"""Whose Ironic answered, and when a cluster surely ran none: what its API tells, and what the Deployments and Pods of the cluster tell.

An Ironic behind a virtual address takes the address with it when it goes: nobody refuses a connection there, so its API alone cannot tell
its absence from our blindness. And where the Ironics of both clusters take turns behind one address, as in upstream's labs with
keepalived, an answer does not say whose it is. The clusters can tell both, where the lab file says what each Ironic runs as.
"""

from harness.journal.entry import FOREVER, Entry
from harness.journal.facts import SIDES, IronicAnswers, IronicNode, IronicNodeGone
from harness.world.coverage import Gap, NotCovered, SightKey
from harness.world.ironic.intervals import Span, without
from harness.world.ironic.pods import absences, ironic_place
from harness.world.world import World, answered_once

APART_SECONDS = 10.0
"""Two looks at one Ironic may differ so long: a slow answer is one that is given up."""


@answered_once
def share_an_address(world: World) -> bool:
    """Do the Ironics of both clusters share one address? If it runs in neither cluster it is one external Ironic used by both."""
    source, target = (ironic_place(world, side) for side in SIDES)
    return bool(source and target and source.url == target.url and source.name and target.name)


@answered_once
def are_two(world: World) -> bool:
    """Is it known that the clusters have an Ironic each: by their addresses, or since one was long seen to answer without the other?"""
    source, target = (ironic_place(world, side) for side in SIDES)
    if source and target:
        return source.url != target.url
    spans = {(side, up): told(world, side, up=up) for side in SIDES for up in (True, False)}
    pairs = [(one, other) for up in (True, False) for one in spans["source", up] for other in spans["target", not up]]
    return any(min(one.until, other.until) - max(one.since, other.since) > APART_SECONDS for one, other in pairs)


def told(world: World, side: str, *, up: bool) -> list[Span]:
    """The intervals in which this side's Ironic certainly answered (or, not `up`, certainly did not)."""
    seen = [entry for entry in world.ironic[side] if isinstance(entry.fact, IronicAnswers)]
    ends = [*(entry.since for entry in seen), world.seen_until(SightKey("ironic", side))][1:]
    return [
        Span(entry.at, end)
        for entry, end in zip(seen, ends, strict=True)
        if isinstance(entry.fact, IronicAnswers) and entry.fact.up is up
    ]


def intervals_of_the_other(world: World, side: str) -> list[Span]:
    """Behind a shared address: the intervals in which this side ran no Ironic, so that any answer came from the other side."""
    return absences(world, side) if share_an_address(world) else []


@answered_once
def entries(world: World, side: str) -> list[Entry]:
    """The entries about this side's Ironic; behind a shared address without those of the other side."""
    gone = intervals_of_the_other(world, side)
    return [entry for entry in world.ironic[side] if not any(span.holds(entry.since) and span.holds(entry.at) for span in gone)]


def tells_only_changes(world: World) -> bool:
    """Does an Ironic that answers again not tell its nodes anew? So recordings are: what went is told, what stayed is not."""
    return world.run is not None and world.run.mode == "import"


def answers(world: World, side: str) -> bool | None:
    """Does this side's Ironic answer, as last seen? None where nobody looked, or nobody can see it now."""
    gaps = [gap for gap in world.coverage.gaps(SightKey("ironic", side)) if gap.until == FOREVER]
    if gaps:
        return False if any(span.holds(world.now) for span in absences_explaining(world, side, gaps[-1])) else None
    return answered(world, side, world.now)


def answered(world: World, side: str, time: float) -> bool | None:
    """Whether it answered at the last poll before a time; None if there was none."""
    if any(span.holds(time) for span in intervals_of_the_other(world, side)):
        return False
    known = [entry.fact.up for entry in world.ironic[side] if isinstance(entry.fact, IronicAnswers) and entry.since <= time]
    return known[-1] if known else None


@answered_once
def not_covered(
    world: World, side: str, *, needed_from: float = FOREVER, needed_until: float = 0.0, at_the_end: bool = False
) -> NotCovered | None:
    """Why the nodes of this side's Ironic were not covered; None if they were, or if every gap is explained by its absence.

    `at_the_end`: its nodes at the end are needed, so that an Ironic that has gone counts as not covered.
    """
    key = SightKey("ironic", side)
    blind = world.not_covered(key, needed_from=needed_from, needed_until=needed_until)
    gaps = world.coverage.gaps(key)
    if blind is None:
        return never_told(world, side, needed_from)
    if not gaps:
        return blind
    broken_off = any(not sight.complete and sight.lost is None for sight in world.coverage.of(key))
    excused = [gap for gap in gaps if not (at_the_end and gap.until == FOREVER) and is_excused(world, side, gap)]
    return blind if len(excused) < len(gaps) or (world.final and broken_off) else None


def never_told(world: World, side: str, needed_from: float) -> NotCovered | None:
    """An Ironic of which nothing was ever told, neither that it answers nor that it does not; None where its Pods tell of its absence."""
    needed = [Span(min(needed_from, world.now), world.now)]
    if world.ironic[side] or not without(needed, absences(world, side)):
        return None
    return NotCovered(f"the Ironic of the {side} was never told to answer, or not to answer")


@answered_once
def ambiguous_intervals(world: World) -> NotCovered | None:
    """Behind a shared address: intervals in which both Ironics may have run, so that answers cannot be attributed."""
    if not share_an_address(world):
        return None
    keys = [SightKey("kube", side, kind) for side in SIDES for kind in ("Deployment", "Pod")]
    sights = [sight for key in keys for sight in world.coverage.of(key)]
    began = max((sight.began.at for sight in sights if sight.began), default=0.0)
    both = without([Span(began, FOREVER)], [span for side in SIDES for span in absences(world, side)])
    if not both:
        return None
    end = "the end" if both[0].until == FOREVER else f"{both[0].until:.1f} s"
    return NotCovered(
        f"the Ironics of both clusters share an address, and from {both[0].since:.1f} s to {end} both may have run, "
        "so whose answers these were was not seen"
    )


def is_excused(world: World, side: str, gap: Gap) -> bool:
    """Is this gap explained by the Ironic's absence? Around the absence the other Ironic must certainly have had no node."""
    whole = [Span(gap.since, gap.until)]
    margins = without(whole, absences_explaining(world, side, gap))
    return margins != whole and not without(margins, node_free_intervals(world, SIDES[1 - SIDES.index(side)]))


def absences_explaining(world: World, side: str, gap: Gap) -> list[Span]:
    """The absences that explain a gap.

    An absence that began while the Ironic still answered does not: it runs as something else.
    """
    before = answered(world, side, gap.since)
    return [span for span in absences(world, side) if not before or span.since >= gap.since]


def node_free_intervals(world: World, side: str) -> list[Span]:
    """The intervals in which this side's Ironic certainly had no node."""
    gaps = [Span(gap.since, gap.until) for gap in world.coverage.gaps(SightKey("ironic", side))]
    return [*absences(world, side), *without(empty(entries(world, side), returns=tells_only_changes(world)), gaps)]


def empty(seen: list[Entry], *, returns: bool) -> list[Span]:
    """The intervals in which an Ironic was seen to have no node, or not to answer. `returns`: its nodes come back with its answers."""
    found: list[Span] = []
    nodes: set[str] = set()
    away: set[str] = set()
    up: bool | None = None
    since: float | None = None
    for entry in seen:
        if since is not None:
            found.append(Span(since, entry.since))
        match entry.fact:
            case IronicAnswers(up=True):
                up, nodes, away = True, nodes | away, set()
            case IronicAnswers(up=False):
                up, nodes, away = False, set(), (nodes | away if returns else set())
            case IronicNode(uuid=uuid):
                nodes.add(uuid)
            case IronicNodeGone(uuid=uuid):
                nodes.discard(uuid)
                away.discard(uuid)
            case _:
                pass
        since = entry.at if up is not None and not nodes else None
    found += [Span(since, FOREVER)] if since is not None else []
    return [span for span in found if span.since < span.until]
