"""The Lease of one cluster (coordination.k8s.io/v1): taken, renewed, asked about, taken over, deleted.

Times of another machine are not compared with ours: a Lease that looks expired is looked at for its whole time before it is taken
over. Only where its process ran on this machine, and is gone, that is known at once.
"""

import asyncio
import os
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bmc.names import USER_AGENT
from harness.errors import HeldError, LeaseLostError
from harness.files.machine import mark
from harness.files.problems import printable
from harness.journal.facts import Body
from harness.kube.absent import get_if_there
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterError, NotThereError
from harness.lab.undo import Undo, UndoAccess
from harness.processes.child import is_same_process, start_of

LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
"""In a namespace that every cluster has: two runs must meet in it, whatever they move."""

PATH = f"{LEASES}/{USER_AGENT}"
RUN, PROCESS = f"{USER_AGENT}/run", f"{USER_AGENT}/process"
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
DURATION_SECONDS = 30
DURATION_SECONDS_MAX = 60.0
"""No version of ours asks for more."""

LOOK_SECONDS = 0.25
TRIES = 5


class DeleteLease(Undo, frozen=True, kw_only=True, tag="lease"):
    """The Lease goes, where it is still that holder's."""

    cluster: str
    holder: str

    @property
    def touches_no_owner(self) -> bool:
        """It belongs to the harness alone."""
        return True

    async def undo(self, access: UndoAccess) -> None:
        """Delete it."""
        await delete(access.clusters[self.cluster], self.holder)


async def delete(cluster: KubeCluster, holder: str) -> None:
    """Delete the Lease where this holder has it; raises ClusterError."""
    for _ in range(TRIES):
        found = await get_if_there(cluster, PATH)
        if found is None or holder_of(found) != holder:
            return
        metadata = found["metadata"]
        try:
            await cluster.delete(
                PATH, {"preconditions": {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}}
            )
        except ClusterError as error:
            if error.status not in (404, 409):
                raise


class HeldLease:
    """The Lease of one cluster, to be held by `holder` for the run in this directory."""

    def __init__(self, cluster: KubeCluster, side: str, holder: str, run: Path) -> None:
        self._cluster = cluster
        self._side = side
        self._holder = holder
        self._run = run
        self._body: Body = {}
        self._confirmed = 0.0

    async def acquire(self, own: Collection[str] = ()) -> str:
        """Take it, also from holders that are our `own`; whom it was taken over from, or nothing. Raises HeldError, ClusterError."""
        for _ in range(TRIES):
            found = await get_if_there(self._cluster, PATH)
            took = "" if found is None else await self._takes_over(found, own)
            try:
                await self._write(found)
            except ClusterError as error:
                if error.status != 409:
                    raise
            else:
                return took
        raise HeldError(f"the Lease in the {self._side} changes hands all the time; see who runs beside us")

    async def _takes_over(self, found: Body, own: Collection[str]) -> str:
        """Whom it is taken over from; HeldError where that one may be alive."""
        if holder_of(found) in (self._holder, *own):
            return ""
        if is_gone(found):
            return f"{told(found)}, whose process is gone"
        if not is_late(found):
            raise HeldError(self._held_by(found))
        version = found["metadata"]["resourceVersion"]
        until = now() + min(seconds_of(found), DURATION_SECONDS_MAX)
        while now() < until:
            await asyncio.sleep(LOOK_SECONDS)
            seen = await get_if_there(self._cluster, PATH)
            if seen is not None and seen["metadata"]["resourceVersion"] != version:
                raise HeldError(self._held_by(seen))
        return f"{told(found)}, which has expired"

    def _held_by(self, found: Body) -> str:
        since = str((found.get("spec") or {}).get("acquireTime") or "an unknown time")
        cure = f"wait for its end; if nobody is there any more, `kubectl -n default delete lease {USER_AGENT}`"
        return (
            f"the {self._side} is held by {told(found)}, since {since}: two runs that write would undo each other's work; {cure}"
        )

    async def _write(self, found: Body | None) -> None:
        moment = datetime.now(UTC).strftime(TIME)
        epoch = epoch_of(found or {}) + (found is not None and holder_of(found) != self._holder)
        metadata: Body = {"name": USER_AGENT, "annotations": {RUN: str(self._run.resolve()), PROCESS: process_mark()}}
        body: Body = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": metadata,
            "spec": {
                "holderIdentity": self._holder,
                "leaseDurationSeconds": DURATION_SECONDS,
                "acquireTime": moment,
                "renewTime": moment,
                "leaseTransitions": epoch,
            },
        }
        sent = now()
        if found is None:
            self._body = await self._cluster.create(LEASES, body)
        else:
            metadata["resourceVersion"] = found["metadata"]["resourceVersion"]
            self._body = await self._cluster.put(PATH, body)
        self._confirmed = sent

    async def renew(self) -> None:
        """Say that we are still there. Raises LeaseLostError where it is another's, ClusterError where the cluster does not answer."""
        spec = self._body["spec"] | {"renewTime": datetime.now(UTC).strftime(TIME)}
        sent = now()
        try:
            self._body = await self._cluster.put(PATH, {**self._body, "spec": spec})
        except ClusterError as error:
            if error.status not in (404, 409):
                raise
            await self.ask()
            return
        self._confirmed = sent

    async def ask(self) -> None:
        """Is it still ours? LeaseLostError where it is not, or where nobody can tell and its time is over."""
        sent = now()
        try:
            found = await get_if_there(self._cluster, PATH)
        except ClusterError as error:
            if is_absent(error) or sent - self._confirmed < DURATION_SECONDS:
                return
            raise LeaseLostError(
                f"whether the Lease in the {self._side} is still ours cannot be told, and it has expired: {error}"
            ) from error
        if found is None:
            raise LeaseLostError(f"the Lease in the {self._side} was deleted under us; nothing more is written")
        if holder_of(found) != self._holder or epoch_of(found) != epoch_of(self._body):
            raise LeaseLostError(f"the Lease in the {self._side} was taken over by {told(found)}; nothing more is written")
        self._body = found

    async def release(self) -> None:
        """Delete it, where it is ours; raises ClusterError."""
        await delete(self._cluster, self._holder)


