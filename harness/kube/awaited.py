"""A cluster that is not there yet: its kubeconfig appears later, or its API server answers later; and it may be gone again one day.

Until it has answered for the first time, that nobody can be reached means that it is not there; afterwards it is trouble, as with any
cluster, until whoever ends it says so.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from harness.kube.client import open_connection
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterEndpoint, ClusterError, NotThereError

LOOK_SECONDS = 0.5
"""So long an answer is good that it is not there: all that watch it ask again and again."""

Appear = Callable[[], Awaitable[None]]
"""Sees to it that the kubeconfig's file is there; raises NotThereError where that cannot be yet."""


class AwaitedCluster(KubeCluster):
    """A cluster that may not be there; every call raises NotThereError then. `appear` is asked for its kubeconfig."""

    def __init__(self, place: ClusterEndpoint, context: str | None, appear: Appear, stack: AsyncExitStack) -> None:
        """Nothing is asked yet; `stack` closes what is opened."""
        self.place = place
        self._context = context
        self._appear = appear
        self._stack = stack
        self._opening = asyncio.Lock()
        self._opened = self._answered = False
        self._good_until = 0.0
        self._absence: Callable[[], NotThereError] = lambda: NotThereError(self.place, "it was not looked for yet")
        self._over = ""
        super().__init__(place, None, None)  # type: ignore[arg-type]  # no call gets so far before there are both

    def is_over(self, says: str) -> None:
        """It is not there any more, as it should be; `says` tells why."""
        self._over = says

    @contextmanager
    def wire(self, asked: str, seconds: float) -> Iterator[None]:
        """As of any cluster; but who was never reached is not there."""
        try:
            with super().wire(asked, seconds):
                yield
        except ClusterError as error:
            if self._answered or not is_unreached(error.__cause__):
                raise
            raise self._absent(f"{error.says} It never answered, so its control plane is not up yet", unreached=True) from error

    async def _authorized(self, request: Any, idle_seconds: float | None = None) -> aiohttp.ClientResponse:
        await self._open()
        response = await super()._authorized(request, idle_seconds)
        self._answered = True
        return response

    async def _open(self) -> None:
        if self._over:
            raise NotThereError(self.place, self._over)
        clock = asyncio.get_running_loop().time
        async with self._opening:
            if not self._answered and clock() < self._good_until:
                raise self._absence()
            if not self._opened:
                await self._connect()

    async def _connect(self) -> None:
        try:
            await self._appear()
        except NotThereError as error:
            raise self._absent(error.says) from None
        opened = open_connection(self.place.kubeconfig, self._context, name=self.place.cluster)
        self.place, self._session, self._credentials = await self._stack.enter_async_context(opened)
        self._opened = True

    def _absent(self, says: str, *, unreached: bool = False) -> NotThereError:
        self._good_until = asyncio.get_running_loop().time() + LOOK_SECONDS
        self._absence = partial(NotThereError, self.place, says, is_unreached=unreached)
        return self._absence()


def is_unreached(cause: BaseException | None) -> bool:
    """Is this what a server that is not there yet looks like: refused, no way to it, no answer? Not one whose certificate is wrong."""
    wrong = aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError
    return isinstance(cause, aiohttp.ClientConnectorError | TimeoutError) and not isinstance(cause, wrong)


@asynccontextmanager
async def open_awaited(
    kubeconfig: Path, context: str | None = None, *, name: str, appear: Appear
) -> AsyncIterator[AwaitedCluster]:
    """The cluster of a kubeconfig that may not be there yet; closed at the end of the block."""
    async with AsyncExitStack() as stack:
        yield AwaitedCluster(ClusterEndpoint(name, kubeconfig), context, appear, stack)
