"""The recorder before a host's BMC injects faults into its answers: slow, silent, refusing, or false.

`latency`, `hang`, `refuse` (closed port), `drop` (before execution), `lose_reply` (after it: sushy then sends a Reset ten times),
`unauthorized` 401, `forbidden` 403, `error` 500, `busy` 503 with Retry-After, `garbage` and `truncated` JSON, `null_power`,
`stale_power`, `wrong_etag` 412, `expired_session`; over IPMI the completion codes that mean the same (`busy` C0h, `forbidden` D4h,
`error` FFh), and `packet_loss`, a `share` of all packets; of events, streamed or pushed through the recorder: `lose_events`,
`double_events`, `reorder_events`. The record itself stays readable, except through a closed port.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from bmc.recorder.faults import EVENT_KINDS, SHARE_LOST, FaultKind, FaultSpec
from harness.bench.bench import Bench
from harness.bench.recorder_control import Applied, injected
from harness.errors import UsageError
from harness.files.durations import Duration, HostName
from harness.journal.facts import SightLost
from harness.scenario.effect import Effect


@asynccontextmanager
async def fault(  # noqa: PLR0913 - all by name, each a part of what is matched
    bench: Bench,
    *,
    kind: FaultKind,
    host: HostName = "",
    method: str = "",
    path: str = "",
    client: str = "",
    count: int = 0,
    share: float = SHARE_LOST,
    for_: Duration | None = None,
) -> AsyncIterator[Effect]:
    """Affect requests of this method (`CHANGES`: all writes), with a matching path, from this client.

    `client` is a name that the recorder knows, a source address, or a pattern in the User-Agent. `count`: only so many requests.
    `for`: the latency, or the Retry-After. The effect: the recorder affected a request.
    """
    effect = Effect()
    name = bench.host(host)
    first = len(bench.journal.entries)
    bmc = urlsplit(bench.bmcs[name].address).netloc
    seconds = -1.0 if for_ is None else for_
    try:
        order = FaultSpec(kind=kind, bmc=bmc, method=method, path=path, client=client, count=count, seconds=seconds, share=share)
    except ValueError as error:
        raise UsageError(f"this bmc_fault cannot be meant: {error}") from error
    applied = Applied()
    try:
        async with injected(bench, name, order, f"let the BMC of {name} suffer {kind}", applied):
            yield effect
    finally:
        seen = bench.journal.entries[first:]
        lost = any(isinstance(entry.fact, SightLost) and entry.fact.host == name for entry in seen)
        _report_effect(effect, name, order, applied.count, lost=lost)


def _report_effect(effect: Effect, host: str, order: FaultSpec, applied: int | None, *, lost: bool) -> None:
    if applied is None:
        effect.says = "the recorder was restarted and forgot the fault"
    elif order.kind == "refuse" and (applied or lost):
        effect.happened(f"the port of the BMC of {host} was closed")
    elif applied:
        effect.happened(f"{applied} {_what(order)} the BMC of {host} met {order.kind}")
    else:
        effect.says = f"no {_what(order)} the BMC of {host} met it"


def _what(order: FaultSpec) -> str:
    if order.kind in EVENT_KINDS:
        return "events of"
    return "packets to or from" if order.kind == "packet_loss" else "requests to"
