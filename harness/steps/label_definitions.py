"""Label the definitions of BareMetalHost and HardwareData in both clusters, so that clusterctl finds and moves what they define.

Upstream's own manifests come without these labels: without them hosts stay behind in a move, silently. What is labelled already stays as
it is.
"""

from typing import Literal

from harness.bench.bench import Bench
from harness.bench.crd_labels import HOSTS, label_definition
from harness.journal.facts import SIDES
from harness.metal3 import CLUSTERCTL, MOVE, MOVE_HIERARCHY

LABELS = dict(zip(HOSTS, ((CLUSTERCTL, MOVE, MOVE_HIERARCHY), (CLUSTERCTL, MOVE)), strict=True))


async def step(bench: Bench, *, cluster: Literal["both", "source", "target"] = "both") -> None:
    """Put the labels there that are missing; undone, they are taken away again."""
    for side in SIDES if cluster == "both" else (cluster,):
        for name, labels in LABELS.items():
            await label_definition(bench, side, name, labels)
