"""A fact with its place and its interval: what a journal is a list of."""

import msgspec

from harness.journal.facts import AnyFact

FOREVER = float("inf")
"""As a time, in seconds: of what has no end."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A fact with its place (`seq`, from 0) and its interval (`since` <= it happened <= `at`, seconds since the run began)."""

    seq: int
    since: float
    at: float
    fact: AnyFact
