"""`harness recover`: undoes what a killed run left, using its journal alone."""

import sys
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path

from bmc.errors import BmcError
from harness.bench.connect import opened
from harness.bench.undo import Undoing, kept, standing, unfinished, unless_gone
from harness.errors import LabBrokeError, UndoError, UsageError
from harness.exits import Exit
from harness.files.words import WordFiles
from harness.journal.entry import Entry
from harness.journal.facts import RunBegan
from harness.journal.journal import FILE_NAME, read
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterError
from harness.lab.access import BmcAccess
from harness.lab.discovery import bmc_accesses
from harness.lab.file import load_lab
from harness.lab.model import Lab
from harness.lab.undo import UndoAccess
from harness.move.process import mask_logs_left
from harness.run.broken_move import BrokenMove, broken_move, is_broken_off, running_mover

NOTES_FILE = "recovered.txt"


async def recover(directory: Path, words: Iterable[Path] = ()) -> Exit:
    """Tell where a run's move stands, undo what is left of the run, print what was done, and keep a note of it beside the journal.

    Directories of `words` hold what a user's own words need, beside those that the lab file names. A mover that still runs is left
    alone. Where its move changed nothing yet, all is undone; else what could give a server two owners stays, and the way that leads
    on is printed. UNKNOWN while something is left.
    """
    entries = list(read(directory / FILE_NAME))
    if mover := running_mover(entries):
        sys.stdout.write(
            f"the mover still runs (process {mover.pid}) and is left alone; when it has ended, `harness recover {directory}` again\n"
        )
        return Exit.UNKNOWN
    mask_logs_left(directory / "logs")
    done = set(notes(directory))
    left = [item for item in unfinished(entries) if item.write not in done]
    stays = [item for item in kept(entries) if item.write not in done]
    if not left and not stays and not is_broken_off(entries):
        sys.stdout.write(f"nothing to undo  {directory}\n")
        return Exit.PASS
    lab = lab_of(entries, directory)
    if lab is None:
        sys.stdout.write(f"nothing to undo: the embedded lab of this run is gone  {directory}\n")
        return Exit.PASS
    try:
        return await lead_on(lab, entries, directory, WordFiles([*words, *([lab.words] if lab.words else [])]))
    except ClusterError as error:
        told_on(None, stays)
        raise LabBrokeError(str(error)) from error


async def lead_on(lab: Lab, entries: list[Entry], directory: Path, words: WordFiles) -> Exit:
    """Look where the move stands, take back what may be, and say what is left. Raises ClusterError."""
    done = set(notes(directory))
    async with AsyncExitStack() as stack:
        sides = {"source": lab.clusters.source, "target": lab.clusters.target}
        clusters: dict[str, KubeCluster] = {}
        for name, side in sides.items():
            clusters[name] = await stack.enter_async_context(opened(lab, name, side, clusters))
        found = await broken_move(entries, clusters, lab.namespace)
        untouched = found is not None and found.end.name == "nothing moved"
        left = standing(entries) if untouched else unfinished(entries)
        access = UndoAccess("", clusters, BmcsOfLab(lab, clusters).access, words)
        code = await take_back([item for item in left if item.write not in done], directory, access)
    stays = [] if untouched else [item for item in kept(entries) if item.write not in done]
    return Exit.UNKNOWN if told_on(found, stays) else code


def told_on(found: BrokenMove | None, stays: list[Undoing]) -> bool:
    """Print what is left of a move that broke off and the way that leads on; is anything left?"""
    lines = [f"left: {item.what}: a move broke off, and taking this back could give a server two owners" for item in stays]
    if found is None:
        sys.stdout.writelines(f"{line}\n" for line in lines)
        return bool(stays)
    end = found.end
    where = f"the move from {end.origin} to {end.destination} stands at: {end.says}"
    if end.name == "complete":
        lines = [f"waiting for the {end.destination}'s Baremetal Operator: {name}" for name in found.waiting]
    else:
        lines += [f"  {number}. {step}" for number, step in enumerate(end.recipe, 1)]
    sys.stdout.writelines(f"{line}\n" for line in [where, *lines])
    return bool(lines) and end.name != "nothing moved"


async def take_back(left: list[Undoing], directory: Path, access: UndoAccess) -> Exit:
    """Undo each write, newest first, and note it at once."""
    code = Exit.PASS
    for item in left:
        try:
            await unless_gone(item.undo, access._replace(write=item.write))
        except (BmcError, ClusterError) as error:
            raise LabBrokeError(f"cannot undo {item.what!r}: {error}") from error
        except UndoError as error:
            sys.stdout.write(f"left: {item.what}: {error}\n")
            code = Exit.UNKNOWN
            continue
        with (directory / NOTES_FILE).open("a", encoding="utf-8") as file:
            file.write(f"{item.write}\n")
        sys.stdout.write(f"undone: {item.what}\n")
    return code


class BmcsOfLab:
    """How to reach the BMC of each host; the clusters are only asked once somebody needs one."""

    def __init__(self, lab: Lab, clusters: dict[str, KubeCluster]) -> None:
        self._lab = lab
        self._clusters = clusters
        self._found: dict[str, BmcAccess] | None = None

    async def access(self, host: str) -> BmcAccess:
        """That of this host. UndoError where the lab has no such host any more."""
        if self._found is None:
            self._found = await bmc_accesses(self._lab, self._clusters, self._lab.namespace)
        if host not in self._found:
            raise UndoError(f"no BMC of a host {host} is known in this lab any more")
        return self._found[host]


def notes(directory: Path) -> list[str]:
    """The writes that an earlier recovery has undone."""
    path = directory / NOTES_FILE
    return path.read_text(encoding="utf-8").split() if path.exists() else []


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
