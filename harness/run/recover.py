"""`harness recover`: undoes what a killed run left, using its journal alone."""

import sys
from contextlib import AsyncExitStack
from pathlib import Path

from bmc.errors import BmcError
from harness.bench.undo import Undoing, undo, unfinished
from harness.errors import LabBrokeError, UsageError
from harness.journal.facts import RunBegan
from harness.journal.journal import FILE_NAME, Entry, read
from harness.kube.client import ClusterError, open_cluster
from harness.lab.discovery import bmc_accesses
from harness.lab.file import load_lab
from harness.lab.model import Lab
from harness.sight.event_subscriptions import UNSUBSCRIBE

NOTES_FILE = "recovered.txt"


async def recover(directory: Path) -> int:
    """Undo what is left of a run, print what was done, and keep a note of it beside the journal; 0 where nothing is left."""
    entries = list(read(directory / FILE_NAME))
    done = set(notes(directory))
    left = [item for item in unfinished(entries) if item.write not in done]
    if not left:
        sys.stdout.write(f"nothing to undo  {directory}\n")
        return 0
    lab = lab_of(entries, directory)
    if lab is None:
        sys.stdout.write(f"nothing to undo: the embedded lab of this run is gone  {directory}\n")
        return 0
    await take_back(lab, left, directory)
    return 0


async def take_back(lab: Lab, left: list[Undoing], directory: Path) -> None:
    """Undo each write, newest first, and note it at once."""
    async with AsyncExitStack() as stack:
        sides = {"source": lab.clusters.source, "target": lab.clusters.target}
        clusters = {
            name: await stack.enter_async_context(open_cluster(access.kubeconfig, access.context or None, name=name))
            for name, access in sides.items()
        }
        touched = any(item.undo.get("do") == UNSUBSCRIBE for item in left)
        bmcs = await bmc_accesses(lab, clusters, lab.namespace) if touched else {}
        for item in left:
            try:
                await undo(item, clusters, bmcs)
            except (BmcError, ClusterError) as error:
                raise LabBrokeError(f"cannot undo {item.what!r}: {error}") from error
            with (directory / NOTES_FILE).open("a", encoding="utf-8") as file:
                file.write(f"{item.write}\n")
            sys.stdout.write(f"undone: {item.what}\n")


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
