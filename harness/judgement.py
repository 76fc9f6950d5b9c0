"""Three-valued verdicts: a check's judgement, and how judgements are combined."""

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

VerdictWord = Literal["pass", "fail", "unknown"]


class Judgement(msgspec.Struct, frozen=True):
    """One judgement of one check about a host, or about the whole run (`host` None), with the entries that prove it."""

    verdict: VerdictWord
    says: str
    host: str | None = None
    evidence: tuple[int, ...] = ()


def merge(verdicts: Iterable[VerdictWord]) -> VerdictWord:
    """The combined verdict: fail over unknown over pass; unknown if there is no judgement."""
    found = set(verdicts)
    if "fail" in found:
        return "fail"
    return "pass" if found == {"pass"} else "unknown"


def failed(says: str, host: str | None = None, evidence: Iterable[int] = ()) -> Judgement:
    """A promise was broken."""
    return Judgement("fail", says, host, tuple(evidence))


def passed(says: str, host: str | None = None, evidence: Iterable[int] = ()) -> Judgement:
    """The promise was kept, and we saw it."""
    return Judgement("pass", says, host, tuple(evidence))


def unknown(says: str, host: str | None = None, evidence: Iterable[int] = ()) -> Judgement:
    """We could not see."""
    return Judgement("unknown", says, host, tuple(evidence))


def failures(judgements: Iterable[Judgement]) -> Iterator[Judgement]:
    """Those that failed: of a host of which only harm is told, what was not seen, or kept, is not."""
    return (judgement for judgement in judgements if judgement.verdict == "fail")
