"""The real Ironic from PyPI, in an environment of its own beside the built programs; it is never imported by us."""

import shutil
import subprocess
import sys
from pathlib import Path

from harness.errors import LabBrokeError
from harness.lab.versions import IRONIC

REQUIREMENTS = Path(__file__).parent / "requirements-ironic.txt"
COMPLETE = "complete"
"""A file that is made last: an installation that was killed has none."""
INSTALL_SECONDS = 900.0
ERROR_LINES = 10


def ironic(kept: Path) -> Path:
    """Where the program is, once it is installed, below the directory where everything is kept."""
    return kept / f"ironic-{IRONIC}" / "bin" / "ironic"


def is_installed(kept: Path) -> bool:
    """Is all of it there?"""
    return (kept / f"ironic-{IRONIC}" / COMPLETE).is_file()


def install(kept: Path) -> None:
    """Install the locked packages. Raises LabBrokeError with pip's last words where that fails, and leaves nothing half done."""
    place = kept / f"ironic-{IRONIC}"
    shutil.rmtree(place, ignore_errors=True)
    sys.stderr.write(f"installing Ironic {IRONIC} (once, about 80 s)\n")
    try:
        _run([sys.executable, "-m", "venv", str(place)])
        pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--require-hashes", "-r", str(REQUIREMENTS)])
        (place / COMPLETE).touch()
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=INSTALL_SECONDS, check=False)  # noqa: S603 - ours
    if done.returncode != 0:
        said = "\n".join(f"  {line}" for line in (done.stdout + done.stderr).splitlines()[-ERROR_LINES:])
        raise LabBrokeError(f"Ironic {IRONIC} could not be installed; pip says:\n{said}")
