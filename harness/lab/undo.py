"""What takes a write back: a typed value beside the code that writes, kept in the journal until it is done or needed no more.

Who writes in a new way declares a new kind of `Undo` in the same module, and edits nothing else: `harness recover` finds it by its
tag, `do`, among the modules of the harness, or, where a user's own word wrote it, in the module of that word.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar

import msgspec

from bmc.errors import BmcError
from harness.errors import BadWordError, LabBrokeError, UndoError
from harness.files.author_errors import explain_author_error
from harness.files.words import WordFile, WordFiles, missing_word
from harness.journal.facts import Body
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterError
from harness.lab.access import BmcAccess

OURS = __name__.partition(".")[0]

performed: ContextVar[WordFile | None] = ContextVar("performed", default=None)
"""The word that is being performed, in whose module an undo of its own must stand."""


class UndoAccess(NamedTuple):
    """What an undo may use: the name of the `write` that it takes back, the clusters, the BMC of a host, and all words."""

    write: str
    clusters: Mapping[str, KubeCluster]
    bmc: Callable[[str], Awaitable[BmcAccess]]
    words: WordFiles


class Undo(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", tag=str.lower, omit_defaults=True):
    """Base of every kind. Its fields are all that is known when it is done, perhaps by another process; they are JSON, and no secret.

    The tag is the class' name in lower case unless the class says another; once a journal holds it, it does not change.
    """

    @property
    def touches_no_owner(self) -> bool:
        """May it be done after a move has begun? Only where it cannot change who owns a server."""
        return False

    async def undo(self, access: UndoAccess) -> None:
        """Take the write back. It may have been done before, or never have come to be: both are no error.

        Raises ClusterError, BmcError or LabBrokeError where that fails.
        """
        raise NotImplementedError


class WordUndo(Undo, frozen=True, kw_only=True, tag="word"):
    """An undo that a user's own word declares: where to find it, and its fields."""

    word: str
    origin: str
    harmless: bool
    fields: Body

    @property
    def touches_no_owner(self) -> bool:
        """As its own class said when it was written, so that this is known without it too."""
        return self.harmless

    async def undo(self, access: UndoAccess) -> None:
        """Find the word, and do what it declares. UndoError, with the cure, where it is not here or crashes."""
        role, _, name = self.word.partition(" ")
        try:
            file = access.words.find(role, name, shipped=False)  # type: ignore[arg-type]
        except KeyError:
            raise UndoError(missing_word(self.word, self.origin)) from None
        except BadWordError as error:
            raise UndoError(str(error)) from error
        kind = undo_of_module(file, self.fields)
        if kind is None:
            raise UndoError(f"{file.file}:1: no `Undo` with the tag {self.fields.get('do')!r} stands in this module any more")
        try:
            await msgspec.convert(self.fields, kind).undo(access)
        except (ClusterError, BmcError, LabBrokeError):
            raise
        except Exception as error:
            raise UndoError(explain_author_error(error, file.file)) from error


class UnknownUndo(Undo, frozen=True, kw_only=True, tag="unknown"):
    """An undo of a journal that this version cannot read."""

    fields: Body

    @property
    def touches_no_owner(self) -> bool:
        """It is told in any case, since nothing is known of it."""
        return True

    async def undo(self, access: UndoAccess) -> None:
        """Say so."""
        raise UndoError(f"{access.write}: nobody here knows how to undo {self.fields}; a newer version may")


def body_of(undo: Undo | None) -> Body:
    """What the journal keeps of an undo, before its write is done. BadWordError where it could not be found again from there."""
    if undo is None:
        return {}
    fields: Body = msgspec.to_builtins(undo)
    if type(undo).__module__.partition(".")[0] == OURS:
        return fields
    file = performed.get()
    if file is None or undo_of_module(file, fields) is not type(undo):
        where = f"{file.file}:1" if file else type(undo).__module__
        raise BadWordError(f"{where}: {type(undo).__name__} must be a name in the module of the step or fault that uses it")
    found = WordUndo(word=file.label, origin=file.origin, harmless=undo.touches_no_owner, fields=fields)
    return dict(msgspec.to_builtins(found))


def undo_of_module(file: WordFile, fields: Body) -> type[Undo] | None:
    """The kind of this tag in the module of a word."""
    kinds = [it for it in vars(file.module).values() if isinstance(it, type) and issubclass(it, Undo)]
    return next((kind for kind in kinds if _tag(kind) == fields.get("do") and kind.__module__.partition(".")[0] != OURS), None)


def our_undos() -> dict[str, type[Undo]]:
    """Every kind of the harness itself that was imported, by its tag."""
    return {_tag(kind): kind for kind in _kinds(Undo) if kind.__module__.partition(".")[0] == OURS}


def _kinds(kind: type[Undo]) -> list[type[Undo]]:
    return [it for child in kind.__subclasses__() for it in (child, *_kinds(child))]


def _tag(kind: type[Undo]) -> str:
    return str(kind.__struct_config__.tag)


U = TypeVar("U", bound=Undo)


def undo_as(fields: Body, kind: type[U]) -> U | None:
    """The undo of a journal as this kind; None where it is another."""
    return msgspec.convert(fields, kind) if fields.get("do") == _tag(kind) else None


async def unless(status: int, call: Callable[[], Awaitable[Any]]) -> None:
    """Call a cluster; that it answers with this status is as good as done. Raises ClusterError for any other."""
    try:
        await call()
    except ClusterError as error:
        if error.status != status:
            raise
