"""Programs of the user's own: can they stand for their components on this machine at all? Asked before anything is started."""

import functools
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.lab.model import Component
from harness.processes.parts.manager import DEPLOYMENTS, HELP_SECONDS, check_flags, usable_flags, why_not

BESIDE_IRONIC = ("ironic-dbsync", "python")
"""What the directory of a real Ironic has, too."""


@dataclass(frozen=True)
class UserProgramLimits:
    """How long a user's programs may take to answer."""

    flags_seconds: float = HELP_SECONDS
    """A manager, to tell its flags."""
    help_seconds: float = 4.0
    """Another program, to be started once."""
    manifests_seconds: float = 60.0
    """The lab, to read definitions."""


def unfit(chosen: Mapping[str, Component], limits: UserProgramLimits | None = None) -> Iterator[str]:
    """Each program that cannot be used, with the cause and the cure."""
    limits = limits or UserProgramLimits()
    for name, component in chosen.items():
        cause = _cause(name, component.path, component.flags, limits) if component.path else ""
        if not cause and component.manifests and name in DEPLOYMENTS:
            cause = _unfit_manifests(name, component.manifests.absolute(), limits.manifests_seconds)
        if cause:
            yield f"`components: {name}`: {cause}"


@functools.cache
def _cause(name: str, path: Path, flags: tuple[str, ...], limits: UserProgramLimits) -> str:
    """Why this program cannot stand for this component; empty where it can."""
    missing = [each for each in BESIDE_IRONIC if name == "ironic" and not (path.parent / each).is_file()]
    if missing:
        return f"there is no {' and no '.join(missing)} beside {path}; name the `ironic` of an environment into which Ironic is installed"
    try:
        if name in DEPLOYMENTS and name != "ironic":
            usable_flags(path, limits.flags_seconds)
            check_flags(name, flags)
        else:
            _ask(path, limits.help_seconds)
    except UsageError as error:
        return str(error)
    except OSError as error:
        return why_not(path, error)
    return ""


@functools.cache
def _unfit_manifests(name: str, manifests: Path, seconds: float) -> str:
    """Why these definitions cannot take the place of ours, asked of who will read them; empty where they can."""
    command = [sys.executable, "-m", "harness.emulated.lab.check_manifests", name, str(manifests)]
    done = subprocess.run(  # noqa: S603 - our own
        command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=seconds, check=False
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"harness.emulated.lab.check_manifests ended with {done.returncode}: {done.stderr}")
    return done.stdout.strip()


def _ask(path: Path, seconds: float) -> None:
    """Start the program once; its output is ignored. Raises OSError if it cannot be started."""
    command: list[str | Path] = [path, "--help"]
    try:
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)  # noqa: S603 - the user's own
    except subprocess.TimeoutExpired:
        return
