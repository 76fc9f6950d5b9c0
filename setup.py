"""What pyproject.toml cannot say: a wheel holds the scenarios and labs too, copied from the top of this tree, and its commit."""

import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = ("scenarios/*.yaml", "labs/*.yaml", "lab*.yaml")
PLACE = "harness/shipped"
COMMIT_FILE = "harness/commit.txt"


class BuildWithShippedFiles(build_py):
    """Copies scenarios and labs into the package that is built; an editable installation finds them where they are."""

    def run(self) -> None:
        """Build, beginning with nothing of an earlier build."""
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        if not self.editable_mode:
            for source, copy in self.shipped().items():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copy)
            self.write_commit()

    def write_commit(self) -> None:
        """Let `harness --version` tell the commit; where git cannot tell it, nothing is written and it says unknown."""
        command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--exclude=*"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
        except (OSError, subprocess.CalledProcessError):
            return
        Path(self.build_lib, COMMIT_FILE).write_text(done.stdout, encoding="utf-8")

    def shipped(self) -> dict[Path, Path]:
        """Each file to copy, and where it goes."""
        root = Path(__file__).parent
        found = (path for pattern in SHIPPED for path in sorted(root.glob(pattern)))
        return {path: Path(self.build_lib, PLACE, path.relative_to(root)) for path in found}

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Every file that was built."""
        return [*super().get_outputs(include_bytecode), *map(str, self.shipped().values())]


setup(cmdclass={"build_py": BuildWithShippedFiles})
