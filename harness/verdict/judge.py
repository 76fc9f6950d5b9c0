"""Runs checks over a journal -> `verdict.json`; pure, so that the same journal always gives the same verdict."""

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from harness.errors import BadWordError
from harness.files.declaration import declared
from harness.files.words import WordFiles, missing_word, words_without_directories
from harness.journal.entry import Entry
from harness.journal.facts import SIDES, Expectation, OwnPromise, RunBegan, SightEnded, StepEnded
from harness.journal.journal import FILE_NAME, read
from harness.journal.run_directory import VERDICT_FILE, write_whole
from harness.judgement import Judgement, VerdictWord, merge, unknown
from harness.verdict.coverage import told_coverage
from harness.verdict.eras import OF_THE_WHOLE, eras, of_rollouts
from harness.verdict.headline import headline
from harness.verdict.not_judged import told_not_judged
from harness.verdict.promise import always_checks
from harness.verdict.promises.judge import judge_promise
from harness.verdict.unclaimed import report_unclaimed
from harness.verdict.witnesses import witnesses
from harness.world.carried.fates import Fates, befallen
from harness.world.horizon import horizon, within_sight
from harness.world.hosts import Host, guarded, promised, unpromised
from harness.world.moved_objects import expected
from harness.world.moves import JudgedMove, Move, judged_moves, moves, steady_since, was_refused
from harness.world.releases import releases
from harness.world.world import FORGETTING, World

Verdict = dict[str, Any]
TELLS_REFUSAL = "run_completes"


def judge_entries(
    entries: Iterable[Entry], *, checks: list[Expectation] | None = None, final: bool = True, words: WordFiles | None = None
) -> Verdict:
    """The verdict over entries: by the promises that the run recorded, or by the given ones; the checks are found in `words`."""
    words = words or words_without_directories()
    for forget in FORGETTING:
        forget()
    listed = within_sight(list(entries))
    world = World(listed, final=final)
    expectations = checks if checks is not None else expected_of(world, words)
    scopes: dict[tuple[str, bool], World] = {}
    empty = without_a_subject(world, expectations) if checks is None else []
    asked = [item for item in expectations if item not in empty]
    judged = [(item, judgement) for item in asked for judgement in run_check(item, world, listed, words, scopes)]
    verdict = verdict_of(world, judged, [part for part, _ in eras(world, listed)])
    verdict["unverified"] = [{"wire": fact.wire, "why": fact.why} for fact in world.unverified]
    verdict["not_judged"] = told_not_judged(world, asked, empty, words)
    return verdict


def without_a_subject(world: World, expectations: list[Expectation]) -> list[Expectation]:
    """What was promised of a move, where the run was refused and nothing was moved: one sentence, of one check, tells all there is."""
    return [item for item in expectations if not item.block and item.check != TELLS_REFUSAL] if was_refused(world) else []


def expected_of(world: World, words: WordFiles) -> list[Expectation]:
    """What the run promised, and what is judged of every run: a scenario cannot leave that out, nor keep it to one block.

    A check that it holds over blocks only is held over the whole with the arguments of the last one.
    """
    named = world.run.expectations if world.run else []
    whole = {item.check for item in named if not item.block}
    known = {item.check: item.arguments for item in named}
    added = [Expectation(check=check, arguments=known.get(check, {})) for check in always_checks(words) if check not in whole]
    return [*named, *added, *of_rollouts(world, named, words)]


def run_check(
    expectation: Expectation,
    world: World,
    entries: list[Entry],
    words: WordFiles | None = None,
    scopes: dict[tuple[str, bool], World] | None = None,
) -> list[Judgement]:
    """The judgements of one check; unknown if it crashes, or if it is none of these words.

    `scopes`: the worlds of blocks that were folded for other checks, and are folded here for the next.
    """
    if not expectation.block and expectation.check not in OF_THE_WHOLE and len(parts := eras(world, entries)) > 1:
        return [each for part, known in parts for each in run_in(expectation, part, known, words)]
    return run_in(expectation, world, entries, words, scopes)


