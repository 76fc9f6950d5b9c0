"""A provider's controller manager (Cluster API's, or a user's BMO, CAPM3, IPAM) as the process of one cluster.

Managers spell their flags differently, so each is asked by `--help` which it has. It is given to the lab's own process to run, which
starts and stops it as its Deployment says.
"""

import errno
import re
import subprocess
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.metal3 import BMO_DEPLOYMENT, BMO_NAMESPACE, IRONIC_DEPLOYMENT
from harness.processes.parts.certificates import Authority
from harness.processes.parts.ports import free_port
from harness.processes.settings import ComponentProgram

HELP_SECONDS = 10.0
ANYWHERE = "0.0.0.0"
"""Where a manager's webhooks listen: controller-runtime knows no other place unless it is told in code."""

DEPLOYMENTS = {
    "capi": "capi-system/capi-controller-manager",
    "capm3": "capm3-system/capm3-controller-manager",
    "ipam": "capm3-system/ipam-controller-manager",
    "bmo": f"{BMO_NAMESPACE}/{BMO_DEPLOYMENT}",
    "ironic": f"{BMO_NAMESPACE}/{IRONIC_DEPLOYMENT}",
}
"""Component -> the Deployment under which it runs in a management cluster."""

WEBHOOK_PORT = "webhook-port"
CERTIFICATES = ("webhook-cert-dir", "webhook-cert-path", "cert-dir")
HEALTH = ("health-addr", "health-probe-bind-address")
METRICS = ("diagnostics-address", "metrics-bind-address", "metrics-bind-addr", "metrics-addr")
ELECTION = ("leader-elect", "enable-leader-election")
OURS = ("kubeconfig", WEBHOOK_PORT, *CERTIFICATES, *HEALTH, *METRICS)
"""What the lab decides: the managers of two clusters run side by side."""
OFF = "0"
MAY_BE_OFF = {"bmo": (WEBHOOK_PORT, *METRICS)}
"""Component -> what its user may switch off all the same; to the webhook server of every other, 0 is the port 9443."""
ELECTS = "bmo"
"""The one that elects a leader outside of a Pod, too: in the namespace that `POD_NAMESPACE` names."""


@dataclass(frozen=True)
class Surroundings:
    """Where a manager lives: `side` (its address, kubeconfig), the lab's authority, and directories for its files and its log."""

    side: str
    address: str
    kubeconfig: Path
    authority: Authority
    files: Path
    logs: Path


def known_flags(program: Path) -> frozenset[str]:
    """The flags that a Go program lists in `--help`. Raises UsageError if it cannot be run."""
    return _flags_in(_usage(program))


def usable_flags(program: Path, seconds: float = HELP_SECONDS) -> frozenset[str]:
    """The flags that a manager knows. UsageError where it cannot be asked, and where it cannot be run by a lab."""
    said = _usage(program, seconds)
    flags = _flags_in(said)
    if not flags:
        last = said.strip().splitlines()[-1:]
        raise UsageError(f"{program} tells of no flags by `--help`; it says: {''.join(last) or '(nothing)'}")
    if not flags & set(HEALTH):
        raise UsageError(f"{program} has neither --{' nor --'.join(HEALTH)}, so nobody can tell when it is ready")
    return flags


def check_flags(name: str, given: Sequence[str]) -> None:
    """Raises UsageError for a user's flag that the lab sets itself, or that makes no sense in a lab."""
    users = _given(given)
    off = {flag for flag in MAY_BE_OFF.get(name, METRICS) if users.get(flag) == OFF}
    if wrong := [flag for flag in OURS if flag in users and flag not in off]:
        also = ", and --webhook-port=0 is 9443 to this manager" if wrong[0] == WEBHOOK_PORT and users[WEBHOOK_PORT] == OFF else ""
        raise UsageError(
            f"`flags`: --{wrong[0]} is the lab's to give, because the managers of two clusters run side by side{also}; "
            "leave it out"
        )
    if wrong := [flag for flag in ELECTION if users.get(flag, "false") != "false" and name != ELECTS]:
        raise UsageError(f"`flags`: --{wrong[0]} needs a Pod to be in; leave it out, for each cluster has one {name}")


