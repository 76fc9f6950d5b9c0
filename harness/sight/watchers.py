"""All watchers of a run: started together, ready together, ended with a final poll."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import NamedTuple, Protocol, Self

import msgspec

from bmc import protocols
from harness.errors import LabBrokeError, UsageError
from harness.journal.facts import SIDES, Side
from harness.journal.journal import Journal
from harness.kube.client import KubeCluster
from harness.lab.access import BmcAccess
from harness.lab.model import IronicAccess, Lab
from harness.sight.bmc import BmcSight
from harness.sight.event_subscriptions import event_subscriptions
from harness.sight.ironic import IronicSight
from harness.sight.kube.cluster import PIVOT_KINDS, WORKLOAD_KINDS, BodyStore, Kind, KubeSight
from harness.sight.network.probe import BmcTarget, ImageTarget, IronicTarget, ProbeSight, ProbeTarget


class WatchersLimits(msgspec.Struct, frozen=True):
    """How often a lab is looked at, and how long its watchers may take. In a lab faster than real time, intervals shrink with it."""

    bmc_ready_seconds: float = 300.0
    """Until every BMC was looked at once; a slow one takes many seconds for each of a look's requests."""
    ready_seconds: float = 60.0
    """After that, until every other watcher has had its first look."""
    close_seconds: float = 20.0
    """For the proof that a watch missed nothing."""
    bmc_poll_seconds: float = 1.0
    ironic_poll_seconds: float = 0.5
    least_poll_seconds: float = 0.2
    """Lower limit of both, also in fast labs: more polling would disturb the lab."""
    probe_poll_seconds: float = 10.0
    least_probe_poll_seconds: float = 0.5
    bmc_answer_seconds: float = 10.0
    least_bmc_answer_seconds: float = 0.5
    """Lower limit in labs faster than real time, where a BMC silent for a whole move is silent for a second or two."""

    def at_speed(self, speed: float) -> Self:
        """The limits for a lab of this speed: what is done over and over is done as many times more often."""
        return msgspec.structs.replace(
            self,
            bmc_poll_seconds=max(self.least_poll_seconds, self.bmc_poll_seconds / speed),
            ironic_poll_seconds=max(self.least_poll_seconds, self.ironic_poll_seconds / speed),
            probe_poll_seconds=max(self.least_probe_poll_seconds, self.probe_poll_seconds / speed),
            bmc_answer_seconds=max(self.least_bmc_answer_seconds, self.bmc_answer_seconds / speed),
        )


class SightSource(Protocol):
    """What every watcher has."""

    ready: asyncio.Event

    async def run(self) -> None:
        """Watch until cancelled."""
        ...


class Polling(SightSource, Protocol):
    """What polling watchers have in addition."""

    async def final(self) -> None:
        """Take the final poll, after `run` has ended."""
        ...


