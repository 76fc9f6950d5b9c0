"""Directories for a while, with secrets in them: whoever cannot remove his own any more has the next one remove it."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HELD = "held"
"""A file that its maker has locked for as long as he lives (flock(2))."""


@contextmanager
def scratch_directory(prefix: str) -> Iterator[Path]:
    """A new directory that is its user's alone, removed when the block ends; first those of this prefix whose makers have died."""
    remove_abandoned(prefix)
    place = Path(tempfile.mkdtemp(prefix=prefix))
    descriptor = os.open(place / HELD, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with contextlib.suppress(OSError):  # where there are no locks, what is left stays
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield place
    finally:
        os.close(descriptor)
        shutil.rmtree(place, ignore_errors=True)


def remove_abandoned(prefix: str) -> None:
    """Remove our own directories of this prefix among the temporary ones whose maker is dead; never one that cannot be told."""
    for place in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        if not place.is_symlink() and _is_abandoned(place):
            shutil.rmtree(place, ignore_errors=True)


def _is_abandoned(place: Path) -> bool:
    try:
        if place.stat().st_uid != os.geteuid():
            return False
        descriptor = os.open(place / HELD, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
