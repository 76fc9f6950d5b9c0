"""The grammar of a BareMetalHost's `spec.bmc.address`, as far as it names a Redfish service.

Source: baremetal-operator, pkg/hardwareutils/bmc (driver names, and `+http`/`+https` for the transport, https by default).
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from bmc.errors import BmcError

REDFISH_DRIVERS = frozenset(
    {
        "redfish",
        "redfish-virtualmedia",
        "redfish-uefihttp",
        "idrac-redfish",
        "idrac-virtualmedia",
        "ilo5-redfish",
        "ilo5-virtualmedia",
    }
)
_TRANSPORTS = {"": "https", "http": "http", "https": "https"}


@dataclass(frozen=True)
class Address:
    """A Redfish service and the system in it: `base` like `https://10.0.0.13:8443`, `system` its path, empty for the only one."""

    driver: str
    base: str
    system: str


def parse_address(text: str) -> Address:
    """Understand an address like `idrac-virtualmedia+https://10.0.0.13/redfish/v1/Systems/System.Embedded.1`.

    Raises BmcError(kind="address") that names the cause.
    """
    scheme, separator, _ = text.partition("://")
    driver, _, transport = scheme.partition("+")
    if not separator or driver not in REDFISH_DRIVERS or transport not in _TRANSPORTS:
        raise _error(f"{scheme!r} is no Redfish driver; known are {', '.join(sorted(REDFISH_DRIVERS))}, with +http or +https")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _error(f"the host and port in this BMC address cannot be understood ({error})") from error
    if not host:
        raise _error("the BMC address names no host")
    if parts.username is not None:
        raise _error("the BMC address carries a user name; credentials belong into a secret")
    if parts.query or parts.fragment:
        raise _error("the BMC address has a query or a fragment; only a path to the system may follow the host")
    name = f"[{host}]" if ":" in host else host
    base = f"{_TRANSPORTS[transport]}://{name}" + (f":{port}" if port else "")
    return Address(driver, base, parts.path.rstrip("/"))


def _error(says: str) -> BmcError:
    return BmcError(kind="address", blame="us", says=says)
