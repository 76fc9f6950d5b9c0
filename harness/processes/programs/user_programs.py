"""Programs of the user's own: can they stand for their components on this machine at all? Asked before anything is started."""

import functools
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.errors import UsageError
from harness.lab.model import Component
from harness.processes.parts.manager import DEPLOYMENTS, check_flags, usable_flags, why_not

HELP_SECONDS = 4.0
MANIFESTS_SECONDS = 60.0
BESIDE_IRONIC = ("ironic-dbsync", "python")
"""What the directory of a real Ironic has, too."""


def unfit(chosen: Mapping[str, Component]) -> Iterator[str]:
    """Each program that cannot be used, with the cause and the cure."""
    for name, component in chosen.items():
        cause = _cause(name, component.path, component.flags) if component.path else ""
        if not cause and component.manifests and name in DEPLOYMENTS:
            cause = _unfit_manifests(name, component.manifests.absolute())
        if cause:
            yield f"`components: {name}`: {cause}"


@functools.cache
def _cause(name: str, path: Path, flags: tuple[str, ...]) -> str:
    """Why this program cannot stand for this component; empty where it can."""
    missing = [each for each in BESIDE_IRONIC if name == "ironic" and not (path.parent / each).is_file()]
    if missing:
        return f"there is no {' and no '.join(missing)} beside {path}; name the `ironic` of an environment into which Ironic is installed"
    try:
        if name in DEPLOYMENTS and name != "ironic":
            usable_flags(path)
            check_flags(name, flags)
        else:
            _ask(path)
    except UsageError as error:
        return str(error)
    except OSError as error:
        return why_not(path, error)
    return ""


@functools.cache
def _unfit_manifests(name: str, manifests: Path) -> str:
    """Why these definitions cannot take the place of ours, asked of who will read them; empty where they can."""
    command = [sys.executable, "-m", "harness.emulated.lab.check_manifests", name, str(manifests)]
    done = subprocess.run(  # noqa: S603 - our own
        command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=MANIFESTS_SECONDS, check=False
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"harness.emulated.lab.check_manifests ended with {done.returncode}: {done.stderr}")
    return done.stdout.strip()


def _ask(path: Path) -> None:
    """Start the program once; its output is ignored. Raises OSError if it cannot be started."""
    command: list[str | Path] = [path, "--help"]
    try:
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=HELP_SECONDS, check=False)  # noqa: S603 - the user's own
    except subprocess.TimeoutExpired:
        return
