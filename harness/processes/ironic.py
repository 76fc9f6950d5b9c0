"""The real Ironic from PyPI, in an environment of its own beside the built programs; it is never imported by us."""

import shutil
import subprocess
import sys
from pathlib import Path

from harness.exits import LabBrokeError
from harness.processes.versions import IRONIC

REQUIREMENTS = Path(__file__).parent / "requirements-ironic.txt"
INSTALL_SECONDS = 600.0
ERROR_LINES = 10


def ironic(cache: Path) -> Path:
    """Where the installed program is."""
    return cache / f"ironic-{IRONIC}" / "bin" / "ironic"


def install(cache: Path) -> None:
    """Install the locked packages. Raises LabBrokeError with pip's last words where that fails, and leaves nothing half done."""
    place = cache / f"ironic-{IRONIC}"
    sys.stderr.write(f"installing Ironic {IRONIC} (once, about 80 s)\n")
    try:
        _run([sys.executable, "-m", "venv", str(place)])
        pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--require-hashes", "-r", str(REQUIREMENTS)])
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)  # noqa: S603 - ours
    if done.returncode != 0:
        said = "\n".join(f"  {line}" for line in (done.stdout + done.stderr).splitlines()[-ERROR_LINES:])
        raise LabBrokeError(f"Ironic {IRONIC} could not be installed; pip says:\n{said}")
