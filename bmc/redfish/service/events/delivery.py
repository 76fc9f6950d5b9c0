"""Push delivery: each event of a subscription is POSTed to its destination, in order."""

import asyncio

import aiohttp

from bmc.redfish.service.events.subscriptions import RETRY_POLICIES, Subscription
from bmc.redfish.service.resources import Body

ATTEMPTS = 3
ANSWER_SECONDS = 10.0


async def deliver(subscription: Subscription, *, own_address: str, retry_seconds: float) -> None:
    """Deliver until the subscription ends; by its retry policy give up after ATTEMPTS failed deliveries of one event."""
    trust: bool = subscription.verify
    connector = aiohttp.TCPConnector(local_addr=(own_address, 0) if own_address else None, ssl=trust, limit=1)
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers=dict(subscription.headers)) as client:
        while (event := await subscription.queue.get()) is not None:
            taken = await _try(client, subscription, event, retry_seconds)
            if not taken and subscription.retry_policy == RETRY_POLICIES[0]:
                return


async def _try(client: aiohttp.ClientSession, subscription: Subscription, event: Body, retry_seconds: float) -> bool:
    for attempt in range(ATTEMPTS):
        if attempt:
            await asyncio.sleep(retry_seconds)
        try:
            async with client.post(subscription.destination, json=event, allow_redirects=False) as response:
                if response.status < 300:
                    return True
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            # A BMC tells nobody that a listener is away; it tries again.
            continue
    return False
