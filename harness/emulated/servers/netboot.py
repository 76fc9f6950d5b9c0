"""What a server's firmware finds on the provisioning network: the script that an Ironic has for its MAC address (iPXE)."""

from collections.abc import Iterable
from http import HTTPStatus

import aiohttp

ANSWER_SECONDS = 5.0


async def offered(servers: Iterable[str], mac: str, address: str) -> str:
    """The URL of what the first of these boot servers has for this server, which calls from `address`; empty where none has."""
    connector = aiohttp.TCPConnector(local_addr=(address, 0), force_close=True)
    limit = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(connector=connector, timeout=limit) as session:
        for server in servers:
            url = f"{server}/pxelinux.cfg/{mac.replace(':', '-')}"
            try:
                async with session.get(url) as answer:
                    if answer.status == HTTPStatus.OK:
                        return url
            except (aiohttp.ClientError, TimeoutError):
                continue
    return ""
