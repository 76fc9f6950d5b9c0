"""Keeping pyghmi in one thread, and its client and its server in different processes.

pyghmi starts a thread that selects on its sockets for all callers; a wake-up lost between that thread and a caller stalls a
command until its timer expires. Here no such thread is ever started: whoever uses pyghmi does its I/O. Its client and its server
share module and class variables and hang each other, so a process is one or the other.
"""

import select
import threading
from typing import Literal

from pyghmi.ipmi.private import session as pyghmi_session

SocketRole = Literal["client", "server"]
MILLISECONDS = 1000

_roles: set[SocketRole] = set()


def confine(role: SocketRole) -> None:
    """Make this process pyghmi's client or its server, without threads of its own. RuntimeError where it is the other already."""
    if _roles - {role}:
        raise RuntimeError("pyghmi's client and its server hang each other: they need processes of their own")
    if role not in _roles:
        _roles.add(role)
        pyghmi_session.iothread = threading.main_thread()  # any value says that there is one
        pyghmi_session.iothreadready = True


def drain_sockets(seconds: float, wake: int) -> None:
    """Wait for packets or for `wake` (a file descriptor) to be readable; queue what came with its sessions."""
    poll = select.poll()
    for each in (*pyghmi_session.iosockets, wake):
        poll.register(each, select.POLLIN)
    poll.poll(max(0.0, seconds) * MILLISECONDS)
    pyghmi_session._io_graball(pyghmi_session.iosockets, {})  # noqa: SLF001 - pyghmi has no public way in
