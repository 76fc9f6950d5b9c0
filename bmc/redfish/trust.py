"""How a BMC's certificate is trusted, in the form that TLS libraries want."""

import ssl

from aiohttp import Fingerprint

from bmc.errors import BmcError
from bmc.model import Tls

_PIN_BYTES = 32


def pin_digest(tls: Tls) -> bytes:
    """The 32 bytes of a pin; BmcError(kind="address") where it is written wrong."""
    algorithm, _, digits = tls.pin.partition(":")
    try:
        digest = bytes.fromhex(digits.replace(":", ""))
    except ValueError:
        digest = b""
    if algorithm != "sha256" or len(digest) != _PIN_BYTES:
        raise BmcError(kind="address", blame="us", says="a TLS pin is 'sha256:' and 64 hex digits")
    return digest


def aiohttp_trust(tls: Tls) -> ssl.SSLContext | Fingerprint | bool:
    """What aiohttp takes as `ssl`. A pin replaces authorities and host name; it is checked before anything is sent."""
    if tls.pin:
        return Fingerprint(pin_digest(tls))
    if tls.insecure:
        return False
    if not tls.ca:
        return True
    try:
        return ssl.create_default_context(cafile=tls.ca)
    except (OSError, ssl.SSLError) as error:
        raise BmcError(kind="address", blame="us", says=f"the CA file {tls.ca} cannot be read ({error})") from error


def server_tls(certificate: str, key: str = "") -> ssl.SSLContext:
    """How to listen with this certificate and its key (PEM files; one may hold both)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key or None)
    except (OSError, ssl.SSLError) as error:
        raise BmcError(kind="address", blame="us", says=f"the certificate {certificate} cannot be used ({error})") from error
    return context
