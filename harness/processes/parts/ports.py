"""Ports for programs that cannot be told to take a free one and say which."""

import random
import socket
from pathlib import Path

from harness.errors import LabBrokeError

FIRST_PORT = 10_000
LAST_PORT = 32_767
RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
TRIES = 200

_given: set[int] = set()


def free_port(address: str) -> int:
    """A TCP port of this address that nobody listens at and that was not given before.

    It lies below the range from which the kernel takes ports for outgoing connections: such a one could be taken, at any address of
    the machine, before the program that it was chosen for gets to listen. Raises LabBrokeError where no port can be had.
    """
    last = min(LAST_PORT, _first_ephemeral() - 1)
    for _ in range(TRIES):
        port = random.randint(FIRST_PORT, max(FIRST_PORT + 1000, last))  # noqa: S311 - only to keep out of each other's way
        if port not in _given and _is_free(address, port):
            _given.add(port)
            return port
    raise LabBrokeError(f"no port of {address} from {FIRST_PORT} to {last} is free: end what listens there")


def _is_free(address: str, port: int) -> bool:
    try:
        socket.create_server((address, port)).close()
    except OSError:
        return False
    return True


def _first_ephemeral() -> int:
    try:
        return int(RANGE.read_text(encoding="utf-8").split()[0])
    except (OSError, ValueError, IndexError):
        return LAST_PORT + 1
