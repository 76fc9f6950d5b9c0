"""What ends a move, in the words of the program that it stands for."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class MoveError(Exception):
    """A move cannot go on; the text is the whole chain of causes, outermost first."""


class MoveApiError(MoveError):
    """An API server refused: its HTTP status, machine-readable `reason` and message."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


@contextmanager
def wrapped(what: str) -> Iterator[None]:
    """Put `what` before the text of any MoveError raised inside."""
    try:
        yield
    except MoveError as error:
        raise MoveError(f"{what}: {error}") from error


def raise_all(errors: Iterable[Exception]) -> None:
    """Raise one MoveError of all `errors`, each text once: bare when it is one, in brackets when several."""
    texts = list(dict.fromkeys(str(error) for error in errors))
    if not texts:
        return
    raise MoveError(texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]")
