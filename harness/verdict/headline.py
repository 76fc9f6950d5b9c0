"""The first sentence that people read of a run, the same on the terminal, the page, JUnit and the certificate.

It names what happened, to which hosts, by whom, at what wall-clock time, and what to do; and it claims nothing that was not judged.
"""

import re
from collections.abc import Iterable
from typing import Any

from harness.journal.wall_clock import told_wall_time, with_wall_time
from harness.verdict.cures import OF_A_FAILURE, of_an_unknown
from harness.verdict.deeds import Deed, deed_to
from harness.world.changes.rollouts import replaced
from harness.world.hosts import promised, unpromised
from harness.world.moves import all_moves, moves, provisionings, renewed_since, was_refused
from harness.world.world import World

NAMED = 3
CLAUSE_CHARACTERS_MAX = 240
PROOF_OF_HARMLESSNESS = ("hosts_keep_state", "history_unchanged", "image_unchanged", "bmc_untouched")
"""The checks without which nobody can say that no server was power-cycled, re-inspected or re-imaged."""

ABOUT_THE_RUN = ("move_completes", "run_completes")

ENDINGS = {
    "interrupted": "The run was interrupted before it could be judged",
    "lab-broke": "The lab broke, so nothing is proven",
    "bug": "The harness itself failed, so nothing is proven",
}

MOMENT = re.compile(r"(?:\(|at |\.\.)(\d+\.\d) s\b")

NO_END = "The journal has no end: the run was cut off, or it is still being written"

Verdict = dict[str, Any]


def headline(world: World, verdict: Verdict) -> str:
    """The sentence."""
    how = world.ended.how if world.ended else ""
    if was_refused(world):
        return refused(world)
    if verdict["verdict"] == "fail":
        return failure(world, verdict)
    if verdict["verdict"] == "pass":
        return kept(world, verdict)
    if world.final and world.ended is None and world.run:
        return f"{NO_END}; cure: judge it when the run has ended, or `harness recover` it."
    if how in ENDINGS:
        return sentence(ENDINGS[how], f": {clause(world.ended.says)}" if world.ended and world.ended.says else "")
    return unsure(world, verdict)


def refused(world: World) -> str:
    """Nothing was done, and why."""
    says = world.ended.says if world.ended else ""
    at = told_wall_time(world.run, world.end_entry.at) if world.end_entry else ""
    return sentence(f"The run was refused, so nothing was moved{f' (at {at})' if at else ''}: {shortened(says)}")


# --- pass ---


def kept(world: World, verdict: Verdict) -> str:
    """What was kept, when, and what happened to hosts to whom nothing is promised."""
    hosts = len(verdict["hosts"])
    judged = list(dict.fromkeys(check["check"] for check in verdict["checks"]))
    limits = ""
    # What was held over a part of the run only says nothing of the rest.
    if set(PROOF_OF_HARMLESSNESS) <= {check["check"] for check in verdict["checks"] if not check.get("block")}:
        whom = "the one host that runs something was not" if hosts == 1 else f"none of the {hosts} hosts that run something was"
        whom = f"once provisioned, {whom}" if provisionings(world) else whom
        kept = f"{whom[0].upper()}{whom[1:]} power-cycled, re-inspected or re-imaged"
    else:
        kept, limits = (
            f"What was asked of {counted(hosts, 'host')} was kept",
            f"; it was judged by {listed(map(as_name, judged))} alone",
        )
    return sentence(kept, occasion(world), limits, of_rollouts(world), of_the_others(world, verdict))


def occasion(world: World) -> str:
    """The moves, or the time, that a promise was kept over."""
    made = all_moves(world) if renewed_since(world) is not None else moves(world)
    if not made:
        return f" until {with_wall_time(world.run, world.now)}; nobody pivoted"
    last = made[-1]
    ways = list(dict.fromkeys(f"from {move.origin} to {move.destination}" for move in made))
    times = [at for at in (told_wall_time(world.run, each) for each in (made[0].since, min(last.until, world.now))) if at]
    when = f" ({times[0].removesuffix(' UTC')} to {times[1]})" if len(times) == 2 else ""
    return f" by the move {' and back '.join(ways[:1])}{' and back' if len(ways) > 1 else ''}{when}"


def of_rollouts(world: World) -> str:
    """What rollouts of the run did, as was asked: that is no harm, and no proof that nothing was done to a server."""
    number = len(replaced(world))
    return f"; between them a rollout replaced {number} Machine{'s' * (number != 1)}, as was asked" if number else ""


