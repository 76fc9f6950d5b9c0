"""Each sight, cluster, kind and host that was never looked at."""

from collections.abc import Iterator
from functools import partial

from harness.catalogue.ablation import cuts
from harness.catalogue.ablation.seen_run import Ablation, SeenRun


def ablations(run: SeenRun) -> Iterator[Ablation]:
    """One for each."""
    for keys in run.sights():
        yield Ablation(keys, "never", partial(cuts.never, run, keys))
