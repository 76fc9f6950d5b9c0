"""`harness recover`: undoes what a killed run left, using its journal alone."""

import sys
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path

from bmc.errors import BmcError
from harness.bench.undo import Undoing, kept, unfinished
from harness.errors import LabBrokeError, UndoError, UsageError
from harness.exits import Exit
from harness.files.words import WordFiles
from harness.journal.entry import Entry
from harness.journal.facts import RunBegan
from harness.journal.journal import FILE_NAME, read
from harness.kube.client import open_cluster
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterError
from harness.lab.access import BmcAccess
from harness.lab.discovery import bmc_accesses
from harness.lab.file import load_lab
from harness.lab.model import Lab
from harness.lab.undo import UndoAccess

NOTES_FILE = "recovered.txt"


async def recover(directory: Path, words: Iterable[Path] = ()) -> Exit:
    """Undo what is left of a run, print what was done, and keep a note of it beside the journal.

    Directories of `words` hold what a user's own words need, beside those that the lab file names. UNKNOWN while something is left
    that nobody here knows how to undo, or that a broken-off move forbids to undo; the rest is undone all the same.
    """
    entries = list(read(directory / FILE_NAME))
    done = set(notes(directory))
    left = [item for item in unfinished(entries) if item.write not in done]
    stays = kept(entries)
    if not left and not stays:
        sys.stdout.write(f"nothing to undo  {directory}\n")
        return Exit.PASS
    lab = lab_of(entries, directory)
    if lab is None:
        sys.stdout.write(f"nothing to undo: the embedded lab of this run is gone  {directory}\n")
        return Exit.PASS
    code = Exit.PASS
    if left:
        code = await take_back(lab, left, directory, WordFiles([*words, *([lab.words] if lab.words else [])]))
    for item in stays:
        sys.stdout.write(f"left: {item.what}: a move broke off, and taking this back could give a server two owners\n")
    return Exit.UNKNOWN if stays else code


async def take_back(lab: Lab, left: list[Undoing], directory: Path, words: WordFiles) -> Exit:
    """Undo each write, newest first, and note it at once."""
    code = Exit.PASS
    async with AsyncExitStack() as stack:
        sides = {"source": lab.clusters.source, "target": lab.clusters.target}
        clusters = {
            name: await stack.enter_async_context(open_cluster(access.kubeconfig, access.context or None, name=name))
            for name, access in sides.items()
        }
        bmcs = BmcsOfLab(lab, clusters)
        for item in left:
            try:
                await item.undo.undo(UndoAccess(item.write, clusters, bmcs.access, words))
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
