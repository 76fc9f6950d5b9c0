"""Signs a certificate with a user's key, in a DSSE envelope, and opens such envelopes: the door to securesystemslib.

Keys are PEM files, Ed25519 or ECDSA. The public half stands in the statement, so that an envelope can be checked by itself; whose it is
only a key from elsewhere can tell.
"""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key, load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error as SignatureError
from securesystemslib.signer import CryptoSigner, SSlibKey

from harness.errors import UsageError

PAYLOAD_TYPE = "application/vnd.in-toto+json"
PASSPHRASE = "HARNESS_SIGN_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable
KEY_BYTES_MAX = 64 << 10
MAKE_ONE = "make one with `openssl genpkey -algorithm ed25519 -out sign.pem`"
MAKE_PUBLIC = "its public half is made with `openssl pkey -in sign.pem -pubout -out sign.pub`"


class Signature(NamedTuple):
    """An envelope that was opened: what it holds, and the key that it says it was signed with (`keyid`, and PEM)."""

    payload: bytes
    keyid: str
    envelope: Envelope


class PublicKey(NamedTuple):
    """A key that can tell whether its private half signed; `keyid` is a digest of it."""

    keyid: str
    key: SSlibKey


class Signer:
    """Signs with one key; `told` is what a statement says of it."""

    def __init__(self, key: Ed25519PrivateKey | EllipticCurvePrivateKey) -> None:
        """ValueError for a curve that DSSE's users do not know."""
        self._signer = CryptoSigner(key)
        public = self._signer.public_key
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        self.told = {"keyid": public.keyid, "scheme": public.scheme, "publicKey": pem}

    def sign(self, statement: str) -> str:
        """The envelope as JSON text."""
        envelope = Envelope(statement.encode(), PAYLOAD_TYPE, {})
        envelope.sign(self._signer)
        return envelope_text(envelope)


def read_signer(reference: str) -> Signer:
    """The key of `FILE`, `file:FILE` or `env:NAME`; UsageError, which never shows what was found there, where it is none."""
    pem = key_text(reference, "--sign-key")
    place = shown(reference)
    passphrase = os.environ.get(PASSPHRASE)
    try:
        key = load_pem_private_key(pem, passphrase.encode() if passphrase and b"ENCRYPTED" in pem else None)
    except TypeError:
        raise UsageError(f"{place}: this key has a passphrase; give it by the environment variable {PASSPHRASE}") from None
    except (ValueError, UnsupportedAlgorithm):
        wrong = f"cannot be read with the passphrase of {PASSPHRASE}" if passphrase else f"is no private key in PEM; {MAKE_ONE}"
        raise UsageError(f"{place}: {'is a public key; a private one signs' if b'PUBLIC' in pem else wrong}") from None
    if isinstance(key, Ed25519PrivateKey | EllipticCurvePrivateKey):
        try:
            return Signer(key)
        except ValueError:
            pass
    raise UsageError(
        f"{place}: a key of this kind cannot sign a certificate, only Ed25519 and ECDSA (P-256, P-384, P-521); {MAKE_ONE}"
    )


def read_public_key(path: Path) -> PublicKey:
    """The public key of a PEM file; UsageError, with the cure, where it is none."""
    pem = key_text(str(path), "--key")
    if b"PRIVATE" in pem:
        raise UsageError(f"{path}: this is a private key, which only its owner needs; {MAKE_PUBLIC}")
    key = public_key(pem)
    if key is None:
        raise UsageError(f"{path}: is no public key in PEM (Ed25519 or ECDSA); {MAKE_PUBLIC}")
    return key


def public_key(pem: bytes) -> PublicKey | None:
    """The key of this PEM; None where it is none that can have signed a certificate."""
    try:
        key = load_pem_public_key(pem)
        if isinstance(key, Ed25519PublicKey | EllipticCurvePublicKey):
            known = SSlibKey.from_crypto(key)
            return PublicKey(known.keyid, known)
    except (ValueError, UnsupportedAlgorithm):
        pass
    return None


def key_text(reference: str, option: str) -> bytes:
    """What stands in the file, or the variable, that an option names."""
    if "-----BEGIN" in reference:
        raise UsageError(f"{option}: a key has no place on a command line, where everybody reads it; name its file")
    kind, _, name = reference.partition(":")
    if kind == "env":
        if name not in os.environ:
            raise UsageError(f"{option}: the environment variable {name} is not set")
        return os.environ[name].encode()
    path = Path(name if kind == "file" else reference)
    try:
        with path.open("rb") as file:
            return file.read(KEY_BYTES_MAX)
    except OSError as error:
        raise UsageError(f"{path}: no key can be read there ({error.strerror}); {option} names a PEM file") from None


def shown(reference: str) -> str:
    """The place of a key, for people."""
    return reference.removeprefix("file:")


def envelope_text(envelope: Envelope) -> str:
    """The one way in which an envelope is written: another text of the same is a changed one."""
    return json.dumps(envelope.to_dict(), indent=2) + "\n"


def is_envelope(text: bytes) -> bool:
    """Does this begin as an envelope that was written here, rather than as a bare statement?"""
    return text.startswith(b'{\n  "payload": ')


def open_envelope(text: bytes) -> Signature | None:
    """The envelope of this text, its signature not checked yet; None where it is not one that was written here, every byte of it."""
    try:
        envelope = Envelope.from_dict(msgspec.json.decode(text, type=dict[str, Any]))
    except (msgspec.DecodeError, SignatureError, KeyError, TypeError, ValueError, AttributeError):
        return None
    if len(envelope.signatures) != 1 or envelope.payload_type != PAYLOAD_TYPE or envelope_text(envelope).encode() != text:
        return None
    return Signature(envelope.payload, next(iter(envelope.signatures)), envelope)


def is_signed_by(signature: Signature, key: PublicKey) -> bool:
    """Was this envelope signed with the private half of this key?"""
    try:
        return key.keyid in signature.envelope.verify([key.key], 1)
    except SignatureError:
        return False
