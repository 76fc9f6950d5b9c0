"""The nodes that an Ironic has after a long life: what `Ironic(nodes=...)` is given where a lab begins in its steady state."""

from typing import Any

from harness.emulated.controllers.bmo.access import access
from harness.emulated.plan import HostPlan, bmc_address
from harness.emulated.servers.found import hardware_of

Body = dict[str, Any]


def steady_node(host: HostPlan, place: str, namespace: str) -> Body:
    """The node of one host, `active` where it is claimed, else `manageable`; `place` is where its BMC is."""
    bmc = {"address": bmc_address(place, "redfish-virtualmedia")}
    return {
        "uuid": host.node_id,
        "name": f"{namespace}~{host.name}",
        **access(bmc, {"username": host.username, "password": host.password}),
        "automated_clean": True,
        "deploy_interface": "direct" if host.claimed else "autodetect",
        "inventory": hardware_of(host),
        "ports": [host.mac],
        "power_state": "power on",
        "properties": {"capabilities": "boot_mode:uefi", "cpu_arch": "x86_64"},
        "provision_state": "active" if host.claimed else "manageable",
    }
