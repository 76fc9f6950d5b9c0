"""The nodes that an Ironic has after a long life: what `Ironic(nodes=...)` is given where a lab begins in its steady state."""

from typing import Any

from harness.emulated.controllers.bmo.access import access
from harness.emulated.plan.plan import HostPlan
from harness.emulated.servers.found import hardware_of

Body = dict[str, Any]


def steady_node(host: HostPlan, address: str, namespace: str) -> Body:
    """The node of one host, `active` where it is claimed, else `manageable`; `address` is its BareMetalHost's `spec.bmc.address`."""
    return {
        "uuid": host.node_id,
        "name": f"{namespace}~{host.name}",
        **access({"address": address}, {"username": host.username, "password": host.password}),
        "automated_clean": True,
        "deploy_interface": "direct" if host.claimed else "autodetect",
        "inventory": hardware_of(host),
        "ports": [host.mac],
        "power_state": "power on",
        "properties": {"capabilities": "boot_mode:uefi", "cpu_arch": "x86_64"},
        "provision_state": "active" if host.claimed else "manageable",
    }
