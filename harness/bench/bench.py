"""A running lab: connections for writing, and the calls that steps and faults may use.

Every write goes through `writing`, which journals it with its undo, and waits until that is on the disk, before it is done.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from harness.bench.limits import BenchLimits
from harness.bench.waiting import Live
from harness.errors import StepFailedError, UsageError
from harness.files.words import WordFiles
from harness.journal.facts import Body, WriteDone, WriteIntended, WriteUndone
from harness.journal.journal import Journal
from harness.kube.awaited import AwaitedCluster
from harness.kube.cluster import KubeCluster
from harness.kube.errors import ClusterError, NotThereError
from harness.kube.pod_logs import container_logs, masked_lines
from harness.lab.access import BmcAccess
from harness.lab.model import Lab, RunsAs
from harness.lab.undo import Undo, UndoAccess, body_of
from harness.metal3 import BMO_DEPLOYMENT
from harness.sight.sources.kube import cluster_watch
from harness.world.hosts import first_worker, hosts
from harness.world.world import World

Answer = TypeVar("Answer")


class ScaleBack(Undo, frozen=True, kw_only=True, tag="scale"):
    """The Deployment (`namespace/name`) gets its replicas back."""

    cluster: str
    deployment: str
    replicas: int

    async def undo(self, access: UndoAccess) -> None:
        """Set them."""
        body = {"spec": {"replicas": self.replicas}}
        await access.clusters[self.cluster].patch_merge(deployment_path(self.deployment), body)


class Bench:
    """One switched-on lab. `clusters` are for writing; observations come from the journal only."""

    def __init__(
        self,
        lab: Lab,
        directory: Path,
        journal: Journal,
        clusters: Mapping[str, KubeCluster],
        limits: BenchLimits | None = None,
    ) -> None:
        """Takes open connections; the caller closes them."""
        self.lab = lab
        self.limits = limits or BenchLimits()
        self.directory = directory
        self.journal = journal
        self.clusters = clusters
        self.live = Live(journal)
        self.bmcs: dict[str, BmcAccess] = {}
        self.cut_watches: dict[str, Callable[[], Any]] = {}
        self.leave_watch: Callable[[str, str], Awaitable[None]] = _nobody_watches
        self.words = WordFiles()
        self.ends_mover = True
        """Does a mover end where its step is broken off? Not on a lab that goes on: a move that stops half-way is worse than one unseen."""
        self.backup: Path | None = None
        """Where what the first move carries is kept before it; None: nowhere, or it was."""
        self.may_write: Callable[[], Awaitable[None]] = allowed
        """Asked before each write; HeldError where somebody else has come to hold a cluster."""
        self._writes = itertools.count(1)

    @property
    def world(self) -> World:
        """Everything recorded so far."""
        return self.live.world

    @property
    def namespace(self) -> str:
        """The namespace of the Cluster and the hosts."""
        return self.lab.namespace

    def scaled(self, seconds: float) -> float:
        """A settling time of real labs, divided by this lab's speed."""
        return seconds / self.lab.speed

    async def until(self, holds: Callable[[World], bool], seconds: float, what: str | Callable[[], str]) -> None:
        """Wait for a fact. Raises StepFailedError after `seconds`."""
        await self.live.until(holds, seconds, what)

    def host(self, name: str) -> str:
        """The named host, or for an empty name the first claimed worker; UsageError where this lab has none."""
        known = [host.name for host in hosts(self.world)]
        if name and name not in known:
            raise UsageError(f"this lab has no host {name}; it has {', '.join(known)}")
        worker = None if name else first_worker(self.world)
        if not name and worker is None:
            raise UsageError("this lab has no claimed host; claim one by a Machine before you pivot")
        return worker.name if worker else name

    @asynccontextmanager
    async def writing(self, system: str, what: str, *, host: str = "", undo: Undo | None = None) -> AsyncIterator[str]:
        """Journal a write durably before the block does it, and its result afterwards. Yields the write's name."""
        body = body_of(undo)
        name = f"w{next(self._writes)}"
        intended = self.journal.record(WriteIntended(write=name, system=system, what=what, host=host, undo=body))
        await self.journal.durable(intended)
        try:
            await self.may_write()
            yield name
        except BaseException as error:
            self.journal.record(WriteDone(write=name, ok=False, says=f"{type(error).__name__}: {error}"))
            raise
        self.journal.record(WriteDone(write=name, ok=True))

    def undone(self, write: str, says: str = "") -> None:
        """Record that a write was undone, or needs no undo."""
        self.journal.record(WriteUndone(write=write, says=says))

    async def scale(self, side: str, deployment: str, replicas: int) -> None:
        """Set the replicas of a Deployment (`namespace/name`); StepFailedError where the cluster refuses."""
        path = deployment_path(deployment)
        before = await self.ask(self.clusters[side].get_json(path))
        count = (before.get("spec") or {}).get("replicas", 1)
        undo = ScaleBack(cluster=side, deployment=deployment, replicas=count)
        async with self.writing(f"cluster {side}", f"scale {deployment} from {count} to {replicas}", undo=undo):
            await self.ask(self.clusters[side].patch_merge(path, {"spec": {"replicas": replicas}}))

    async def ask(self, call: Awaitable[Answer]) -> Answer:
        """Await a call to a cluster; raises what `step_error` makes of a ClusterError."""
        try:
            return await call
        except ClusterError as error:
            raise step_error(error) from error

    async def require(self, cluster: str) -> None:
        """UsageError where a cluster that appears later is not there yet, or not any more; its kubeconfig is in its file then."""
        if isinstance(found := self.clusters[cluster], AwaitedCluster):
            await self.ask(found.get_json("/version"))

    async def keep_logs(self, side: str, namespace: str, is_wanted: Callable[[Body], bool]) -> str:
        """Keep the logs of these Pods' containers in `logs/`, masked, before they are removed; what was kept and what was not, in words.

        Nothing fails for want of a log.
        """
        kept, wrong = 0, list[str]()
        try:
            async for log in container_logs(self.clusters[side], namespace, is_wanted):
                if log.says:
                    wrong.append(log.says)
                    continue
                place = self.directory / "logs" / f"{side}-{log.pod}-{log.container}.log"
                place.parent.mkdir(exist_ok=True)
                await asyncio.to_thread(write_lines, place, masked_lines(log.text))
                kept += 1
        except (ClusterError, OSError) as error:
            wrong.append(f"its logs cannot be kept: {error}")
        return "; ".join([*([f"the logs of {kept} containers are kept in logs/"] if kept else []), *wrong])

    async def see_off(self, cluster: str, says: str) -> None:
        """A cluster is about to end as it should: end its watch, with the proof that nothing was missed; nobody is asked there again."""
        await self.leave_watch(cluster_watch(cluster), says)
        if isinstance(found := self.clusters[cluster], AwaitedCluster):
            found.is_over(says)

    def bmo_deployment(self, side: str) -> str:
        """`namespace/name` of the Baremetal Operator's Deployment; StepFailedError where the cluster has none."""
        for key, _ in self.world.living(side, "Deployment"):
            if key.name == BMO_DEPLOYMENT:
                return f"{key.namespace}/{key.name}"
        raise StepFailedError(f"the {side} has no Deployment {BMO_DEPLOYMENT}: no Baremetal Operator is installed there")

    def ironic_runs_as(self, side: str) -> RunsAs:
        """What to stop and start for this side's Ironic; UsageError where the lab file does not tell."""
        ironic = getattr(self.lab.ironic, side)
        if ironic is None or ironic.runs_as is None:
            raise UsageError(
                f"{self.lab.path}: `ironic.{side}.runs_as` is missing, so this step cannot stop or start that Ironic"
            )
        return ironic.runs_as  # type: ignore[no-any-return]

    def network_control(self) -> str:
        """The base address of the lab's manageable network; UsageError where it has none."""
        if self.lab.network is None:
            raise UsageError(f"{self.lab.path}: this lab has no `network.control`, so nothing can be cut in it")
        return self.lab.network.control

    def recorder_control(self, host: str) -> str:
        """The base address of the control of the recorder before this host's BMC; UsageError where the lab names none."""
        control = self.lab.recorder_before(host)
        if not control:
            raise UsageError(f"{self.lab.path}: `hosts.{host}.recorder` is missing, so nothing can be injected before its BMC")
        return control


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write a file of these."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)


async def allowed() -> None:
    """Who holds no Lease has nobody to ask."""


def step_error(error: ClusterError) -> StepFailedError | UsageError:
    """What a step raises where a cluster does not answer as it should: a stage that comes too early or too late is refused."""
    return UsageError(str(error)) if isinstance(error, NotThereError) else StepFailedError(str(error))


async def _nobody_watches(name: str, says: str) -> None:
    """There is no watch that could end."""
    del name, says


def deployment_path(deployment: str) -> str:
    """The API path of `namespace/name`."""
    namespace, _, name = deployment.partition("/")
    return f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}"


def replicas_of(world: World, side: str, deployment: str) -> int | None:
    """The available replicas that a Deployment's status tells, None where it was not seen."""
    namespace, _, name = deployment.partition("/")
    version = world.last(side, "Deployment", namespace, name)
    return None if version is None else int(version.get("status", "availableReplicas") or 0)
