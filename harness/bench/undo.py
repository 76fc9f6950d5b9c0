"""Undoes a run's writes: after an interruption, and by `harness recover` after a kill.

Before a move has begun, all writes are undone, newest first. After that, restarting what was stopped could give a server two
owners, so only what touches no owner is taken back; the rest is reported.
"""

import contextlib
import sys
from collections.abc import Iterable

import msgspec

from harness.bench.bench import Bench
from harness.bench.leases.lease import DeleteLease
from harness.errors import BadWordError, UndoError
from harness.files.words import WordFiles
from harness.journal.entry import Entry
from harness.journal.facts import Body, MoverEnded, MoverStarted, WriteIntended, WriteUndone
from harness.kube.errors import NotThereError
from harness.lab.access import BmcAccess
from harness.lab.undo import Undo, UndoAccess, UnknownUndo, our_undos
from harness.sight.event_subscriptions import Unsubscribe


class Undoing(msgspec.Struct, frozen=True):
    """One write that may be taken back, and in which system it was made."""

    write: str
    what: str
    undo: Undo
    system: str = ""


def standing(entries: Iterable[Entry]) -> list[Undoing]:
    """All writes that were not undone, newest first."""
    return _standing(entries)[0]


def unfinished(entries: Iterable[Entry]) -> list[Undoing]:
    """Writes that were not undone, newest first; after a move has begun only those that touch no owner."""
    left, moved = _standing(entries)
    return [item for item in left if not moved or item.undo.touches_no_owner]


def kept(entries: list[Entry]) -> list[Undoing]:
    """Writes that are not taken back because a move broke off, newest first: without them a server could have two owners."""
    ends = {entry.fact.mover: entry.fact.code for entry in entries if isinstance(entry.fact, MoverEnded)}
    begun = [entry.fact.mover for entry in entries if isinstance(entry.fact, MoverStarted)]
    if not begun or ends.get(begun[-1]) == 0:
        return []
    return [item for item in _standing(entries)[0] if not item.undo.touches_no_owner]


def _standing(entries: Iterable[Entry]) -> tuple[list[Undoing], bool]:
    """Writes that were not undone, newest first, and whether a move has begun."""
    writes: dict[str, WriteIntended] = {}
    moved = False
    for entry in entries:
        match entry.fact:
            case WriteIntended(undo=undo) as fact if undo:
                writes[fact.write] = fact
            case WriteUndone(write=write):
                writes.pop(write, None)
            case MoverStarted():
                moved = True
            case _:
                pass
    kinds = undo_kinds() if writes else {}
    return [Undoing(fact.write, fact.what, undo_of(fact.undo, kinds), fact.system) for fact in reversed(writes.values())], moved


def undo_kinds() -> dict[str, type[Undo]]:
    """Every kind of undo that the harness has, by its tag: each stands beside what writes, so all steps and faults are imported."""
    words = WordFiles()
    for role in ("step", "fault"):
        for name in words.names(role):
            # A word that cannot be imported wrote nothing; what others wrote is undone all the same.
            with contextlib.suppress(BadWordError, KeyError):
                words.find(role, name, shipped=True)
    return our_undos()


def undo_of(fields: Body, kinds: dict[str, type[Undo]]) -> Undo:
    """The undo of a journal, whichever version wrote it."""
    try:
        return msgspec.convert(fields, kinds[fields["do"]])
    except (KeyError, msgspec.ValidationError):
        return UnknownUndo(fields=fields)


async def undo_unfinished(bench: Bench, how: str, *, embedded: bool) -> None:
    """At the end of a run: undo its writes, unless the scenario ended, was refused, or ran on an embedded lab.

    What nobody here knows how to undo is told, and left in the journal for `harness recover`.
    """
    if how in ("done", "refused") or embedded:
        return
    for item in unfinished(bench.journal.entries):
        if isinstance(item.undo, Unsubscribe | DeleteLease):
            continue  # whoever has it gives it up when it closes
        try:
            await take_back(bench, item)
        except UndoError as error:
            sys.stderr.write(f"left: {item.what}: {error}; then `harness recover {bench.directory}`\n")
        else:
            bench.undone(item.write, f"taken back: {item.what}")


async def take_back(bench: Bench, item: Undoing) -> None:
    """Undo one write on a running lab; idempotent. Raises ClusterError, BmcError, LabBrokeError or UndoError if that fails.

    In a cluster that has gone as it should nothing is left of it. HeldError where somebody else holds a cluster by now.
    """
    await bench.may_write()

    async def bmc(host: str) -> BmcAccess:
        return bench.bmcs[host]

    await unless_gone(item.undo, UndoAccess(item.write, bench.clusters, bmc, bench.words))


async def unless_gone(undo: Undo, access: UndoAccess) -> None:
    """Undo a write, unless its cluster is gone; one that does not answer may come back with what was written there."""
    try:
        await undo.undo(access)
    except NotThereError as error:
        if error.is_unreached:
            raise
