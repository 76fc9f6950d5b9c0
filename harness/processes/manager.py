"""A provider's controller manager (Cluster API's, or a user's BMO, CAPM3, IPAM) as the process of one cluster.

Managers spell their flags differently, so each is asked by `--help` which it has. It is given to the lab's own process to run, which
starts and stops it as its Deployment says.
"""

import re
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.exits import RefusedError
from harness.processes.certificates import Authority
from harness.processes.ports import free_port
from harness.processes.settings import Program

HELP_SECONDS = 10.0
ANYWHERE = "0.0.0.0"
"""Where a manager's webhooks listen: controller-runtime knows no other place unless it is told in code."""

DEPLOYMENTS = {
    "capi": "capi-system/capi-controller-manager",
    "capm3": "capm3-system/capm3-controller-manager",
    "ipam": "capm3-system/ipam-controller-manager",
    "bmo": "baremetal-operator-system/baremetal-operator-controller-manager",
    "ironic": "baremetal-operator-system/ironic",
}
"""Component -> the Deployment under which it runs in a management cluster."""


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
    """The flags that a Go program tells of. RefusedError where it cannot be asked."""
    try:
        done = subprocess.run(  # noqa: S603 - the user's own program
            [program, "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=HELP_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RefusedError(f"{program} does not answer `--help` ({error}); a manager built for this machine is needed") from error
    return frozenset(re.findall(r"^\s*(?:-\w, )?--?([a-z][\w.-]*)", done.stdout + done.stderr, re.MULTILINE))


def manager(name: str, program: Program, place: Surroundings, extra: dict[str, str]) -> dict[str, Any]:
    """How the lab's own process runs it: command, environment, health, manifests. `extra` is further environment."""
    flags = known_flags(program.path)
    health, webhook = free_port(place.address), free_port(ANYWHERE)
    files = place.files / f"{name}-{place.side}"
    certificates = _certificates(name, place, files)
    own = [
        *_first(flags, {"kubeconfig": str(place.kubeconfig)}),
        *_first(flags, {"webhook-port": str(webhook)}),
        *_first(flags, dict.fromkeys(("webhook-cert-dir", "webhook-cert-path", "cert-dir"), str(certificates))),
        *_first(flags, dict.fromkeys(("health-addr", "health-probe-bind-address"), f"{place.address}:{health}")),
        *_first(flags, _metrics(f"{place.address}:{free_port(place.address)}")),
        *_first(flags, {"insecure-diagnostics": "true"}),
        *_first(flags, dict.fromkeys(("leader-elect", "enable-leader-election"), "false")),
    ]
    if not flags & {"health-addr", "health-probe-bind-address"}:
        raise RefusedError(
            f"{program.path} has neither --health-addr nor --health-probe-bind-address, so nobody can tell when it is ready"
        )
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
        "command": [str(program.path), *own, *program.flags],
        "environment": environment,
        "log": str(place.logs / f"{name}-{place.side}.log"),
        "healthy": f"http://{place.address}:{health}/readyz",
        "manifests": str(program.manifests or ""),
        "webhooks": f"https://{place.address}:{webhook}",
        "authority": str(place.authority.certificate),
    }


def operator_environment(place: Surroundings, ironic_url: str, credentials: tuple[str, str]) -> dict[str, str]:
    """What a Baremetal Operator is told of its Ironic: by environment, and by files for the credentials."""
    for name, value in zip(("username", "password"), credentials, strict=True):
        place.authority.write(f"auth-{place.side}/ironic/{name}", value.encode())
    return {
        "IRONIC_ENDPOINT": f"{ironic_url}/v1/",
        "METAL3_AUTH_ROOT_DIR": str(place.authority.certificate.parent / f"auth-{place.side}"),
        "DEPLOY_KERNEL_URL": f"{ironic_url}/images/ironic-python-agent.kernel",
        "DEPLOY_RAMDISK_URL": f"{ironic_url}/images/ironic-python-agent.initramfs",
    }


def ironic_program(program: Path, place: Surroundings, url: str, credentials: tuple[str, str]) -> dict[str, Any]:
    """How the lab's own process runs a real Ironic: with an empty database at every start."""
    secret = place.authority.write(f"ironic-{place.side}.secret", "\n".join(credentials).encode())
    files = place.files / f"ironic-{place.side}"
    command = [sys.executable, "-m", "harness.processes.ironic_start", str(program.parent), str(files), url, str(secret)]
    return {
        "name": "ironic",
        "command": command,
        "environment": {},
        "log": str(place.logs / f"ironic-{place.side}.log"),
        "healthy": f"{url}/v1/nodes",
    }


def _certificates(name: str, place: Surroundings, files: Path) -> Path:
    """Where the manager looks for its certificate if it is not told: below its temporary directory."""
    certificates = files / "k8s-webhook-server" / "serving-certs"
    certificates.mkdir(parents=True, mode=0o700)
    for path, final in zip(place.authority.issue(f"webhooks-{name}-{place.side}", (place.address,)), ("crt", "key"), strict=True):
        path.replace(certificates / f"tls.{final}")
    return certificates


def _metrics(address: str) -> dict[str, str]:
    return dict.fromkeys(("diagnostics-address", "metrics-bind-address", "metrics-bind-addr", "metrics-addr"), address)


def _first(flags: frozenset[str], values: dict[str, str]) -> list[str]:
    """The first of these flags that the program has."""
    return next(([f"--{flag}={value}"] for flag, value in values.items() if flag in flags), [])
