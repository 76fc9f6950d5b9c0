"""What an Ironic told of a node, found by the node's ID and by its name: nobody looks through what it told of all the others."""

from collections.abc import Iterable

from harness.journal.entry import Entry
from harness.journal.facts import IronicAnswers, IronicNode, IronicNodeGone
from harness.world.ironic.presence import entries
from harness.world.world import World, answered_once

Index = dict[tuple[str, str], list[Entry]]

ANSWERS = ("answers", "")
"""Where the entries stand that tell whether it answers at all."""


@answered_once
def index(world: World, side: str) -> Index:
    """All entries about this side's Ironic, in order: by `("uuid", ID)` and by `("name", name)` of the node that they are about."""
    found: Index = {}
    for entry in entries(world, side):
        match entry.fact:
            case IronicNode(uuid=uuid, name=name) | IronicNodeGone(uuid=uuid, name=name):
                found.setdefault(("uuid", uuid), []).append(entry)
                found.setdefault(("name", name), []).append(entry)
            case IronicAnswers():
                found.setdefault(ANSWERS, []).append(entry)
            case _:
                pass
    return found


def about(world: World, side: str, *, uuids: Iterable[str] = (), names: Iterable[str] = (), answers: bool = False) -> list[Entry]:
    """The entries about the nodes of these IDs or names, in order; with `answers` those, too, that tell whether it answers."""
    known = index(world, side)
    places = [*(("uuid", uuid) for uuid in uuids), *(("name", name) for name in names), *([ANSWERS] if answers else [])]
    found = {entry.seq: entry for place in places for entry in known.get(place, ())}
    return [found[seq] for seq in sorted(found)]
