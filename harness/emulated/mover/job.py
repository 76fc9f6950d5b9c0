"""What every part of a move works with."""

import random
from dataclasses import dataclass

from harness.emulated.mover.api.backoff import Retry
from harness.emulated.mover.api.calls import MoveApiClient
from harness.emulated.mover.log import MoverLog

CONTRACT = "v1beta2"
CORE = f"cluster.x-k8s.io/{CONTRACT}"
PAUSED = "cluster.x-k8s.io/paused"


@dataclass(frozen=True)
class Job:
    """Both API servers, how to try again, what decides the order within a group, and where to say so.

    A dry run has a target, but never calls it.
    """

    source: MoveApiClient
    target: MoveApiClient
    retry: Retry
    order: random.Random
    log: MoverLog
    namespace: str
    dry_run: bool = False
