"""Credentials by reference: a lab file says where they are stored; their values are never written anywhere."""

import os
from pathlib import Path
from typing import Literal

import msgspec

from bmc.model import Credentials

SECRET_BYTES_MAX = 64 << 10


class CredentialsReference(msgspec.Struct, frozen=True):
    """Where credentials are: `env:NAME` or `file:path`, holding JSON `{"username", "password"}` or `user:password`."""

    kind: Literal["env", "file"]
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    def resolve(self) -> Credentials:
        """Fetch the credentials now. Raises ValueError with a cause that never shows what was found."""
        return _parse(self._text(), str(self))

    def _text(self) -> str:
        if self.kind == "env":
            if self.name not in os.environ:
                raise ValueError(f"the environment variable {self.name} is not set")
            return os.environ[self.name]
        try:
            with Path(self.name).open("rb") as file:
                return file.read(SECRET_BYTES_MAX).decode()
        except UnicodeDecodeError:
            raise ValueError(f"the secret file {self.name} is not text") from None
        except OSError as error:
            raise ValueError(f"the secret file {self.name} cannot be read: {error.strerror}") from None


def _parse(text: str, reference: str) -> Credentials:
    expected = f'{reference} must hold user:password, or JSON like {{"username": ..., "password": ...}}'
    if text.lstrip().startswith("{"):
        try:
            return msgspec.json.decode(text, type=Credentials)
        except (msgspec.MsgspecError, ValueError):
            raise ValueError(expected) from None
    user, colon, password = text.strip().partition(":")
    if not (user and colon and password) or "\n" in password:
        raise ValueError(expected)
    return Credentials(user, password)
