"""How a node is made to boot its agent, and its disk afterwards: Ironic's boot interfaces.

The order of requests is that of the real `redfish-virtual-media` and `ipxe` in recorded runs.
"""

from typing import Protocol

from harness.emulated.ironic.agent_link import AgentLink
from harness.emulated.ironic.bmc_client import BmcClient
from harness.emulated.ironic.nodes import BaremetalNode
from harness.emulated.ironic.redfish_client import RedfishClient

VIRTUAL_MEDIA = "redfish-virtual-media"


class BootInterface(Protocol):
    """One node's boot interface. Every method raises BmcClientError."""

    async def prepare_agent(self) -> None:
        """Let the next boot be the agent's."""

    async def prepare_disk(self) -> None:
        """Let all further boots be the disk's."""

    async def clean_up(self) -> None:
        """Take away what an agent was booted from."""


class VirtualMediaBoot:
    """The BMC hands the server an image."""

    def __init__(self, client: RedfishClient, agents: AgentLink, node: BaremetalNode) -> None:
        self._client = client
        self._agents = agents
        self._node = node

    async def prepare_agent(self) -> None:
        """Insert the image, which carries the token, and boot from it once."""
        await self._client.eject_all()
        await self._client.insert(self._agents.image_of(self._node))
        await self._client.boot_from("Cd", once=True)

    async def prepare_disk(self) -> None:
        """Boot from disk, with nothing inserted."""
        await self._client.boot_from("Hdd")
        await self._client.eject_all()
        await self._client.boot_from("Hdd")

    async def clean_up(self) -> None:
        """Eject."""
        await self._client.eject_all()


class NetworkBoot:
    """The server asks the provisioning network what to boot; this Ironic answers for its MAC address."""

    def __init__(self, client: BmcClient, agents: AgentLink, node: BaremetalNode) -> None:
        self._client = client
        self._agents = agents
        self._node = node

    async def prepare_agent(self) -> None:
        """Have an answer ready, and boot from the network once."""
        self._agents.offer_netboot(self._node)
        await self._client.boot_from("Pxe", once=True)

    async def prepare_disk(self) -> None:
        """Boot from disk from now on."""
        await self._client.boot_from("Hdd")

    async def clean_up(self) -> None:
        """Nothing is left at the BMC."""


def boot_of(node: BaremetalNode, client: BmcClient, agents: AgentLink) -> BootInterface:
    """What its `boot_interface` names."""
    if node.body["boot_interface"] == VIRTUAL_MEDIA and isinstance(client, RedfishClient):
        return VirtualMediaBoot(client, agents, node)
    return NetworkBoot(client, agents, node)
