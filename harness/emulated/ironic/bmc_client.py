"""What this Ironic's conductor needs of a node's BMC, whichever hardware type speaks with it."""

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol

Body = dict[str, Any]

POWER_CHANGE_SECONDS = 120.0
LEAST_POWER_CHANGE_SECONDS = 15.0
POWER_LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Waits:
    """How long an Ironic waits where its user may choose."""

    power_sync_seconds: float = 120.0
    """Between two comparisons of power, divided by the speed; 0: none is made, as with the real `sync_power_state_interval`."""
    least_ipmi_seconds: float = 1.0
    """For the answer to a packet, at whatever speed."""
    least_redfish_seconds: float = 3.0
    """For the answer to a request, at whatever speed."""


USUAL_WAITS = Waits()


class BmcClientError(Exception):
    """A BMC that did not answer, or refused; the text is what Ironic would put in `last_error`."""


class BmcClient(Protocol):
    """One node's BMC. What a hardware type cannot do or tell is nothing, or empty. Every method raises BmcClientError."""

    async def power_state(self, times: int = 1) -> str:
        """`power on` or `power off`; `times`: how often a driver asks that asks again for each thing it wants to know."""
        ...

    async def detect_vendor(self) -> None:
        """What is read to learn whose BMC it is."""

    async def boot_mode(self) -> None:
        """What is read to learn boot mode and secure boot."""

    async def firmware(self) -> list[Body]:
        """The firmware components, as Ironic's API shows them."""
        ...

    async def bios(self) -> list[Body]:
        """The BIOS settings."""
        ...

    async def mac_addresses(self) -> list[str]:
        """The addresses of the server's interfaces, which inspection reads first."""
        ...

    async def boot_from(self, target: str, *, once: bool = False) -> None:
        """Override what boots next: a Redfish BootSource."""

    async def power(
        self, target: str, reset: str, limit_seconds: float = POWER_CHANGE_SECONDS, *, is_needed: bool = False
    ) -> None:
        """Do what this Redfish ResetType means until the power is `target`; nothing is sent where it is already.

        `is_needed`: that it is not has just been seen.
        """

    async def wait_power(self, target: str, limit_seconds: float = POWER_CHANGE_SECONDS) -> None:
        """Look until the power is `target`; BmcClientError when it takes longer than the limit."""


async def wait_power(client: BmcClient, target: str, limit_seconds: float, speed: float) -> None:
    """Ask once a second until the power is `target`; BmcClientError when it takes longer than the limit. `speed` divides all seconds."""
    try:
        async with asyncio.timeout(max(limit_seconds / speed, LEAST_POWER_CHANGE_SECONDS)):
            while await client.power_state() != target:  # noqa: ASYNC110 - a BMC tells nobody
                await asyncio.sleep(POWER_LOOK_SECONDS / speed)
    except TimeoutError as error:
        raise BmcClientError(f"Timed out after {limit_seconds:.0f} secs waiting for {target}") from error
