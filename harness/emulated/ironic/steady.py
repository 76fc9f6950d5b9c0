"""The nodes that an Ironic has after a long life: what `Ironic(nodes=...)` is given where a lab begins in its steady state."""

from typing import Any
from urllib.parse import urlsplit

from harness.emulated.plan import HostPlan
from harness.emulated.servers.found import hardware_of

Body = dict[str, Any]


def steady_node(host: HostPlan, system_url: str, namespace: str) -> Body:
    """The node of one host, `active` where it is claimed, else `manageable`; `system_url` is the URL of its System."""
    parts = urlsplit(system_url)
    return {
        "uuid": host.node_id,
        "name": f"{namespace}~{host.name}",
        "automated_clean": True,
        "boot_interface": "redfish-virtual-media",
        "deploy_interface": "direct" if host.claimed else "autodetect",
        "driver_info": {
            "redfish_address": f"{parts.scheme}://{parts.netloc}",
            "redfish_system_id": parts.path,
            "redfish_username": host.username,
            "redfish_password": host.password,
        },
        "inventory": hardware_of(host),
        "ports": [host.mac],
        "power_state": "power on",
        "properties": {"capabilities": "boot_mode:uefi", "cpu_arch": "x86_64"},
        "provision_state": "active" if host.claimed else "manageable",
    }
