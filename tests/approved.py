"""What was told before, word for word, beside what is told now: `make approve` writes down what is told from now on.

A change of what the judge says is seen where it shows, and is approved by whoever makes it: by what `git diff` shows of these files.
"""

import os
from pathlib import Path

WRITES = "APPROVE"
"""The environment variable by which what is told now is taken to be right."""


def assert_approved(path: Path, told: str) -> None:
    """Compare with the file; where it is asked for, write it instead."""
    if os.environ.get(WRITES):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(told, encoding="utf-8")
    known = path.read_text(encoding="utf-8") if path.exists() else ""

    assert told.splitlines() == known.splitlines(), f"`make approve` takes it to be right, and `git diff {path}` shows it"