def run_in(
    expectation: Expectation,
    world: World,
    entries: list[Entry],
    words: WordFiles | None = None,
    scopes: dict[tuple[str, bool], World] | None = None,
) -> list[Judgement]:
    """The judgements of one check over one part of a run."""
    origin = world.run.words.get(f"check {expectation.check}", "") if world.run else ""
    try:
        place = (expectation.block, expectation.steady)
        scoped = scopes.get(place) if scopes is not None else None
        if scoped is None:
            scoped = scope_of(expectation, world, entries)
        if scopes is not None:
            scopes[place] = scoped
        if expectation.own:
            return run_own(expectation, expectation.own, scoped, entries)
        function = check_of(expectation.check, origin, words or words_without_directories())
        said = list(function(scoped, **expectation.arguments))
    except BadWordError as error:
        return [unknown(str(error))]
    except Exception as error:  # noqa: BLE001 - law 3: a crashed check is unknown, never a pass
        return [unknown(f"the check crashed: {type(error).__name__}: {error}")]
    return [doubted(scoped, each) for each in said] or [unknown(nothing_to_judge(scoped))]


def run_own(expectation: Expectation, promise: OwnPromise, scoped: World, entries: list[Entry]) -> list[Judgement]:
    """The judgements of a promise of one's own, over the whole run or over its block."""
    known = block_of(entries, expectation.block) if expectation.block else entries
    until = known[-1].at if expectation.block and known else float("inf")
    of_block = [entry for entry in entries if entry.seq <= known[-1].seq or entry.since <= until] if known else []
    said = list(judge_promise(scoped, of_block, promise, until))
    return [doubted(scoped, each) for each in said] or [unknown(nothing_to_judge(scoped))]


def doubted(world: World, judgement: Judgement) -> Judgement:
    """The judgement; unknown in place of a pass that holds only until a deletion of which nobody knows whether it released the host."""
    known = [it for cluster, it in releases(world).items() if it.doubt and cluster in carried_clusters(world)]
    if judgement.verdict != "pass" or not known:
        return judgement
    doubts = {host.name: host.doubt for host in promised(world)} | {None: known[0].doubt}
    doubt = doubts.get(judgement.host, "")
    return unknown(doubt, judgement.host, (known[0].seq,)) if doubt else judgement


def carried_clusters(world: World) -> set[tuple[str, str]]:
    """Namespace and name of each Cluster that a move carried, or that stood when a steady time began.

    Another one's deletion is its user's own affair.
    """
    places = [(leg.move.origin, leg.move.since) for leg in judged_moves(world)]
    steady = steady_since(world)
    if steady is not None:
        places += [(side, steady) for side in SIDES]
    carried = (key for side, at in places for key in expected(world, side, at))
    return {(key.namespace, key.name) for key in carried if key.kind == "Cluster"}


def nothing_to_judge(world: World) -> str:
    """Why a check had nothing to say."""
    if not promised(world):
        return "there was no host to judge: none was seen to run something before a move"
    return "it found nothing to judge" if moves(world) else "no move took place"


def check_of(word: str, origin: str, words: WordFiles) -> Callable[..., Iterator[Judgement]]:
    """The function of a check that came from `origin` when the run was made. BadWordError where it is not here, or is wrong.

    A run that knew no foreign check of that name meant the harness' own, whatever was installed since.
    """
    for shipped in (False,) if origin else (True, False):
        try:
            return declared(words.find("check", word, shipped=shipped)).function
        except KeyError:
            continue
    raise BadWordError(missing_word(f"check {word}", origin))


def scope_of(expectation: Expectation, world: World, entries: list[Entry]) -> World:
    """The world that a promise speaks of: the whole, or that of its block."""
    if not expectation.block:
        return world
    known = block_of(entries, expectation.block)
    last = known[-1].fact if known else None
    if isinstance(last, StepEnded) and last.word == "preflight":
        # It is judged over what was seen when it was asked.
        return World(known, final=world.final)
    # What polls and logs show later may have happened in it, and that a sight ended well is told at the end of the run only.
    until = known[-1].at if known else 0.0
    late = [entry for entry in entries[len(known) :] if isinstance(entry.fact, SightEnded) or entry.since <= until]
    return World([*known, *late], final=world.final, stage=expectation.block if expectation.steady else "")


def block_of(entries: list[Entry], block: str) -> list[Entry]:
    """The world up to the end of one block of the scenario; later entries are not judged by the block's checks."""
    for entry in entries:
        if isinstance(entry.fact, StepEnded) and entry.fact.step == block:
            return entries[: entry.seq + 1]
    return entries


