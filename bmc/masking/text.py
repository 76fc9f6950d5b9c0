"""Masks what looks like a secret in any text, or is one that this process knows.

A secret is known by the name that stands before it (in shell, YAML, JSON, Go or a URL's query), by the word before it (`Bearer`), by
its own form (a JSON Web Token, a PEM key, the password in an address), or because somebody here has resolved it (`learn`).
Kubernetes' own word `Secret="name"` is none, nor is the name of a Secret.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from bmc.masking.known import KnownSecrets

MASK = "***"

CACHED_TEXTS, CACHED_CHARACTERS = 1 << 14, 512
"""What objects and BMCs say is mostly what they said before; so many texts of up to so many characters are remembered."""

Hide = Callable[[str], str]

# Nothing here looks back or tries again from each letter of a long word: lines of megabytes come, too. What is before the secret is
# the first group of each form.
_NAMES = (
    r"(?:(?i:pass(?:word|wd|phrase)|pwd|token|authorization|credential|api[_-]?key|access[_-]?key|private[_-]?key|key[_-]data"
    r"|session[_-]?id|cookie|\bpsk|\botp|\bcommunity)|secret|SECRET|(?<=[a-z])Secret)"
)
PARAMETERS = r"(?i:(?:x-[a-z]+-)?(?:sig|signature|credential|security-token|auth|key|code))"
"""Names in the query of a URL that are telling there only."""
_VALUE = r"(?:(?i:bearer|basic|digest|negotiate)\s+)?(?:\\?\"(?:[^\"\\]|\\[^\"])*\\?\"|'[^']*'|[^\s,;&\"'}\])]+)"
_FORMS = (
    re.compile(r"()-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL),
    re.compile(r"()(?<=//)[^/\s@\"']+(?=@)"),
    re.compile(rf"({_NAMES}\\?[\"']?\s*(?:=>|[=:])\s*\[?){_VALUE}"),
    re.compile(r"(?i)\b((?:bearer|basic)\s+)[\w.~+/=-]{8,}"),
    re.compile(r"()\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)*"),
    re.compile(rf"(?<=[?&])({PARAMETERS}=)[^&\s\"']+"),
)
_QUOTE = re.compile(r"\\?[\"']")
_known = KnownSecrets()


def mask(_: str) -> str:
    """What stands for a secret where nobody asks which one it was."""
    return MASK


def masked(text: str, hide: Hide = mask) -> str:
    """The text without what looks like a secret, or is a known one; `hide` says what stands for each."""
    return (_masked if len(text) > CACHED_CHARACTERS else _masked_again)(text, hide)


def _masked(text: str, hide: Hide) -> str:
    for form in _FORMS:
        text = form.sub(lambda found: found[1] + _within_quotes(found[0][len(found[1]) :], hide), text)
    return _known.hidden(text, hide)


def _within_quotes(secret: str, hide: Hide) -> str:
    """What stands for a secret: its quotes stay, so that JSON stays JSON, and so does what says that nothing is there."""
    opening = _QUOTE.match(secret)
    mark = opening[0] if opening and secret.endswith(opening[0]) and len(secret) >= 2 * len(opening[0]) else ""
    inner = secret[len(mark) : len(secret) - len(mark)]
    return f"{mark}{hide(inner) if inner and not inner.startswith(MASK) else inner}{mark}"


_masked_again = lru_cache(CACHED_TEXTS)(_masked)


def learn(secret: str, user: str = "") -> None:
    """Remember a secret that this process has resolved, and the user who logs in with it: `masked` hides it from now on.

    One of less than `SHORTEST` characters, or of small letters only, is not remembered.
    """
    if _known.learn(secret, user):
        _masked_again.cache_clear()
