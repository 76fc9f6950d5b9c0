"""What a verdict does not speak of, and why: said on every paper, so that nobody takes silence for a pass."""

from typing import Any

from harness.errors import BadWordError
from harness.files.words import WordFiles
from harness.journal.facts import Expectation
from harness.verdict.promise import promised_checks
from harness.world.horizon import horizon
from harness.world.hosts import Host, hosts, is_at_home, stands_aside, unpromised
from harness.world.moves import is_asked_without_move, moves, steady_since
from harness.world.world import World

RAN_NOTHING = "it ran nothing when the promise was made: upstream re-registers, inspects and so power-cycles it by design"
ELSEWHERE = "it is in a namespace that no move touched"


def told_not_judged(
    world: World, judged: list[Expectation], left_out: list[Expectation], words: WordFiles
) -> list[dict[str, Any]]:
    """`not_judged` of `verdict.json`: each `what`, and `why`. `left_out`: what was promised, and had nothing to speak of."""
    told = [*checks_left_out(world, judged, left_out, words), *hosts_left_out(world), *times_left_out(world)]
    return [{"what": what, "why": why} for what, why in told]


def checks_left_out(
    world: World, judged: list[Expectation], left_out: list[Expectation], words: WordFiles
) -> list[tuple[str, str]]:
    """The checks that had nothing to judge, and those of the promise that nobody asked for."""
    found = [(item.check, "the run was refused, so nothing was moved") for item in left_out]
    mode = world.run.mode if world.run else "run"
    try:
        every, possible = (promised_checks(words, "run"), promised_checks(words, mode, steady=steady_since(world) is not None))
    except BadWordError as error:
        return [*found, ("the checks that are promised where none is named", str(error))]
    asked = {item.check for item in (*judged, *left_out)}
    for check in every:
        if check not in asked and is_of_this_run(world, words, check):
            impossible = f"it judges a move, or what {'an import' if mode == 'import' else f'a {mode}'} does not see"
            found.append((check, "the run's expectations leave it out" if check in possible else impossible))
    return found


def is_of_this_run(world: World, words: WordFiles, check: str) -> bool:
    """Is this check the harness' own, or one that the run knew? What was installed since is nobody's silence."""
    try:
        words.find("check", check, shipped=True)
    except KeyError:
        return world.run is not None and f"check {check}" in world.run.words
    return True


def hosts_left_out(world: World) -> list[tuple[str, str]]:
    """The hosts to whom nothing is promised."""
    return [(host.name, why_unpromised(world, host)) for host in unpromised(world)]


def why_unpromised(world: World, host: Host) -> str:
    """Why nothing is promised to this host."""
    return ELSEWHERE if stands_aside(world, host) or is_at_home(world, host) else RAN_NOTHING


def times_left_out(world: World) -> list[tuple[str, str]]:
    """What was before and after the time of which the verdict speaks."""
    held = horizon(world)
    if world.final and world.ended is None and world.run:
        endless = [
            (
                f"what happened after {world.now:.1f} s",
                "the journal has no end: the run was cut off, or it is still being written",
            )
        ]
    else:
        endless = []
    if held is None:
        why = "no move took place, and nothing was promised without one"
        unmoved = bool(hosts(world)) and not moves(world) and not is_asked_without_move(world)
        return [*endless, *([("every host", why)] if unmoved else [])]
    first = f", when the first witness ended ({held.first})" if held.first else ""
    return [
        *endless,
        (f"what happened before {max(held.since, 0.0):.1f} s", "the promise was made then"),
        (f"what happened after {held.until:.1f} s", f"the verdict holds until then{first}"),
    ]
