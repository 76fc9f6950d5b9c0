"""Each sight that began when the run was under way."""

from collections.abc import Iterator
from functools import partial

from harness.catalogue.ablation import cuts
from harness.catalogue.ablation.seen_run import Ablation, SeenRun


def ablations(run: SeenRun) -> Iterator[Ablation]:
    """One for each time around the moves; a part of a wider sight cannot begin alone."""
    for keys in run.sights():
        for time in run.edges() if all(map(run.is_told, keys)) else ():
            yield Ablation(keys, f"until {time:.2f} s", partial(cuts.begun, run, keys, time))
