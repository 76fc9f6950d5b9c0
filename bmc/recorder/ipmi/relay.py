"""One IPMI BMC with the recorder before it: every packet passes unchanged, and every command is written down before it does.

The recorder derives each session's keys from the login that it forwards and from the BMC users' passwords, which are given by
reference. Packets that it cannot decrypt are forwarded too, and recorded as such.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping

from bmc.address import parse_ipmi_address
from bmc.recorder.faults import IPMI_KINDS
from bmc.recorder.frontend import Attachment, BmcFrontend
from bmc.recorder.ipmi.client_flow import Flow, SocketAddress
from bmc.recorder.limits import RelayLimits
from bmc.recorder.log.log import RecorderLogError
from bmc.recorder.settings import bind, place_of

Reachable = Callable[[str, str], bool]
"""Does a packet come through to the BMC of this name, from this address?"""


def everybody(_name: str, _address: str) -> bool:
    """Every packet comes through."""
    return True


class Relay(BmcFrontend):
    """An IPMI BMC behind the recorder. `users`: user -> password, read at every login."""

    kinds = IPMI_KINDS

    def __init__(self, attachment: Attachment, users: Mapping[str, str], limits: RelayLimits) -> None:
        super().__init__(attachment)
        to = parse_ipmi_address(attachment.settings.to)
        self._to = (to.host, to.port)
        self._users = users
        self._limits = limits
        self._flows: dict[SocketAddress, Flow] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def take(self, raw: bytes, client: SocketAddress, tell: Callable[[bytes], None]) -> None:
        """A packet came from a client; `tell` sends one back."""
        flow = self._flows.get(client)
        if flow is None:
            self._make_room()
            flow = self._flows[client] = Flow(self, client, tell, self._users, self._limits)
            flow.start(self._to)
        flow.take(raw)

    async def close(self) -> None:
        """Stop forwarding; pending requests are recorded as unknown."""
        await asyncio.gather(*(flow.close() for flow in self._flows.values()), *self._closing)
        self._flows.clear()
        self.forget_unfinished("the recorder was stopped")

    @property
    def clients(self) -> int:
        """How many clients there are."""
        return len(self._flows)

    def _make_room(self) -> None:
        """Forget the clients that are gone, and one more where there are too many."""
        gone = [client for client, flow in self._flows.items() if flow.is_idle(self._limits.idle_seconds)]
        if not gone and len(self._flows) >= self._limits.clients_max:
            gone = [min(self._flows, key=lambda client: self._flows[client].used)]
        for client in gone:
            flow = self._flows.pop(client)
            try:
                flow.forget()
            except RecorderLogError as error:
                self.trouble = str(error)
            closing = asyncio.create_task(flow.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


class RelayListener(asyncio.DatagramProtocol):
    """The place where one IPMI BMC is asked from now on."""

    def __init__(self, relay: Relay, reachable: Reachable) -> None:
        self.proxy = relay
        self.place = ""
        self._reachable = reachable
        self._bound: tuple[str, int] = ("", 0)
        self._transport: asyncio.DatagramTransport | None = None
        self._refusing: socket.socket | None = None

    async def open(self, bound: socket.socket) -> None:
        """Listen on a bound socket."""
        self._bound = bound.getsockname()[:2]
        self.place = place_of(bound)
        await self._listen(bound)

    async def close(self) -> None:
        """Listen no more, and forget all clients."""
        if self._refusing:
            self._refusing.close()
        if self._transport:
            self._transport.close()

    async def refuse(self) -> int:
        """Close the port; how many clients there were."""
        if self._transport is None:
            return 0
        # A socket that is connected elsewhere keeps the port, and lets the system say that nobody listens there.
        self._refusing = bind(*self._bound, socket.SOCK_DGRAM)
        self._refusing.connect(self._bound)
        self._transport.close()
        self._transport = None
        return self.proxy.clients

    async def accept(self) -> None:
        """Open the port again."""
        if self._refusing is not None:
            await self._listen(bind(*self._bound, socket.SOCK_DGRAM))
            self._refusing.close()
            self._refusing = None

    def datagram_received(self, data: bytes, client: SocketAddress) -> None:
        """A packet came from a client."""
        if self._reachable(self.proxy.name, str(client[0])):
            self.proxy.take(data, client, lambda packet: self._tell(packet, client))

    def _tell(self, packet: bytes, client: SocketAddress) -> None:
        if self._transport is not None:
            self._transport.sendto(packet, client)

    async def _listen(self, bound: socket.socket) -> None:
        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=bound)
