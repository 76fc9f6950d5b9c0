"""Take off the hosts that nobody claims any more what keeps every move waiting: the annotation block-move, which CAPM3 leaves there.

CAPM3 1.14 puts it on each host that it claims and takes it off where the Cluster is paused, but leaves it on a host whose Machine is gone,
as after a rollout; clusterctl would wait for it until it gives up. A host that is claimed keeps it.
"""

from harness.bench.bench import Bench
from harness.journal.facts import Side
from harness.metal3 import BLOCK_MOVE, HOSTS_PATH


async def step(bench: Bench, *, cluster: Side = "source") -> str:
    """Take it off in this cluster; done when no free host bears it."""
    blocked = [
        key
        for key, version in bench.world.living(cluster, "BareMetalHost")
        if BLOCK_MOVE in version.annotations and not version.get("spec", "consumerRef")
    ]
    for key in blocked:
        path = f"{HOSTS_PATH.format(namespace=key.namespace)}/{key.name}"
        async with bench.writing(f"cluster {cluster}", f"take {BLOCK_MOVE} off {key.name}, whom nobody claims", host=key.name):
            await bench.ask(bench.clusters[cluster].patch_merge(path, {"metadata": {"annotations": {BLOCK_MOVE: None}}}))
    limit = bench.limits.operator_start_seconds
    names = {(key.namespace, key.name) for key in blocked}

    await bench.until(
        lambda world: (
            not any(
                BLOCK_MOVE in version.annotations
                for key, version in world.living(cluster, "BareMetalHost")
                if (key.namespace, key.name) in names
            )
        ),
        limit,
        f"{BLOCK_MOVE} to be gone in the {cluster}",
    )
    return ", ".join(key.name for key in blocked)
