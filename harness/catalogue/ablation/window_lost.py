"""Each window of some seconds of each sight, cluster, kind and host that was not seen, nor looked at again afterwards."""

from collections.abc import Iterator
from functools import partial

from harness.catalogue.ablation import cuts
from harness.catalogue.ablation.seen_run import Ablation, SeenRun


def ablations(run: SeenRun) -> Iterator[Ablation]:
    """One for each window."""
    for keys in run.sights():
        for since, until in run.windows():
            when = f"from {since:.2f} to {until:.2f} s"
            yield Ablation(keys, when, partial(cuts.lost, run, keys, since, until, listed=False))
