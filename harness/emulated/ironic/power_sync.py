"""Power sync: periodically compares each machine's power with the recorded state, and restores the recorded state.

As the real conductor does with its defaults (`sync_power_state_interval` 120 s, `force_power_state_during_sync` on,
`power_state_sync_max_retries` 3): an Ironic that was left behind fights for the state it remembers, then gives the node up.
"""

import asyncio

from harness.emulated.ironic.bmc_client import BmcClientError
from harness.emulated.ironic.conductor import Conductor
from harness.emulated.ironic.nodes import BaremetalNode

RECOVERY_SECONDS = 300.0
MOST_RETRIES = 3
SKIPPED = frozenset({"enroll", "adopt failed", "wait call-back", "clean wait"})


async def sync_power_for_ever(conductor: Conductor, seconds: float) -> None:
    """Compare all nodes, one after the other, every so many seconds; 0: never."""
    while seconds:
        await asyncio.sleep(seconds)
        for node in conductor.database:
            if _is_synced(node):
                await _sync(conductor, node)


async def recover_for_ever(conductor: Conductor, speed: float) -> None:
    """Take nodes back whose power was given up, once their BMC answers again, every 300 s / speed."""
    while True:
        await asyncio.sleep(RECOVERY_SECONDS / speed)
        for node in conductor.database:
            if node.body["fault"] == "power failure":
                await _recover(conductor, node)


async def _recover(conductor: Conductor, node: BaremetalNode) -> None:
    try:
        found = await conductor.client(node).power_state()
    except BmcClientError as error:
        node.body.update(last_error=str(error))
        return
    node.sync_failures = 0
    node.body.update(power_state=found, maintenance=False, maintenance_reason=None, fault=None)


def _is_synced(node: BaremetalNode) -> bool:
    body = node.body
    return (
        not (body["maintenance"] or body["disable_power_off"] or body["reservation"] or body["target_power_state"])
        and node.state not in SKIPPED
    )


async def _sync(conductor: Conductor, node: BaremetalNode) -> None:
    client = conductor.client(node)
    try:
        found = await client.power_state(3)
        await client.boot_mode()
    except BmcClientError as error:
        _count_failure(node, None, str(error))
        return
    await _settle(conductor, node, found)


async def _settle(conductor: Conductor, node: BaremetalNode, found: str) -> None:
    body = node.body
    if body["reservation"] or node.uuid not in conductor.database.nodes:
        return
    if body["power_state"] in (None, found):
        body.update(power_state=found)
        node.sync_failures = 0
        return
    if _count_failure(node, found, f"the machine is in {found} and not in {body['power_state']}"):
        return
    try:
        await conductor.restore_power(node)
    except BmcClientError as error:
        body.update(last_error=str(error))


def _count_failure(node: BaremetalNode, found: str | None, why: str) -> bool:
    """One more failed comparison; True when it was one too many and the node is given up (maintenance)."""
    node.sync_failures += 1
    if node.sync_failures <= MOST_RETRIES:
        return False
    text = f"During sync_power_state, max retries exceeded for node {node.uuid}: {why}"
    node.body.update(power_state=found, maintenance=True, maintenance_reason=text, last_error=text, fault="power failure")
    return True
