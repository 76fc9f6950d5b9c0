"""Is there an IPMI controller? The ASF presence ping (RMCP, DSP0136 §3.2), which asks for no credentials and leaves no session."""

import asyncio
import socket

PING = bytes.fromhex("0600ff06000011be80000000")
PONG_TYPE = 0x40
PONG_TYPE_AT = 8


async def is_present(host: str, port: int, *, local_address: str, seconds: float) -> bool:
    """Did a pong come in time? Raises OSError where nothing can be sent."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as line:
        line.setblocking(False)
        if local_address:
            line.bind((local_address, 0))
        await loop.sock_connect(line, address)
        try:
            async with asyncio.timeout(seconds):
                await loop.sock_sendall(line, PING)
                while True:
                    answer = await loop.sock_recv(line, 128)
                    if len(answer) > PONG_TYPE_AT and answer[PONG_TYPE_AT] == PONG_TYPE:
                        return True
        except (TimeoutError, ConnectionRefusedError):
            return False
