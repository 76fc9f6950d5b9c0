"""Real components for tests marked `real`: on PATH, or in the directory that HARNESS_REAL_BIN names."""

import os
import shutil

import pytest


def needed(name: str) -> str:
    """The path of a binary; skips the test that needs it where it is missing."""
    path = os.pathsep.join([os.environ.get("HARNESS_REAL_BIN", ""), os.environ.get("PATH", "")])
    found = shutil.which(name, path=path)
    if found is None:
        pytest.skip(f"{name} is neither on PATH nor in HARNESS_REAL_BIN")
    return found
