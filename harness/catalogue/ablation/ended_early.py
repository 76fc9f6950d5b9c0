"""Each sight, cluster, kind and host that was looked at only up to a time, in good order: a recorder that was stopped."""

from collections.abc import Iterator
from functools import partial

from harness.catalogue.ablation import cuts
from harness.catalogue.ablation.seen_run import Ablation, SeenRun


def ablations(run: SeenRun) -> Iterator[Ablation]:
    """One for each time around the moves."""
    for keys in run.sights():
        for time in run.edges():
            yield Ablation(keys, f"ended at {time:.2f} s", partial(cuts.ended, run, keys, time), ended_at=time)
