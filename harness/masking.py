"""Masks what looks like a secret in any text: in lines of a mover, in errors, in everything that a document shows.

A secret is known by the name that stands before it (in shell, YAML, JSON, Go or a URL's query), by the word before it (`Bearer`), or
by its own form (a JSON Web Token, a PEM key, the password in an address). Kubernetes' own word `Secret="name"` is none.
"""

import re

MASK = "***"

# Nothing here looks back or tries again from each letter of a long word: lines of megabytes come, too.
_NAMES = (
    r"(?:(?i:pass(?:word|wd|phrase)|pwd|token|authorization|credential|api[_-]?key|access[_-]?key|private[_-]?key|key[_-]data"
    r"|session[_-]?id|cookie|\bpsk|\botp|\bcommunity)|secret|SECRET|(?<=[a-z])Secret)"
)
_VALUE = r"(?:(?i:bearer|basic|digest|negotiate)\s+)?(?:\\?\"(?:[^\"\\]|\\[^\"])*\\?\"|'[^']*'|[^\s,;&\"'}\])]+)"
_NAMED = re.compile(rf"({_NAMES}\\?[\"']?\s*(?:=>|[=:])\s*\[?){_VALUE}")
_SCHEME = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
_WEB_TOKEN = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)*")
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL)
_SIGNATURE = re.compile(r"(?i)(?<=[?&])((?:x-[a-z]+-)?(?:sig|signature|credential|security-token|auth|key|code))=[^&\s\"']+")
_IN_ADDRESS = re.compile(r"(?<=://)[^/\s@\"']+(?=@)")


def masked(text: str) -> str:
    """The text without what looks like a secret."""
    text = _PEM.sub(MASK, text)
    text = _IN_ADDRESS.sub(MASK, text)
    text = _NAMED.sub(rf"\1{MASK}", text)
    text = _SCHEME.sub(rf"\1 {MASK}", text)
    text = _WEB_TOKEN.sub(MASK, text)
    return _SIGNATURE.sub(rf"\1={MASK}", text)