def of_the_others(world: World, verdict: Verdict) -> str:
    """What was done to hosts to whom nothing was ever promised."""
    others = [host for host in unpromised(world) if host.name not in verdict["hosts"]]
    done = [deed for host in others if (deed := deed_to(world, host))]
    if not done:
        return ""
    what = listed(dict.fromkeys(word for deed in done for word in deed.words))
    by_design = ", as upstream does with a host that runs nothing" if all(deed.is_by_design for deed in done) else ""
    was = "was" if len(done) == 1 else "were"
    return f"; {named(deed.host for deed in done)}, to whom nothing is promised, {was} {what}{by_design}"


# --- fail ---


def failure(world: World, verdict: Verdict) -> str:
    """The gravest of what happened, to whom, by whom, when, after what, and what to do."""
    failed = [check for check in verdict["checks"] if check["verdict"] == "fail"]
    names = {check["host"] for check in failed}
    deeds = [deed for host in promised(world) if host.name in names and (deed := deed_to(world, host))]
    if deeds:
        return of_deeds(world, deeds, len(names - {None}))
    leading = next((check for check in failed if check["check"] in ABOUT_THE_RUN), failed[0])
    same = [check["host"] for check in failed if check["check"] == leading["check"] and check["host"]]
    whom = f"{named(same)}: " if same else "The run: "
    if " " in leading["check"]:
        whom += f"{as_name(leading['check'])} is broken: "
    more = len({check["check"] for check in failed}) - 1
    others = f"; {more} other check{'s' if more > 1 else ''} failed too" if more else ""
    cure = OF_A_FAILURE.get(leading["check"], "")
    return sentence(
        f"{whom}{clause(leading['says'])}", at_first(world, leading["says"]), others, f"; cure: {cure}" if cure else ""
    )


def of_deeds(world: World, deeds: list[Deed], failed: int) -> str:
    """The gravest thing that was done to hosts, and to how many."""
    gravest = max(deeds, key=lambda deed: deed.gravity)
    same = [deed for deed in deeds if (deed.words, deed.actor) == (gravest.words, gravest.actor)]
    first = min(same, key=lambda deed: deed.at)
    names = [deed.host for deed in same]
    was = "was" if len(names) == 1 else "were"
    by = f" {gravest.actor}" if gravest.actor else ""
    after = f", after {first.cause}" if first.cause else ""
    others = f"; {counted(failed - len(names), 'other host')} failed too" if failed > len(names) else ""
    start = f"{named(names)} {was} {listed(gravest.words)}{by}, from {with_wall_time(world.run, first.at)} on"
    return sentence(start, after, others, f"; cure: {gravest.cure}")


def at_first(world: World, says: str) -> str:
    """The wall-clock time of the first moment that a judgement names in seconds of the run."""
    named_at = MOMENT.search(says)
    told = told_wall_time(world.run, float(named_at[1])) if named_at else ""
    return f" (at {told})" if told else ""


# --- unknown ---


def unsure(world: World, verdict: Verdict) -> str:
    """What was not seen, of whom, and what to do."""
    if not verdict["hosts"]:
        return "Nothing is proven: no host was seen to run something before a move."
    doubts = [check for check in verdict["checks"] if check["verdict"] == "unknown"]
    if not moves(world) and not verdict["horizon"]:
        return f"No move took place, so nothing is proven of {counted(len(verdict['hosts']), 'host')}."
    if not doubts:
        return "Nothing is proven: no check was made."
    leading = doubts[0]
    same = list(dict.fromkeys(check["host"] or "the run" for check in doubts if check["check"] == leading["check"]))
    whom = f"Not proven for {named(same)}" if leading["host"] else "Not proven"
    cure = of_an_unknown(leading["says"])
    return sentence(f"{whom}: {clause(leading['says'])} ({leading['check']})", f"; cure: {cure}" if cure else "")


# --- words ---


def named(names: Iterable[str]) -> str:
    """The first few names, and how many more there are."""
    every = list(dict.fromkeys(names))
    return listed(every if len(every) <= NAMED else [*every[:NAMED], f"{len(every) - NAMED} more"])


def listed(words: Iterable[str]) -> str:
    """`a, b and c`."""
    every = list(words)
    return " and ".join([", ".join(every[:-1]), every[-1]] if len(every) > 1 else every)


def as_name(check: str) -> str:
    """The name of a check in a sentence; that of a promise of one's own, which may be a sentence itself, in quotes."""
    return f'"{check}"' if " " in check else check


def counted(count: int, noun: str) -> str:
    """`1 host`, `3 hosts`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def clause(says: str) -> str:
    """The first thing that a judgement says."""
    return shortened(says.partition("; ")[0])


def shortened(text: str) -> str:
    """At most so many characters as a sentence can bear."""
    return text if len(text) <= CLAUSE_CHARACTERS_MAX else f"{text[: CLAUSE_CHARACTERS_MAX - 1].rstrip()}…"


def sentence(*parts: str) -> str:
    """The parts as one sentence."""
    return "".join(parts).strip().rstrip(".") + "."
