"""The last lines of a command that judged: the verdict, and where its proof is."""

import sys
from pathlib import Path
from typing import Literal

from harness.exits import exit_of_verdict


def conclude(verdict: Literal["pass", "fail", "unknown"], directory: Path) -> int:
    """Print verdict and place; the exit code of the verdict."""
    sys.stdout.write(f"{verdict}  {directory}\n")
    return exit_of_verdict(verdict)
