"""`python -m harness.emulated.controllers`: simulated controllers at any API server, a real one too.

They follow the Deployments of that cluster as in the embedded lab: each runs while its Deployment wants a replica. Ends on SIGTERM and
SIGINT.
"""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

import msgspec

from harness.emulated.lab.management_cluster import ManagementCluster
from harness.emulated.plan.time_scale import Pace
from harness.emulated.seed import steady

PARTS = {"bmo": steady.BMO, "capm3": steady.CAPM3, "capi": steady.CAPI, "ipam": steady.IPAM}


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m harness.emulated.controllers", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--kubeconfig", type=Path, required=True, help="the cluster they work in")
    parser.add_argument("--ironic", required=True, help="URL of BMO's Ironic")
    parser.add_argument("--ironic-secret", type=Path, required=True, help='JSON with "username" and "password"')
    parser.add_argument("--address", help="loopback address they call from")
    parser.add_argument("--speed", type=float, default=1.0, help="divides their delays")
    parser.add_argument("--part", action="append", choices=sorted(PARTS), help="only these; default: all")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
    secret = msgspec.json.decode(options.ironic_secret.read_bytes(), type=dict[str, str])
    side = ManagementCluster(
        options.kubeconfig.read_text(encoding="utf-8"),
        address=options.address,
        ironic_url=options.ironic,
        credentials=(secret["username"], secret["password"]),
        pace=Pace(options.speed),
    )
    asyncio.run(_run(side, options.part or sorted(PARTS)))
    return 0


async def _run(side: ManagementCluster, names: list[str]) -> None:
    wanted = {PARTS[name] for name in names}
    working = asyncio.create_task(side.run({key: part for key, part in side.controllers().items() if key in wanted}))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        logging.getLogger(__name__).info("ended as asked")


if __name__ == "__main__":
    sys.exit(main())
