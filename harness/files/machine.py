"""Which machine this is: a mark that is told to nobody, but can be compared here."""

import hashlib
import hmac
import platform
from pathlib import Path

IDENTITIES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
MARK_DIGITS = 32


def mark(*about: str) -> str:
    """The mark of this machine on something; it does not tell the machine's identity, which is the key of the digest."""
    return hmac.new(_identity(), "\n".join(about).encode(), hashlib.sha256).hexdigest()[:MARK_DIGITS]


def _identity() -> bytes:
    for path in IDENTITIES:
        try:
            if found := path.read_bytes().strip():
                return found
        except OSError:
            continue
    return platform.node().encode()
