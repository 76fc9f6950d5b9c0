"""`harness recover`: says where a run that was broken off left everything, and leads on from there by its journal."""

import asyncio
import hmac
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from harness.bench.connect import mark_of_run
from harness.errors import LabBrokeError, UsageError
from harness.exits import Exit
from harness.files.held import holding
from harness.files.problems import printable
from harness.files.words import WordFiles
from harness.journal.entry import Entry
from harness.journal.facts import RunBegan
from harness.journal.journal import FILE_NAME
from harness.kube.errors import ClusterError
from harness.lab.file import load_lab
from harness.lab.model import Lab
from harness.move.process import mask_logs_left
from harness.run.recovery.lead_on import KEPT, AskForWay, Recovery
from harness.run.recovery.trail import LastMover, Trail
from harness.run.recovery.ways import WayOn

POLL_SECONDS = 0.1


class Asking(NamedTuple):
    """What is asked of somebody at a terminal: which way to go, and whether a strange journal is obeyed."""

    way: AskForWay
    trust: Callable[[str], bool]


class RecoverOptions(NamedTuple):
    """What is told beforehand.

    `words`: directories that hold what a user's own words need, beside those that the lab file names. `way`: the one to go. `trust`:
    obey a journal that was not made here. `backup`: what the way back may use, beside the one that the run kept itself.
    """

    words: Iterable[Path] = ()
    way: WayOn | None = None
    trust: bool = False
    backup: Path | None = None


async def recover(directory: Path, options: RecoverOptions | None = None, ask: Asking | None = None) -> Exit:
    """Tell where a run's move stands, and lead on: undo what is left where nothing was moved, else go the way that is told.

    `ask` is asked where no way is told and one is needed, and before a journal is obeyed that was not made here. A mover that still
    runs is left alone, or waited for. UNKNOWN while something is left; HeldError while the run itself is alive.
    """
    options = options or RecoverOptions()
    way = options.way
    with holding(directory / FILE_NAME, f"{directory}: the run is not over, its journal is held"):
        trail = Trail(directory)
        mover = trail.last_mover
        broken_off = mover is not None and mover.is_broken_off
        if not broken_off and not trail.standing("harmless" if mover else "all") and way in (None, "undo"):
            sys.stdout.write(f"nothing to undo  {directory}\n")
            return Exit.PASS
        require_trust(trail, ask, trust=options.trust)
        if mover and mover.runs and not await has_ended(mover, directory, way):
            return Exit.UNKNOWN
        for run in trail.runs:
            mask_logs_left(run.directory / "logs")
        return await _lead_on(trail, options, ask)


async def _lead_on(trail: Trail, options: RecoverOptions, ask: Asking | None) -> Exit:
    lab = lab_of(trail.runs[0].entries, trail.directory)
    if lab is None:
        sys.stdout.write(f"nothing to undo: the embedded lab of this run is gone  {trail.directory}\n")
        return Exit.PASS
    try:
        words = WordFiles([*options.words, *([lab.words] if lab.words else [])])
        recovery = Recovery(trail, lab, words, options.backup or backup_of(trail))
        return await recovery.lead_on(options.way, ask.way if ask else None)
    except ClusterError as error:
        sys.stdout.writelines(f"{KEPT.format(what=it.item.what, where=it.item.system)}\n" for it in trail.kept())
        raise LabBrokeError(str(error)) from error


def backup_of(trail: Trail) -> Path | None:
    """The backup that the run kept before its first move, where it is still there."""
    began = trail.runs[0].entries[0].fact if trail.runs[0].entries else None
    kept = Path(began.backup) if isinstance(began, RunBegan) and began.backup else None
    return kept if kept and kept.is_dir() else None


def require_trust(trail: Trail, ask: Asking | None, *, trust: bool) -> None:
    """A journal says what is written to which clusters, and its lab file what is run on this machine: UsageError for a strange one."""
    began = trail.runs[0].entries[0].fact if trail.runs[0].entries else None
    if trust or not isinstance(began, RunBegan) or is_made_here(began, trail.directory / FILE_NAME):
        return
    mover = trail.last_mover
    lines = [
        f"{trail.directory}: this journal was not made on this machine, by this user, as far as it tells; to obey it means:",
        f"  lab file: {printable(began.lab_file or 'none')}, with the programs that its kubeconfigs name",
        *(f"  undo: {printable(left.item.what)} ({printable(left.item.system)})" for left in trail.standing("all")),
        *(["  its mover may still run where it was started"] if mover and mover.code is None else []),
    ]
    told = "\n".join(lines)
    if not (ask and ask.trust(told)):
        raise UsageError(f"{told}\nnothing was done; where that is meant, `harness recover {trail.directory} --trust`")


def is_made_here(began: RunBegan, journal: Path) -> bool:
    """Was a journal made on this machine, by the user who asks?"""
    return hmac.compare_digest(began.machine, mark_of_run(began)) and journal.stat().st_uid == os.geteuid()


async def has_ended(mover: LastMover, directory: Path, way: WayOn | None) -> bool:
    """A mover still runs: wait for its end where that was told, else say how to. UsageError for any other way."""
    told = f"the mover still runs (process {mover.started.pid})"
    if way is None:
        sys.stdout.write(
            f"{told} and is left alone; what leads on:\n  --do wait: wait for its end, and until all is taken over\n"
        )
        return False
    if way != "wait":
        raise UsageError(f"{told}, and whoever writes beside it does harm; `harness recover {directory} --do wait` waits for it")
    sys.stdout.write(f"{told}; waiting for its end\n")
    while mover.runs:  # noqa: ASYNC110 - it is not our child
        await asyncio.sleep(POLL_SECONDS)
    return True


def lab_of(entries: list[Entry], directory: Path) -> Lab | None:
    """The lab of a run; None where it was an embedded one that ended with its run. UsageError where its file is gone."""
    began = entries[0].fact if entries else None
    if not isinstance(began, RunBegan) or not began.lab_file:
        raise UsageError(f"{directory}: the journal does not tell of its lab, so nothing can be undone")
    path = Path(began.lab_file)
    if not path.exists() and path.parent.name.startswith("pivot-lab-"):
        return None
    lab = load_lab(path)
    if not isinstance(lab, Lab):
        raise UsageError(f"{path}: not the lab file that the run used")
    return lab
