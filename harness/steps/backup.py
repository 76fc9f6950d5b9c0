"""Keep a backup of what a move from a cluster would carry, in a new directory that the user names, outside of the run's.

The files are as `clusterctl move --to-directory` writes them, statuses included, but nothing is paused for it. They hold Secrets in clear,
and only their user can read them. `harness recover DIR --do back --backup DIRECTORY` puts back from them what a move had deleted.
"""

from pathlib import Path

from harness.bench.bench import Bench
from harness.journal.facts import Side
from harness.move.carry import keep


async def step(bench: Bench, *, directory: str, cluster: Side = "source") -> str:
    """Keep it; UsageError where the directory is in the way, or in the run's."""
    return await keep(bench, cluster, Path(directory))
