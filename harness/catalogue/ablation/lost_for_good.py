"""Each sight, cluster, kind and host that was lost, and never seen again."""

from collections.abc import Iterator
from functools import partial

from harness.catalogue.ablation import cuts
from harness.catalogue.ablation.seen_run import Ablation, SeenRun


def ablations(run: SeenRun) -> Iterator[Ablation]:
    """One for each time around the moves."""
    for keys in run.sights():
        for time in run.edges():
            yield Ablation(keys, f"from {time:.2f} s", partial(cuts.lost, run, keys, time, float("inf")))