class Watchers:
    """The sights of one lab."""

    def __init__(self, limits: WatchersLimits) -> None:
        """None yet."""
        self.limits = limits
        self.kube: dict[str, KubeSight] = {}
        self.others: dict[str, Polling] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.cut_watches: dict[str, Callable[[], AbstractAsyncContextManager[None]]] = {}

    @property
    def all(self) -> dict[str, SightSource]:
        """Every sight by what it looks at."""
        return {**{f"cluster {name}": sight for name, sight in self.kube.items()}, **self.others}

    async def wait_for_bmcs(self) -> None:
        """Wait for the BMC watchers.

        They start before the clusters' because a host's promise begins when a cluster first shows it. Raises
        LabBrokeError naming those that are not ready.
        """
        await self._wait_for(
            {name: sight for name, sight in self.others.items() if isinstance(sight, BmcSight)}, self.limits.bmc_ready_seconds
        )

    async def wait_ready(self) -> None:
        """Wait until every watcher is ready. Raises LabBrokeError naming those that are not."""
        await self._wait_for(self.all, self.limits.ready_seconds)

    async def _wait_for(self, sights: Mapping[str, SightSource], seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                for sight in sights.values():
                    await sight.ready.wait()
        except TimeoutError:
            blind = [self._trouble(name, sight) for name, sight in sights.items() if not sight.ready.is_set()]
            raise LabBrokeError(f"no first look within {seconds:.0f} s at: {'; '.join(blind)}") from None

    def _trouble(self, name: str, sight: SightSource) -> str:
        troubles = getattr(sight, "troubles", {})
        said = ", ".join(f"{kind}: {trouble}" for kind, trouble in list(troubles.items())[:2])
        return f"{name} ({said})" if said else name

    async def close(self) -> None:
        """End all watchers with a final poll or barrier; a watcher that can no longer see records that itself."""
        async with asyncio.TaskGroup() as group:
            for kube in self.kube.values():
                group.create_task(kube.barrier(self.limits.close_seconds))
            for name, other in self.others.items():
                group.create_task(self._last_look(self.tasks[name], other))

    async def _last_look(self, task: asyncio.Task[None], sight: "Polling") -> None:
        task.cancel()
        await asyncio.wait([task])
        await sight.final()


class WatchContext(NamedTuple):
    """What is watched, and the store of raw bodies."""

    lab: Lab
    clusters: dict[str, KubeCluster]
    bmcs: dict[str, BmcAccess]
    bodies: BodyStore
    namespace: str
    images: dict[str, str]
    limits: WatchersLimits = WatchersLimits()


@asynccontextmanager
async def watching(place: WatchContext, journal: Journal) -> AsyncIterator[Watchers]:
    """Run all watchers of a lab while the block runs."""
    limits = place.limits.at_speed(place.lab.speed)
    watchers = Watchers(limits)
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        add_cluster_watchers(watchers, place, journal)
        subscriptions = await stack.enter_async_context(event_subscriptions(journal, place.lab.events))
        events: list[asyncio.Task[None]] = []
        for access in place.bmcs.values():
            recorded = bool(place.lab.recorder_before(access.host))
            watcher = protocols.observer(
                access.address, access.credentials, tls=access.tls, deadline_seconds=limits.bmc_answer_seconds, recorded=recorded
            )
            stack.push_async_callback(watcher.close)
            sight = BmcSight(
                access.host,
                watcher,
                journal,
                interval_seconds=limits.bmc_poll_seconds,
                clients=owners_of(place.lab),
            )
            watchers.others[f"BMC of {access.host}"] = sight
            hearing = subscriptions.subscribe(access, sight.poll_now, deadline_seconds=limits.bmc_answer_seconds)
            events.append(group.create_task(hearing, name=f"events of {access.host}"))
        for side in SIDES:
            add_side_watchers(watchers, place, side, journal, stack)
        try:
            watchers.tasks = {name: group.create_task(sight.run(), name=name) for name, sight in watchers.others.items()}
            await watchers.wait_for_bmcs()
            watchers.tasks |= {
                name: group.create_task(sight.run(), name=name)
                for name, sight in watchers.all.items()
                if name not in watchers.tasks
            }
            yield watchers
        finally:
            for task in (*watchers.tasks.values(), *events):
                task.cancel()


def add_cluster_watchers(watchers: Watchers, place: WatchContext, journal: Journal) -> None:
    """Add a watcher for each cluster, and the function that cuts its watches."""
    key = secrets.token_bytes(32)
    for name, cluster in place.clusters.items():
        kinds = WORKLOAD_KINDS if name == "workload" else (*PIVOT_KINDS, *ironic_kinds(place.lab, name))
        watchers.kube[name] = KubeSight(
            cluster,
            name,  # type: ignore[arg-type]
            journal,
            kinds=kinds,
            namespace=place.namespace,
            bodies=place.bodies,
            key=key,
        )
        watchers.cut_watches[name] = cluster.severed


def ironic_kinds(lab: Lab, side: str) -> tuple[Kind, ...]:
    """The Pods of this side's Ironic: they distinguish its absence from a gap in coverage."""
    access: IronicAccess | None = getattr(lab.ironic, side)
    return (Kind("Pod", namespace=access.runs_as.namespace),) if access and access.runs_as else ()


def add_side_watchers(watchers: Watchers, place: WatchContext, side: Side, journal: Journal, stack: AsyncExitStack) -> None:
    """Add watchers for a side's Ironic and for the network from its vantage, if the lab has them."""
    lab: Lab = place.lab
    access: IronicAccess | None = getattr(lab.ironic, side)
    if access is not None:
        sight = IronicSight(
            side, access.url, login(access), journal, interval_seconds=watchers.limits.ironic_poll_seconds, ca=access.ca
        )
        stack.push_async_callback(sight.close)
        watchers.others[f"Ironic of the {side}"] = sight
    vantage = getattr(lab.clusters, side).vantage
    if vantage:
        watchers.others[f"network from the {side}"] = ProbeSight(
            side, vantage, targets(place), journal, interval_seconds=watchers.limits.probe_poll_seconds
        )


def targets(place: WatchContext) -> list[ProbeTarget]:
    """What is probed from each side: every BMC, both Ironics, every image that a host runs."""
    bmcs: list[ProbeTarget] = [BmcTarget(bmc.host, bmc.address, bmc.login, bmc.tls) for bmc in place.bmcs.values()]
    ironics: list[ProbeTarget] = []
    for side in SIDES:
        access: IronicAccess | None = getattr(place.lab.ironic, side)
        if access is not None:
            ironics.append(IronicTarget(side, access.url, login(access), access.ca))
    return [*bmcs, *ironics, *(ImageTarget(url, checksum) for url, checksum in place.images.items())]


def login(access: IronicAccess) -> tuple[str, str] | None:
    """User and password of an Ironic; UsageError where they cannot be had."""
    try:
        credentials = access.credentials.resolve() if access.credentials else None
    except ValueError as error:
        raise UsageError(f"credentials of the Ironic at {access.url}: {error}") from error
    return (credentials.username, credentials.password) if credentials else None


def owners_of(lab: Lab) -> dict[str, str]:
    """Client names by source address: each Ironic calls from its cluster's vantage."""
    places = {side: getattr(lab.clusters, side).vantage for side in SIDES}
    return {address: f"ironic-{side}" for side, address in places.items() if address}
