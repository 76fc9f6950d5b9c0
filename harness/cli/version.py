"""Which version this is, and of which commit: asked of git in a checkout, told by the build in an installed package."""

import subprocess
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMIT_FILE = Path(__file__).parents[1] / "commit.txt"
"""Written when a package is built."""
PACKAGE = "metal3-pivot-harness"
GIT_SECONDS = 10.0
UNKNOWN = "unknown"


def version() -> str:
    """`harness VERSION (commit COMMIT)`; what cannot be told is called unknown."""
    try:
        number = metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        number = UNKNOWN
    return f"harness {number} (commit {commit()})"


def commit() -> str:
    """The short name of the commit, with `-dirty` where files were changed since."""
    if (ROOT / ".git").exists():
        return _asked_of_git()
    return COMMIT_FILE.read_text(encoding="utf-8").strip() if COMMIT_FILE.is_file() else UNKNOWN


def _asked_of_git() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=GIT_SECONDS, check=False)  # noqa: S603 - all of it is ours
    except (OSError, subprocess.TimeoutExpired):
        return UNKNOWN
    return done.stdout.strip() or UNKNOWN
