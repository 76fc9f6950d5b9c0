"""The one thread of this process in which pyghmi's client lives. Work comes in through `submit`, answers leave by callbacks."""

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable
from functools import cache

from pyghmi.ipmi.private import session as pyghmi_session

from bmc.errors import BmcError
from bmc.ipmi.client.confinement import confine, drain_sockets
from bmc.ipmi.client.session import ClientSession

IDLE_SECONDS = 60.0
"""How long the thread sleeps when nothing is to be sent again; packets and work wake it."""

Call = Callable[[], None]


class ClientThread:
    """pyghmi's event loop. Everything that touches a session is submitted here."""

    def __init__(self) -> None:
        confine("client")
        self._work: deque[Call] = deque()
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        pyghmi_session._io_wait = self._wait  # noqa: SLF001 - the wait of the thread that pyghmi would have started
        threading.Thread(target=self._run, name="ipmi client", daemon=True).start()

    def submit(self, work: Call) -> None:
        """Let the thread do this; from any thread. `work` raises nothing."""
        self._work.append(work)
        with contextlib.suppress(BlockingIOError):  # full: it is awake
            self._wake.send(b"\0")

    def _run(self) -> None:
        while True:
            while self._work:
                self._work.popleft()()
            try:
                ClientSession.wait_for_rsp(IDLE_SECONDS)
            except Exception as error:  # noqa: BLE001 - a bug of pyghmi's must not end the thread for every BMC
                _fail_all(error)

    def _wait(self, seconds: float, _address: object = None, _events: object = None) -> None:
        drain_sockets(0.0 if self._work else seconds, self._woken.fileno())
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(4096)


def _fail_all(error: Exception) -> None:
    says = f"pyghmi failed ({type(error).__name__})"
    for by_port in list(ClientSession.bmc_handlers.values()):
        for session in list(by_port.values()):
            session.fail(BmcError(kind="content", blame="bmc", says=says))


@cache
def client_thread() -> ClientThread:
    """This process's thread, started at the first use."""
    return ClientThread()
