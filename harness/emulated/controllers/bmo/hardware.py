"""Hardware details of a host, from the inventory that inspection left in Ironic."""

from harness.emulated.kube.client import Json


def hardware_details(inventory: Json) -> Json:
    """`HardwareData.spec.hardware` of an agent's inventory (ironic-python-agent's fields)."""
    vendor = inventory.get("system_vendor", {})
    cpu = inventory.get("cpu", {})
    memory = inventory.get("memory", {})
    return {
        "cpu": {
            "arch": cpu.get("architecture", "x86_64"),
            "clockMegahertz": int(float(cpu.get("frequency") or 0)),
            "count": cpu.get("count", 0),
            "flags": sorted(cpu.get("flags") or []),
            "model": cpu.get("model_name", ""),
        },
        "firmware": {"bios": {}},
        "hostname": inventory.get("hostname", ""),
        "nics": [_nic(nic, inventory) for nic in inventory.get("interfaces", [])],
        "ramMebibytes": memory.get("physical_mb", 0),
        "storage": [_disk(disk) for disk in inventory.get("disks", [])],
        "systemVendor": {
            "manufacturer": vendor.get("manufacturer", ""),
            "productName": vendor.get("product_name", ""),
            "serialNumber": vendor.get("serial_number", ""),
        },
    }


def _nic(nic: Json, inventory: Json) -> Json:
    model = f"{nic.get('vendor') or ''} {nic.get('product') or ''}".strip()
    is_pxe = inventory.get("boot", {}).get("pxe_interface") in (nic.get("mac_address"), None, "")
    return {
        "ip": nic.get("ipv4_address") or "",
        "mac": nic.get("mac_address", ""),
        "model": model,
        "name": nic.get("name", ""),
        "pxe": is_pxe,
    }


def _disk(disk: Json) -> Json:
    return {
        "alternateNames": [disk.get("name", "")],
        "model": disk.get("model", ""),
        "name": disk.get("name", ""),
        "serialNumber": disk.get("serial") or "",
        "sizeBytes": disk.get("size", 0),
        "type": "HDD" if disk.get("rotational") else "SSD",
    }
