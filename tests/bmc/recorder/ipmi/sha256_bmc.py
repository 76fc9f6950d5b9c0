"""A BMC that speaks cipher suite 17 (SHA-256) and knows one command, for clients that judge it: ipmitool and pyghmi check every proof.

No BMC that can be installed speaks that suite, so this one is made of the product's own keys; were they wrong, no client would talk to it.
"""

import asyncio
import hmac
import secrets
import struct
from contextlib import asynccontextmanager

from bmc.ipmi.wire import APP, CHASSIS, App, Chassis
from bmc.recorder.ipmi import packets
from bmc.recorder.ipmi.packets import answer_to, build_new, build_old, parse, read_message
from bmc.recorder.ipmi.session_keys import Keys, Suite
from tests.bmc.ipmi.serving import CREDENTIALS

SUITE = Suite(3, 4, 1)
BMC_ID = 0x11223344
GUID = bytes(range(16))


class Sha256Bmc(asyncio.DatagramProtocol):
    def __init__(self, own_key: bytes) -> None:
        self._own_key = own_key or CREDENTIALS.password.encode()
        self.commands: list[tuple[int, int, bytes]] = []
        self._keys: Keys | None = None
        self._sequence = 0

    def connection_made(self, transport) -> None:
        self._transport = transport

    def datagram_received(self, data, address) -> None:
        self._transport.sendto(self._answer(parse(data)), address)

    def _answer(self, packet) -> bytes:
        if packet.session and self._keys:
            self._sequence += 1
            answer = self._command(read_message(self._keys.open(packet)))
            return self._keys.seal(answer, packet, self._console, self._sequence)
        if packet.kind == packets.IPMI_MESSAGE:
            answer = self._command(read_message(packet.payload))
            return build_old(0, 0, 0, answer, b"") if packet.is_old else build_new(0, 0, 0, answer)
        step = {packets.OPEN_REQUEST: self._open, packets.RAKP1: self._prove, packets.RAKP3: self._confirm}[packet.kind]
        return build_new(packet.kind + 1, 0, 0, step(packet.payload))

    def _command(self, message) -> bytes:
        self.commands.append((message.netfn, message.command, message.data))
        data = {
            (APP, App.GET_CHANNEL_AUTH): bytes([1, 0x80, 0x04, 0x02, 0, 0, 0, 0]),
            (APP, App.GET_CIPHER_SUITES): b"\x01\xc0\x11\x03\x44\x81",
            (APP, App.GET_DEVICE_ID): bytes([0x20, 1, 1, 0, 2, 0x86, 0, 0, 0, 0, 0]),
            (APP, App.SET_SESSION_PRIVILEGE): message.data[:1],
            (CHASSIS, Chassis.GET_STATUS): bytes([1, 0, 0, 0]),
            (CHASSIS, Chassis.CONTROL): b"",
            (APP, App.CLOSE_SESSION): b"",
        }.get((message.netfn, message.command))
        return answer_to(message, 0xC1) if data is None else answer_to(message, 0, data)

    def _open(self, payload) -> bytes:
        self._console = struct.unpack_from("<I", payload, 4)[0]
        algorithms = b"".join(bytes([kind, 0, 0, 8, number, 0, 0, 0]) for kind, number in enumerate(SUITE))
        return bytes([payload[0], 0, 4, 0]) + payload[4:8] + BMC_ID.to_bytes(4, "little") + algorithms

    def _prove(self, payload) -> bytes:
        self._client_random, self._named = payload[8:24], payload[24:25] + payload[27:28] + payload[28:]
        self._random = secrets.token_bytes(16)
        console, own = self._console.to_bytes(4, "little"), BMC_ID.to_bytes(4, "little")
        said = console + own + self._client_random + self._random + GUID + self._named
        proof = hmac.digest(CREDENTIALS.password.encode(), said, "sha256")
        return bytes([payload[0], 0, 0, 0]) + console + self._random + GUID + proof

    def _confirm(self, payload) -> bytes:
        key = hmac.digest(self._own_key, self._client_random + self._random + self._named, "sha256")
        self._keys = Keys(SUITE, key)
        proof = hmac.digest(key, self._client_random + BMC_ID.to_bytes(4, "little") + GUID, "sha256")[:16]
        return bytes([payload[0], 0, 0, 0]) + self._console.to_bytes(4, "little") + proof


@asynccontextmanager
async def sha256_bmc(own_key: bytes = b""):
    """Its port, and the BMC; one with a key of its own (Kg) needs clients that know it too."""
    loop = asyncio.get_running_loop()
    transport, bmc = await loop.create_datagram_endpoint(lambda: Sha256Bmc(own_key), local_addr=("127.0.0.1", 0))
    try:
        yield transport.get_extra_info("sockname")[1], bmc
    finally:
        transport.close()
