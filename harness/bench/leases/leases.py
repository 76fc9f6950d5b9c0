"""The Leases of a run: one in each cluster that it writes to, journaled with their undo, renewed, and deleted at its end."""

import asyncio
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress

from harness.bench.leases.file_lock import FileLock
from harness.bench.leases.lease import DURATION_SECONDS, PATH, DeleteLease, HeldLease
from harness.errors import HeldError, LeaseLostError
from harness.journal.facts import SIDES, WriteDone, WriteIntended, WriteUndone
from harness.journal.journal import Journal
from harness.kube.absent import get_if_there
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterError, NotThereError
from harness.lab.undo import body_of

RENEW_SECONDS = DURATION_SECONDS / 3
RELEASE_SECONDS = 3.0
REFUSED = (403, 404, 405)


class Leases:
    """Those of one run; `own` are earlier holders whose Leases are ours to take."""

    def __init__(self, journal: Journal, clusters: Mapping[str, KubeCluster], own: Collection[str] = ()) -> None:
        self._journal = journal
        # Two runs that meet in two clusters take them in the same order, whatever each calls them: so one of them gets both.
        self._sides: list[str] = sorted(
            (side for side in SIDES if side in clusters), key=lambda side: clusters[side].place.address
        )
        self._clusters = clusters
        self._own = own
        self._holder = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
        self._held: dict[str, HeldLease] = {}
        self._locks: list[FileLock] = []
        self._lost: HeldError | None = None
        self._acquiring = asyncio.Lock()

    async def acquire(self) -> None:
        """Take all of them. HeldError where somebody else has one, ClusterError where a cluster does not answer."""
        for side in list(self._sides):
            await self._acquire(side)

    async def _acquire(self, side: str) -> None:
        """Take one; that of a cluster that is not there yet stays to be taken."""
        if await self._is_there(side):
            self._sides.remove(side)
            await self._take(side)

    async def _is_there(self, side: str) -> bool:
        try:
            await get_if_there(self._clusters[side], PATH)
        except NotThereError:
            return False
        except ClusterError as error:
            if error.status not in REFUSED:
                raise
        return True

    async def _take(self, side: str) -> None:
        lease = HeldLease(self._clusters[side], side, self._holder, self._journal.path.parent)
        undo = body_of(DeleteLease(cluster=side, holder=self._holder))
        fact = WriteIntended(write=f"lease-{side}", system=f"cluster {side}", what=f"hold the Lease of the {side}", undo=undo)
        await self._journal.durable(self._journal.record(fact))
        try:
            took = await lease.acquire(self._own)
        except (HeldError, ClusterError) as error:
            self._journal.record(WriteDone(write=fact.write, ok=False, says=str(error)))
            if isinstance(error, HeldError):
                self._journal.record(WriteUndone(write=fact.write, says="it was not made"))
                raise
            if error.status not in REFUSED:
                raise
            self._lock(side, error)
            return
        self._held[side] = lease
        self._journal.record(WriteDone(write=fact.write, ok=True, says=f"taken over from {took}" if took else ""))
        if took:
            sys.stderr.write(f"the Lease in the {side} is taken over from {took}\n")

    def _lock(self, side: str, error: ClusterError) -> None:
        lock = FileLock(self._clusters[side].place.address, side)
        lock.acquire()
        self._locks.append(lock)
        self._journal.record(WriteUndone(write=f"lease-{side}", says="it was not made"))
        sys.stderr.write(f"no Lease can be held in the {side}, so only runs on this machine are kept away: {error}\n")

    async def ask(self) -> None:
        """Are all still ours, and that of a cluster that has come into being? HeldError where not: then nothing may be written."""
        if self._lost:
            raise self._lost
        await self._acquire_come()
        await asyncio.gather(*(lease.ask() for lease in self._held.values()))

    async def _acquire_come(self) -> None:
        """Take those of clusters that were not there before."""
        async with self._acquiring:
            try:
                await self.acquire()
            except HeldError as error:
                self._lost = LeaseLostError(str(error))
                raise self._lost from error

    async def renew(self) -> None:
        """Renew all of them again and again; ends where one is lost, which is told."""
        while not self._lost:
            await asyncio.sleep(RENEW_SECONDS)
            for lease in self._held.values():
                try:
                    with suppress(ClusterError):
                        await lease.renew()
                except HeldError as error:
                    self._lost = error
                    sys.stderr.write(f"{error}\n")

    async def release(self) -> None:
        """Delete those that are ours; one that cannot be deleted stays in the journal for `harness recover`, and expires."""
        for side, lease in self._held.items():
            with suppress(ClusterError, TimeoutError):
                async with asyncio.timeout(RELEASE_SECONDS):
                    with suppress(NotThereError):
                        await lease.release()
                self._journal.record(WriteUndone(write=f"lease-{side}", says="given up"))
        for lock in self._locks:
            lock.release()


@asynccontextmanager
async def held_leases(journal: Journal, clusters: Mapping[str, KubeCluster], own: Collection[str] = ()) -> AsyncIterator[Leases]:
    """Hold the Leases of these clusters while the block runs. Raises HeldError before it where somebody else does, and ClusterError."""
    leases = Leases(journal, clusters, own)
    try:
        await leases.acquire()
        renewing = asyncio.create_task(leases.renew())
        try:
            yield leases
        finally:
            renewing.cancel()
    finally:
        await leases.release()
