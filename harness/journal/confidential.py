"""What a fact tells, without the secrets in it: a journal is shown to others.

A secret becomes `***` and eight digits of a digest that is keyed anew for each journal: where it changed, or differs between two
clusters, can still be seen.
"""

import hashlib
import secrets
from typing import Any

import msgspec

from bmc.masking.text import MASK
from bmc.masking.value import masked_value
from harness.journal.facts import AnyFact

DIGEST_BYTES = 4


class Confidential:
    """Hides the secrets in the facts of one journal."""

    def __init__(self) -> None:
        """With a key of its own."""
        self._key = secrets.token_bytes(32)

    def hide(self, secret: str) -> str:
        """What stands for a secret."""
        return f"{MASK}{hashlib.blake2b(secret.encode(), digest_size=DIGEST_BYTES, key=self._key).hexdigest()}"

    def fact(self, fact: AnyFact) -> AnyFact:
        """The fact itself where it tells no secret."""
        told: dict[str, Any] = msgspec.to_builtins(fact)
        shown = masked_value(told, self.hide)
        return fact if shown == told else msgspec.convert(shown, type(fact))
