"""How one BMC is reached: address, credentials, trust."""

from typing import NamedTuple
from urllib.parse import urlsplit

from bmc.model import Credentials as BmcCredentials
from bmc.model import Tls


class BmcAccess(NamedTuple):
    """How to reach the BMC of one host."""

    host: str
    address: str
    credentials: BmcCredentials | None
    tls: Tls

    @property
    def login(self) -> tuple[str, str] | None:
        """User and password as a pair."""
        return (self.credentials.username, self.credentials.password) if self.credentials else None

    @property
    def network_address(self) -> str:
        """The host part of its address."""
        return urlsplit(self.address).hostname or ""
