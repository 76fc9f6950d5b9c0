"""How one BMC is reached: address, credentials, trust."""

from typing import NamedTuple
from urllib.parse import urlsplit

from bmc.model import Credentials, Tls


class BmcAccess(NamedTuple):
    """How to reach the BMC of one host."""

    host: str
    address: str
    credentials: Credentials | None
    tls: Tls

    @property
    def network_address(self) -> str:
        """The host part of its address."""
        return urlsplit(self.address).hostname or ""
