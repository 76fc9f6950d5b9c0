"""Un-pause every Cluster of a side by hand, as people do after a move that broke off, and wait until CAPM3 blocks a move again.

A mover that starts sooner may copy a host between two of CAPM3's writes. Where the deletions had begun this is no cure:
`recover_move` tells what is.
"""

from harness.bench.bench import Bench
from harness.errors import StepFailedError
from harness.journal.facts import Side
from harness.move.broken.known import known_host
from harness.move.broken.repair import unpause, until_blocked_again
from harness.move.end_state import clusters, is_paused
from harness.move.look import inventory
from harness.world.hosts import promised


async def step(bench: Bench, *, cluster: Side = "source") -> None:
    """Take the pause from each; StepFailedError where none of them is paused, or CAPM3 does not take its own pauses back."""
    found = await inventory(bench, cluster)
    if not any(is_paused(item) for item in clusters(found)):
        raise StepFailedError(f"no Cluster in the {cluster} is paused, so there is nothing to un-pause")
    await unpause(bench, cluster, found)
    await until_blocked_again(bench, cluster, [known_host(bench.world, host) for host in promised(bench.world)])
