"""Servers as a lab finds them: claimed ones run their system, spares have an empty disk; before anything is provisioned, so have all."""

import random
import uuid
from collections.abc import Sequence
from typing import Any

from bmc.machine import Machine
from harness.emulated.kube.client import Client
from harness.emulated.plan.plan import CLUSTER, Config, HostPlan, node_marks
from harness.emulated.servers.disk import Disk
from harness.emulated.servers.hardware import inventory
from harness.emulated.servers.hosted import HostedCluster
from harness.emulated.servers.server import BareMetalServer

BMC_NETWORK, SERVER_NETWORK = "127.77.", "127.78."


def server_address(host: HostPlan) -> str:
    """Where the server itself calls from and its agent listens: as its BMC's address, one network further."""
    return SERVER_NETWORK + host.bmc_address.removeprefix(BMC_NETWORK)


def hardware_of(host: HostPlan) -> dict[str, Any]:
    """What an inspection of this host finds."""
    return inventory(name=host.name, mac=host.mac, address=host.address, system_uuid=host.uuid, bmc_address=host.bmc_address)


def found_disk(host: HostPlan, config: Config, image_url: str) -> Disk | None:
    """What is installed on a claimed host; None for a spare, and where nothing is provisioned."""
    if not (host.claimed and config.provisioned):
        return None
    dice = random.Random(f"{config.seed} disk {host.name}")  # noqa: S311  # the same ids at every run are the point
    control_plane = {"node-role.kubernetes.io/control-plane": ""} if host.role == "control-plane" else {}
    return Disk(
        image=image_url,
        machine_id=uuid.UUID(int=dice.getrandbits(128), version=4).hex,
        node_name=host.name,
        provider_id=f"metal3://{config.namespace}/{host.provider_id}",
        labels=control_plane,
        annotations=node_marks(
            cluster=CLUSTER,
            namespace=config.namespace,
            machine=host.machine,
            machine_set="" if control_plane else host.machine.rpartition("-")[0],
        ),
    )


def found_server(  # noqa: PLR0913 - all by name but the two
    host: HostPlan,
    machine: Machine,
    *,
    config: Config,
    workload: Client,
    image_url: str,
    boot_servers: Sequence[str] = (),
    hosted: HostedCluster | None = None,
) -> BareMetalServer:
    """The server behind this BMC's machine."""
    return BareMetalServer(
        machine,
        name=host.name,
        mac=host.mac,
        address=server_address(host),
        lan_address=host.address,
        workload=workload,
        disk=found_disk(host, config, image_url),
        speed=config.speed,
        seed=config.seed,
        bmc_address=host.bmc_address,
        boot_servers=boot_servers,
        hosted=hosted,
    )
