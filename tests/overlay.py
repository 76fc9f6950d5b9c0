"""A copy of the product with files added, as somebody has it who adds a part; the shipped tree is never edited."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


class Overlay:
    """The copy in a directory; what is run there runs the copy."""

    def __init__(self, directory: Path, files: dict[str, str]) -> None:
        self.directory = directory
        for name in ("harness", "bmc", "scenarios"):
            shutil.copytree(ROOT / name, directory / name)
        shutil.copy(ROOT / "lab.yaml", directory)
        for name, text in files.items():
            (directory / name).write_text(text, encoding="utf-8")

    def python(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run Python on the copy."""
        command = [sys.executable, *arguments]
        env = {**os.environ, "PYTHONPATH": str(self.directory), **environment}
        return subprocess.run(command, cwd=self.directory, env=env, text=True, capture_output=True, timeout=60, check=False)

    def harness(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line of the copy."""
        return self.python("-m", "harness", *arguments)
