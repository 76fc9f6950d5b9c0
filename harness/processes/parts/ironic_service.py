"""One side's Ironic as a service: how the real one is run, and what a Baremetal Operator is told of whichever it is."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.processes.parts.ironic_start import KERNEL, RAMDISK
from harness.processes.parts.manager import Surroundings, known_flags

PROVISIONER = "ironic-provisioner.so"
PROVISIONER_FLAGS = ("provisioner", "provisioner-plugin")
PROVISIONER_DIRECTORY = "PROVISIONER_PLUGIN_DIR"


@dataclass(frozen=True)
class IronicEndpoint:
    """One side's Ironic: its API, where it has servers boot from (both URLs), and its credentials."""

    url: str
    images: str
    username: str
    password: str = field(repr=False)


def ironic_program(program: Path, place: Surroundings, ironic: IronicEndpoint) -> dict[str, Any]:
    """How the lab's own process runs a real Ironic: with an empty database at every start."""
    secret = place.authority.write(f"ironic-{place.side}.secret", f"{ironic.username}\n{ironic.password}".encode())
    files = place.files / f"ironic-{place.side}"
    start = [sys.executable, "-m", "harness.processes.parts.ironic_start"]
    return {
        "name": "ironic",
        "command": [*start, str(program.parent), str(files), ironic.url, ironic.images, str(secret)],
        "environment": {},
        "log": str(place.logs / f"ironic-{place.side}.log"),
        "healthy": f"{ironic.url}/v1/nodes",
    }


def operator_environment(program: Path, place: Surroundings, ironic: IronicEndpoint) -> dict[str, str]:
    """What a Baremetal Operator is told of its Ironic: by environment, and by files for the credentials."""
    for name, value in (("username", ironic.username), ("password", ironic.password)):
        place.authority.write(f"auth-{place.side}/ironic/{name}", value.encode())
    return {
        "IRONIC_ENDPOINT": f"{ironic.url}/v1/",
        "METAL3_AUTH_ROOT_DIR": str(place.authority.certificate.parent / f"auth-{place.side}"),
        "DEPLOY_KERNEL_URL": f"{ironic.images}/{KERNEL}",
        "DEPLOY_RAMDISK_URL": f"{ironic.images}/{RAMDISK}",
        **_provisioner(program),
    }


def _provisioner(program: Path) -> dict[str, str]:
    """Where an operator from 0.14 on finds its way to Ironic, a Go plugin: beside it, unless the user's environment says where."""
    if PROVISIONER_DIRECTORY in os.environ or not known_flags(program) & set(PROVISIONER_FLAGS):
        return {}
    beside = (program.parent, program.resolve().parent)
    for directory in (*beside, *(each / "plugins" for each in beside)):
        if (directory / PROVISIONER).is_file():
            return {PROVISIONER_DIRECTORY: str(directory), "PROVISIONER_PLUGIN": str(directory / PROVISIONER)}
    return {}
