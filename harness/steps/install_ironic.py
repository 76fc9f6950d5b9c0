"""Install Ironic in a cluster: apply the lab file's `init: {ironic: FILE}`, and wait until it answers.

What is there already stays as it is; an Ironic that is stopped is started. Refused, as `start_ironic` is, beside a host that the other
cluster owns.
"""

from harness.bench.bench import Bench
from harness.bench.ironic import start_ironic
from harness.journal.facts import Side
from harness.move.interlock import refuse_two_owners
from harness.steps.install_bmo import apply
from harness.world.ironic.presence import answers


async def step(bench: Bench, *, cluster: Side = "target") -> str:
    """Apply it to this cluster; where the lab file names no file, what is there is started."""
    await bench.require(cluster)
    await refuse_two_owners(bench, cluster, "the Ironic")
    said = await apply(bench, cluster, bench.lab.init.ironic) if bench.lab.init.ironic else ""
    if answers(bench.world, cluster) is not True:
        await start_ironic(bench, cluster)
    return said
