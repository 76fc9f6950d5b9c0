"""clusterctl's labels are missing from definitions (CRDs), so that a move leaves what they define behind, and ends with exit code 0.

Baremetal Operator ships its definitions without them; whoever installs it puts them there by hand (recorded run f).
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from harness.bench.bench import Bench
from harness.bench.crd_labels import HOSTS, is_of_clusterctl, lacked_since, without_labels
from harness.errors import UsageError
from harness.journal.facts import Side
from harness.scenario.effect import Effect


@asynccontextmanager
async def fault(
    bench: Bench, *, definitions: tuple[str, ...] = HOSTS, labels: tuple[str, ...] = (), cluster: Side = "source"
) -> AsyncIterator[Effect]:
    """Take the labels away before the block begins, and put exactly those back when it ends.

    `labels`: only these; default: all of clusterctl's. The effect: our watch saw them removed for the whole time.
    """
    foreign = [label for label in labels if not is_of_clusterctl(label)]
    if foreign:
        raise UsageError(f"labels_missing: {', '.join(foreign)} is no label of clusterctl; name those, or none for all of them")
    effect = Effect()
    async with AsyncExitStack() as stack:
        taken = {
            name: await stack.enter_async_context(without_labels(bench, cluster, name, labels))
            for name in dict.fromkeys(definitions)
        }
        begun = bench.journal.now()
        try:
            yield effect
        finally:
            _report_effect(effect, bench, cluster, taken, begun)


def _report_effect(effect: Effect, bench: Bench, cluster: Side, taken: dict[str, dict[str, str]], begun: float) -> None:
    had_none = [name for name, labels in taken.items() if not labels]
    if not taken or had_none:
        effect.says = f"of {', '.join(had_none) or 'no definition'} in the {cluster} there was no such label to take away"
        return
    back = [name for name, labels in taken.items() if not lacked_since(bench.world, cluster, name, labels, begun)]
    if back:
        effect.says = f"{', '.join(back)} of the {cluster} was not seen without its labels all the time"
        return
    effect.happened("; ".join(f"{name} of the {cluster} was without {', '.join(labels)}" for name, labels in taken.items()))