def why_not(program: Path, error: OSError) -> str:
    """Why the system does not start a program, and the cure."""
    if error.errno == errno.ENOENT and program.exists():
        return f"what {program} is run by, its interpreter or loader, is not on this machine; build it here, or statically"
    return f"{program} cannot be started ({error.strerror}); a program built for this machine is needed"


def _usage(program: Path, seconds: float = HELP_SECONDS) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the user's own program
            [program, "--help"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except OSError as error:
        raise UsageError(why_not(program, error)) from error
    except subprocess.TimeoutExpired as error:
        raise UsageError(
            f"{program} does not end within {seconds:g} s of `--help`; "
            'name the manager itself, or a script that does `exec MANAGER "$@"`'
        ) from error
    return done.stdout + done.stderr


def _flags_in(usage: str) -> frozenset[str]:
    # Descriptions, too, may begin a line, but farther in.
    return frozenset(re.findall(r"^ {1,6}(?:-\w, )?--?([a-z][\w.-]*)", usage, re.MULTILINE))


def manager(name: str, program: ComponentProgram, place: Surroundings, extra: dict[str, str]) -> dict[str, Any]:
    """How the lab's own process runs it: command, environment, health, manifests. `extra` is further environment."""
    flags = usable_flags(program.path)
    check_flags(name, program.flags)
    health, webhook = free_port(place.address), free_port(ANYWHERE)
    files = place.files / f"{name}-{place.side}"
    certificates = _certificates(name, place, files)
    own = [
        *_first(flags, ("kubeconfig",), str(place.kubeconfig)),
        *_first(flags, (WEBHOOK_PORT,), str(webhook)),
        *_first(flags, CERTIFICATES, str(certificates)),
        *_first(flags, HEALTH, f"{place.address}:{health}"),
        *_first(flags, METRICS, f"{place.address}:{free_port(place.address)}"),
        *_first(flags, ("insecure-diagnostics",), "true"),
        *_first(flags, ELECTION, "false"),
    ]
    namespace, _, deployment = DEPLOYMENTS[name].partition("/")
    environment = {
        "KUBECONFIG": str(place.kubeconfig),
        "TMPDIR": str(files),
        "POD_NAMESPACE": namespace,
        "POD_NAME": deployment,
        "POD_UID": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{deployment}.{place.side}")),
        **extra,
    }
    return {
        "name": name,
        "release": program.release,
        "command": [str(program.path), *own, *program.flags],
        "environment": environment,
        "log": str(place.logs / f"{name}-{place.side}.log"),
        "healthy": f"http://{place.address}:{health}/readyz",
        "manifests": str(program.manifests or ""),
        "webhooks": "" if _given(program.flags).get(WEBHOOK_PORT) == OFF else f"https://{place.address}:{webhook}",
        "authority": str(place.authority.certificate),
    }


def _given(flags: Sequence[str]) -> dict[str, str]:
    """The user's flags by name, with their values: `--name=value`, or `--name` and then `value`."""
    found: dict[str, str] = {}
    for flag, following in pairwise((*flags, "")):
        if flag.startswith("-"):
            name, _, value = flag.lstrip("-").partition("=")
            found[name] = value or ("" if following.startswith("-") else following)
    return found


def _certificates(name: str, place: Surroundings, files: Path) -> Path:
    """Where the manager looks for its certificate if it is not told: below its temporary directory."""
    certificates = files / "k8s-webhook-server" / "serving-certs"
    certificates.mkdir(parents=True, mode=0o700)
    for path, final in zip(place.authority.issue(f"webhooks-{name}-{place.side}", (place.address,)), ("crt", "key"), strict=True):
        path.replace(certificates / f"tls.{final}")
    return certificates


def _first(flags: frozenset[str], names: Sequence[str], value: str) -> list[str]:
    """The first of these flags that the program has, with the value."""
    return next(([f"--{name}={value}"] for name in names if name in flags), [])
