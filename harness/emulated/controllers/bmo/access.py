"""How BMO understands `spec.bmc`: the hardware type, the boot interface and the driver_info that Ironic is given.

Source: baremetal-operator, pkg/hardwareutils/bmc.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bmc.address import IPMI_PORT, is_ipmi
from harness.emulated.kube.client import Json


def access(bmc: Mapping[str, Any], credentials: Mapping[str, str]) -> Json:
    """The fields of a node that a host's `spec.bmc` and the data of its credentials' Secret decide."""
    login = (credentials.get("username", ""), credentials.get("password", ""))
    understood = _ipmi if is_ipmi(bmc["address"]) else _redfish
    return understood(bmc["address"], login, verify=not bmc.get("disableCertificateVerification", False))


def driver(bmc: Mapping[str, Any]) -> str:
    """What BMO calls the driver of a host's `spec.bmc`: the scheme of its address, with its transport."""
    scheme, separator, _ = str(bmc["address"]).partition("://")
    return scheme if separator else "ipmi"


def _redfish(address: str, login: tuple[str, str], *, verify: bool) -> Json:
    """`redfish[-virtualmedia][+http]://host/path`."""
    scheme, _, rest = address.partition("://")
    kind, _, transport = scheme.partition("+")
    authority, _, path = rest.partition("/")
    return {
        "driver": "redfish",
        "boot_interface": "redfish-virtual-media" if kind == "redfish-virtualmedia" else "ipxe",
        "driver_info": {
            "redfish_address": f"{transport or 'https'}://{authority}",
            "redfish_system_id": f"/{path}",
            "redfish_username": login[0],
            "redfish_password": login[1],
            "redfish_verify_ca": verify,
        },
    }


def _ipmi(address: str, login: tuple[str, str], *, verify: bool) -> Json:
    """`ipmi://host[:port][?privilegelevel=LEVEL]`; without a scheme it is the same."""
    parts = urlsplit(address if "://" in address else f"ipmi://{address}")
    return {
        "driver": "ipmi",
        "boot_interface": "ipxe",
        "raid_interface": "no-raid",
        "driver_info": {
            "ipmi_address": parts.hostname or "",
            "ipmi_port": str(parts.port or IPMI_PORT),
            "ipmi_username": login[0],
            "ipmi_password": login[1],
            "ipmi_priv_level": parse_qs(parts.query).get("privilegelevel", ["ADMINISTRATOR"])[0],
            **({} if verify else {"ipmi_verify_ca": False}),
        },
    }