def is_absent(error: ClusterError) -> bool:
    """Is the cluster not there yet, or gone as it should be? Then nobody can write to it."""
    return isinstance(error, NotThereError) and not error.is_unreached


def now() -> float:
    """Seconds of a clock that also goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def holder_of(lease: Body) -> str:
    """Who holds a Lease."""
    return str((lease.get("spec") or {}).get("holderIdentity") or "")


def epoch_of(lease: Body) -> int:
    """How often it has changed hands."""
    return int((lease.get("spec") or {}).get("leaseTransitions") or 0)


def told(lease: Body) -> str:
    """Its holder and run, for people."""
    run = (lease["metadata"].get("annotations") or {}).get(RUN)
    return printable(f"{holder_of(lease) or 'nobody'}{f' (run {run})' if run else ''}")


def seconds_of(lease: Body) -> float:
    """For how long it holds without being renewed."""
    return float((lease.get("spec") or {}).get("leaseDurationSeconds") or DURATION_SECONDS)


def is_late(lease: Body) -> bool:
    """Was it not renewed in its time, if its holder's clock is as ours?"""
    spec = lease.get("spec") or {}
    try:
        renewed = datetime.strptime(str(spec.get("renewTime") or ""), TIME).replace(tzinfo=UTC)
    except ValueError:
        return True
    return datetime.now(UTC) > renewed + timedelta(seconds=seconds_of(lease))


def is_gone(lease: Body) -> bool:
    """Did its process run here, and is it gone?"""
    here, _, rest = str((lease["metadata"].get("annotations") or {}).get(PROCESS) or "").partition(" ")
    pid, _, began = rest.partition(" ")
    if here != place_mark() or not (pid.isdigit() and began.isdigit()):
        return False
    return not is_same_process(int(pid), int(began))


def process_mark() -> str:
    """Where this process runs, its number there, and when it was started."""
    return f"{place_mark()} {os.getpid()} {start_of(os.getpid())}"


def place_mark() -> str:
    """This machine, and the space of process numbers on it: a container has its own."""
    try:
        numbers = f"{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        numbers = ""
    return mark("process", numbers)
