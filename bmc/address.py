"""The grammar of a BareMetalHost's `spec.bmc.address`, as far as it names a Redfish service or an IPMI BMC.

Source: baremetal-operator, pkg/hardwareutils/bmc (driver names, `+http`/`+https` for the transport, https by default; `libvirt` is
IPMI to an emulator, and an address without a scheme is IPMI).
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

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
IPMI_DRIVERS = frozenset({"ipmi", "libvirt"})
IPMI_PORT = 623
IPMI_PRIVILEGES = {"CALLBACK": 1, "USER": 2, "OPERATOR": 3, "ADMINISTRATOR": 4}
"""Privilege levels (IPMI 2.0 §6.8); `OPERATOR` is enough for power and boot device, and is what we ask for."""
_SERVICE = re.compile(r"/*(redfish/*(v1/*)?)?")
"""Paths of the service itself: whoever writes one as the system's means the only system there is, as for the Baremetal Operator."""
_TRANSPORTS = {"": "https", "http": "http", "https": "https"}


@dataclass(frozen=True)
class Address:
    """A Redfish service and the system in it: `base` like `https://10.0.0.13:8443`, `system` its path, empty for the only one.

    Whether there is a system at that path is only known when it was asked (`bmc.redfish.wire.no_system`).
    """

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
    parts, host, port = _split(text)
    if parts.query or parts.fragment:
        raise _error("the BMC address has a query or a fragment; only a path to the system may follow the host")
    name = f"[{host}]" if ":" in host else host
    base = f"{_TRANSPORTS[transport]}://{name}" + (f":{port}" if port else "")
    path = "" if _SERVICE.fullmatch(parts.path) else re.sub("/+", "/", parts.path).rstrip("/")
    return Address(driver, base, path)


@dataclass(frozen=True)
class IpmiAddress:
    """A BMC that speaks IPMI over LAN, and the privilege level to ask it for."""

    host: str
    port: int = IPMI_PORT
    privilege: int = IPMI_PRIVILEGES["OPERATOR"]


def is_ipmi(text: str) -> bool:
    """Is this an address of IPMI's kind, well-formed or not?"""
    scheme, separator, _ = text.partition("://")
    return not separator or scheme in IPMI_DRIVERS


def parse_ipmi_address(text: str) -> IpmiAddress:
    """Understand an address like `ipmi://10.0.0.13:6230?privilegelevel=USER`; the port and the query may be absent.

    Raises BmcError(kind="address") that names the cause.
    """
    if not is_ipmi(text):
        raise _error(f"{text.partition('://')[0]!r} is no IPMI driver; known are {', '.join(sorted(IPMI_DRIVERS))}")
    parts, host, port = _split(text if "://" in text else f"ipmi://{text}")
    if parts.path.strip("/") or parts.fragment:
        raise _error("nothing but ?privilegelevel= may follow the host of an IPMI address")
    return IpmiAddress(host, port or IPMI_PORT, _privilege(parts))


def _split(url: str) -> tuple[SplitResult, str, int | None]:
    """Its parts, the host that must be there, and the port that may be."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _error(f"the host and port in this BMC address cannot be understood ({error})") from error
    if not host:
        raise _error("the BMC address names no host")
    if parts.username is not None:
        raise _error("the BMC address carries a user name; credentials belong into a secret")
    return parts, host, port


def _privilege(parts: SplitResult) -> int:
    query = parse_qs(parts.query, keep_blank_values=True)
    levels = query.pop("privilegelevel", ["OPERATOR"])
    if query or len(levels) != 1 or levels[0].upper() not in IPMI_PRIVILEGES:
        raise _error(f"the query of an IPMI address is ?privilegelevel= and one of {', '.join(IPMI_PRIVILEGES)}")
    return IPMI_PRIVILEGES[levels[0].upper()]


def _error(says: str) -> BmcError:
    return BmcError(kind="address", blame="us", says=says)
