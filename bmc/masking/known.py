"""The secrets that this process has resolved, in the forms in which programs write them."""

import base64
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import msgspec

SHORTEST = 8
"""Characters of a known secret; one that is shorter, or a mere word, stands in any text by chance."""


class KnownSecrets:
    """Secrets that are looked for in every text."""

    def __init__(self) -> None:
        """None is known yet."""
        self._forms: set[str] = set()
        self._beginnings: set[str] = set()
        self._any: re.Pattern[str] | None = None
        """Any form of any of them, once a text was met that may hold one: what it takes grows with their number."""

    def learn(self, secret: str, user: str) -> bool:
        """Remember a secret; answers whether it is new, and can be told from a mere word."""
        if len(secret) < SHORTEST or (secret.isalpha() and secret.islower()) or secret in self._forms:
            return False
        self._forms.update(_forms(secret, user))
        self._beginnings = {form[:SHORTEST] for form in self._forms}
        self._any = None
        return True

    def hidden(self, text: str, hide: Callable[[str], str]) -> str:
        """The text with what `hide` answers for each secret in it; what that costs does not grow with the number of secrets."""
        if not any(text[place : place + SHORTEST] in self._beginnings for place in range(len(text) - SHORTEST + 1)):
            return text
        if self._any is None:
            self._any = re.compile("|".join(re.escape(form) for form in sorted(self._forms, key=len, reverse=True)))
        return self._any.sub(lambda found: hide(found[0]), text)


def _forms(secret: str, user: str) -> Iterator[str]:
    """As it is, in JSON, in a URL, in base64 (also as HTTP's basic login), in hexadecimal digits."""
    data = secret.encode()
    yield from (secret, msgspec.json.encode(secret).decode()[1:-1], quote(secret, safe=""), _base64(data), data.hex())
    if user:
        yield _base64(f"{user}:{secret}".encode())


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
