"""The hardware of an emulated server, as an agent's inventory tells it (ironic-python-agent, `list_hardware_info`)."""

from typing import Any

DISK_BYTES = 50_000_000_000
MEMORY_MEBIBYTES = 4096


def inventory(*, name: str, mac: str, address: str, system_uuid: str, bmc_address: str) -> dict[str, Any]:
    """One server: 2 cores, 4 GiB, one disk, one network interface."""
    disk = {
        "name": "/dev/sda",
        "model": "LAB",
        "size": DISK_BYTES,
        "rotational": False,
        "serial": "1",
        "by_path": None,
        "wwn": None,
        "vendor": None,
        "hctl": None,
    }
    interface = {
        "name": "enp1s0",
        "mac_address": mac,
        "ipv4_address": address,
        "ipv6_address": None,
        "has_carrier": True,
        "vendor": "0x1af4",
        "product": "0x0001",
        "lldp": None,
        "speed_mbps": 0,
    }
    return {
        "hostname": name,
        "bmc_address": bmc_address,
        "boot": {"current_boot_mode": "uefi", "pxe_interface": mac},
        "cpu": {"architecture": "x86_64", "count": 2, "flags": ["fpu"], "frequency": "2100", "model_name": "lab"},
        "disks": [disk],
        "interfaces": [interface],
        "memory": {"physical_mb": MEMORY_MEBIBYTES, "total": MEMORY_MEBIBYTES << 20},
        "system_vendor": {"manufacturer": "lab", "product_name": "lab", "serial_number": system_uuid, "firmware": {}},
    }
