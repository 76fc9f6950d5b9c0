"""One management cluster of an embedded lab: who runs in it, under which Deployment, calling from which address."""

import asyncio

from harness.emulated.client import Client
from harness.emulated.controllers.deployments import Deployments, Part
from harness.emulated.controllers.informer import Key
from harness.emulated.controllers.runtime import Manager
from harness.emulated.ironic import Ironic
from harness.emulated.pace import Pace
from harness.emulated.seed import steady

LAB_AGENT = "lab"


class Side:
    """Source or target: its API server's address, its Ironic, and the controllers that its Deployments start."""

    def __init__(self, url: str, token: str, *, address: str, ironic: Ironic, pace: Pace) -> None:
        self._url = url
        self._token = token
        self._address = address
        self._ironic = ironic
        self._pace = pace

    def client(self, user_agent: str = LAB_AGENT) -> Client:
        """An API client that calls from this side's address."""
        return Client(self._url, self._token, user_agent=user_agent, local_address=self._address)

    async def run(self) -> None:
        """Run what the Deployments want, until cancelled."""
        async with self.client() as client:
            await Deployments(client, self._parts()).run()

    def _parts(self) -> dict[Key, Part]:
        return {steady.IRONIC: self._run_ironic}

    async def _run_ironic(self) -> None:
        await self._ironic.start()
        try:
            await asyncio.Event().wait()
        finally:
            await self._ironic.stop()

    async def _run_manager(self, manager: Manager) -> None:
        async with manager.client:
            await manager.run()
