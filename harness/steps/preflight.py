"""Is this lab fit to pivot? Every pre-flight check, over what was seen so far; a lab that is not fit is refused, unharmed.

Which checks: those that are marked for the pre-flight; `harness words` lists them, and `harness doctor` prints them all.
"""

from harness.bench.bench import Bench
from harness.errors import PreflightFailedError
from harness.journal.facts import Side
from harness.verdict.preflight import examine


async def step(bench: Bench, *, origin: Side = "source") -> None:
    """Judge a pivot that is to begin in the cluster `origin`, and refuse it where a check fails."""
    failed = [
        (word, judgement)
        for word, judgement in examine(bench.world, {"origin": origin}, bench.words)
        if judgement.verdict == "fail"
    ]
    if failed:
        raise PreflightFailedError(
            "; ".join(f"{word}: {judgement.host or 'lab'}: {judgement.says}" for word, judgement in failed)
        )
