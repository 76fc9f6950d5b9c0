"""The mover is killed, or cut off, at its k-th request; requests are counted over both clusters, from 1.

`of: writes` counts only those that write, `of: creates` those that create an object. `when`: before the request is forwarded, or after
the server executed it, its answer unseen. `by`: `kill` is SIGKILL; `cut` drops every connection to both clusters for the time of `for`,
and a mover that tries again may get through. The step `move` goes on after it; `recover_move` then does what is left to do. Each
request is a line in logs/mover-requests.jsonl.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness.bench.bench import Bench
from harness.errors import UsageError
from harness.files.durations import Duration
from harness.move.proxy import Means, MoverProxy, RequestFault, When, proxied
from harness.move.requests import Unit
from harness.scenario.effect import Effect

HOW = {"before": "was stopped before it was forwarded", "after": "was executed, and its answer held back"}


@asynccontextmanager
async def fault(  # noqa: PLR0913 - the words of one place in a move
    bench: Bench, *, at: int, of: Unit = "requests", when: When = "after", by: Means = "kill", for_: Duration = 2.0
) -> AsyncIterator[Effect]:
    """Route movers started within the block through a proxy; the effect is that it killed or cut off one."""
    if at < 1:
        raise UsageError(f"move_killed: {of} are counted from 1, so there is none at {at}")
    effect = Effect()
    plan = RequestFault(at, when, by, for_, of)
    async with proxied(bench.lab, bench.directory / "logs", plan, bench.journal.now) as proxy:
        try:
            yield effect
        finally:
            _report_effect(effect, plan, proxy)


def _report_effect(effect: Effect, plan: RequestFault, proxy: MoverProxy) -> None:
    struck = proxy.struck
    if struck is None:
        effect.says = f"the mover made {proxy.made[plan.of]} {plan.of} and never came to number {plan.at}"
        return
    how = "the mover was killed" if plan.by == "kill" else f"the mover was cut off for {plan.seconds:g} s"
    request = f"request {struck.number} ({struck.method} {struck.path} to the {struck.cluster})"
    effect.happened(f"{request} {HOW[plan.when]}; {how}")