def verdict_of(world: World, judged: list[tuple[Expectation, Judgement]], parts: list[World]) -> Verdict:
    """`verdict.json` as a dictionary, of a run with these parts; its shape is a contract (README)."""
    own: dict[str | None, list[VerdictWord]] = defaultdict(list)
    for _, judgement in judged:
        own[judgement.host].append(judgement.verdict)
    claimed = {host.name: host_verdict(part, host, own[host.name]) for part in parts for host in guarded(part)}
    verdict = merge([judgement.verdict for _, judgement in judged])
    told: Verdict = {
        "verdict": verdict if any(map(promised, parts)) or verdict == "fail" else "unknown",
        "scenario": world.run.scenario if world.run else "",
        "lab": world.run.lab if world.run else "",
        "started": world.run.started if world.run else "",
        "hosts": claimed,
        "unclaimed": {host.name: report_unclaimed(world, host) for host in unpromised(world) if host.name not in claimed},
        "checks": [told_judgement(item, judgement) for item, judgement in judged],
        "moves": [told_move(move) for part in parts for move in moves(part)],
        "horizon": told_horizon(parts),
        "carried": [told_fates(part, leg) for part in parts for leg in judged_moves(part)],
        "coverage": told_coverage(world),
    }
    return told | {"headline": headline(world, told)}


def told_judgement(item: Expectation, judgement: Judgement) -> Verdict:
    """One judgement; `block` only where a promise is held over a part of the run."""
    return {
        "check": item.check,
        "host": judgement.host,
        "verdict": judgement.verdict,
        "says": judgement.says,
        "evidence": sorted(judgement.evidence),
        **({"block": item.block} if item.block else {}),
    }


def told_move(move: Move) -> Verdict:
    """One move: from where to where, when (seconds of the run), and its exit code where that was seen."""
    ended = None if move.until == float("inf") else round(move.until, 3)
    return {"from": move.origin, "to": move.destination, "began": round(move.since, 3), "ended": ended, "code": move.code}


def told_fates(world: World, leg: JudgedMove) -> Verdict:
    """What became of the objects that one move was about: how many of each kind moved, stayed and were made anew, and each loss."""
    return {"from": leg.move.origin, "to": leg.move.destination, **told_counts(befallen(world, leg))}


def told_counts(fates: Fates) -> Verdict:
    """The same fates as they stand in `verdict.json`, and in what `harness doctor` prints."""
    return {**fates._asdict(), "lost": [loss._asdict() for loss in fates.lost]}


def told_horizon(parts: list[World]) -> Verdict | None:
    """From when until when the verdict holds (seconds of the run), and which witness ended first; None without a move."""
    found = [held for part in parts if (held := horizon(part))]
    held = found[-1]._replace(since=found[0].since) if found else None
    return held and {"from": round(held.since, 3), "until": round(held.until, 3), "ended_first": held.first}


def host_verdict(world: World, host: Host, own: list[VerdictWord]) -> Verdict:
    """One host's line: its verdict, of those of its own judgements, and what each witness saw."""
    if was_refused(world):
        # That it was fit to be moved says nothing of a move.
        own = [*own, "unknown"]
    return {"verdict": merge(own), "witnesses": witnesses(world, host)}


def judge_directory(directory: Path, checks: list[str] | None = None, words: WordFiles | None = None) -> Verdict:
    """Judge a run directory again; with `checks` only those words. JournalError where there is no journal."""
    with uncollected():
        entries = list(read(directory / FILE_NAME))
        return judge_entries(entries, checks=chosen(entries, checks) if checks else None, words=words)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage in the block: a million entries are looked through in vain again and again, for half of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def chosen(entries: list[Entry], names: list[str]) -> list[Expectation]:
    """The checks of these names, and what the run promised of its own by them."""
    own = own_promises(entries)
    return [item for name in names for item in own.get(name) or [Expectation(check=name)]]


def own_promises(entries: Iterable[Entry]) -> dict[str, list[Expectation]]:
    """What a run promised of its own: by its name, over the whole and over each block."""
    found: dict[str, list[Expectation]] = {}
    began = next((entry.fact for entry in entries if isinstance(entry.fact, RunBegan)), None)
    for item in began.expectations if began else ():
        if item.own:
            found.setdefault(item.check, []).append(item)
    return found


def write_verdict(directory: Path, verdict: Verdict) -> Path:
    """Write `verdict.json`, the same bytes for the same verdict."""
    path = directory / VERDICT_FILE
    write_whole(path, msgspec.json.format(msgspec.json.encode(verdict), indent=2) + b"\n")
    return path
