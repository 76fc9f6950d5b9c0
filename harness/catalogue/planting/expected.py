"""What a judge must say of a planted defect."""

from collections.abc import Iterable

import msgspec

from harness.judgement import VerdictWord

WHO_UNSEEN = "by whom was not seen"
"""What a finding says where no witness tells who did it."""


class NotApplicableError(Exception):
    """The class cannot be planted in this run; the text tells what it needs."""


class Expected(msgspec.Struct, frozen=True):
    """The verdicts that are right, the hosts that must be named (none: the run), the checks that may say it, and who did it.

    `actor` is a text that the finding must contain; empty where nobody can know. `anywhere`: the run, or whichever host it concerns.
    """

    verdicts: tuple[VerdictWord, ...]
    hosts: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    actor: str = ""
    anywhere: bool = False


def fails(*checks: str, hosts: Iterable[str] = (), actor: str = "", anywhere: bool = False) -> Expected:
    """A promise was broken, and it was seen."""
    return Expected(("fail",), tuple(hosts), checks, actor, anywhere)


def not_passes(*checks: str, hosts: Iterable[str] = (), actor: str = "", anywhere: bool = False) -> Expected:
    """It may have been broken: a failure, or unknown."""
    return Expected(("fail", "unknown"), tuple(hosts), checks, actor, anywhere)


def unknown(*checks: str, hosts: Iterable[str] = (), anywhere: bool = False) -> Expected:
    """Too little was seen to tell."""
    return Expected(("unknown",), tuple(hosts), checks, anywhere=anywhere)


def passes() -> Expected:
    """Nothing that was promised was broken."""
    return Expected(("pass",))


def not_fails() -> Expected:
    """Nothing that was promised was broken; it may be that too little was seen to tell."""
    return Expected(("pass", "unknown"))
